"""Batches as they are kept until they have passed."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from unfelt.adapters.sources import Batch, Intake, Split
from unfelt.kernel.tally import Tally


def write_batch(batch: Batch) -> str:
    """The batch as JSON."""
    return json.dumps(asdict(batch), default=_spelled)


def _spelled(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def read_batch(text: str) -> Batch:
    """The batch that `write_batch` wrote, equal to it."""
    plain = json.loads(text)
    intake = plain["intake"] | {"examples": tuple(plain["intake"]["examples"])}
    return Batch(
        **plain
        | {
            "until": _moment(plain["until"]),
            "read": _moment(plain.get("read")),
            "tallies": tuple(Tally(**tally) for tally in plain["tallies"]),
            "failures": tuple(Tally(**tally) for tally in plain["failures"]),
            "splits": tuple(Split(**split) for split in plain["splits"]),
            "stale": tuple(plain["stale"]),
            "intake": Intake(**intake),
        }
    )
