"""Which kinds of source there are; each is loaded when it is first asked for."""

from importlib import import_module
from typing import Any

from unfelt.adapters.sources import SourceError
from unfelt.conf.language import Message

SOURCES = {
    "access_log": "unfelt.adapters.sources.live.LiveSource",
    "reconciliation": "unfelt.adapters.sources.promises.Promises",
    "recording": "unfelt.adapters.sources.replay.Replay",
}
"""A live source reads the router's log and, for metrics of kind reconciliation, the stores beside it."""


def source(kind: str) -> Any:  # noqa: ANN401  (each kind has its own constructor)
    """What reads that kind of source; SourceError for a kind that is not known."""
    if kind not in SOURCES:
        raise SourceError(
            Message(
                "There is no source of kind {kind}. Known: {known}.", kind=kind, known=", ".join(sorted(SOURCES))
            )
        )
    module, _, name = SOURCES[kind].rpartition(".")
    return getattr(import_module(module), name)
