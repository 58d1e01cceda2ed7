"""What can be seen of everything that is installed without driving it."""

from collections.abc import Iterator
from inspect import isfunction
from typing import Any

from unfelt.adapters.channels import Channel
from unfelt.adapters.routers import WatchedRouter
from unfelt.adapters.routers.handles import Handle
from unfelt.adapters.sources import Source
from unfelt.adapters.sources.forms import LogForm
from unfelt.conf import plugins
from unfelt.documents.source import PromiseSource
from unfelt.documents.source_kinds import source_kinds
from unfelt.engines.ledger.entry_kinds import entry_kinds
from unfelt.engines.ledger.payload import Payload
from unfelt.engines.rights import rights
from unfelt.testing.contracts.checks import label_faults
from unfelt.testing.contracts.engines import engine_faults

PROTOCOLS: dict[str, type] = {
    "channel": Channel,
    "log_form": LogForm,
    "router": WatchedRouter,
    "router_handle": Handle,
    "source": Source,
}
"""By kind of part, what each must be able to do."""


def faults() -> list[str]:
    """Everything that does not hold, of whatever is registered in this installation; empty where all does."""
    entry_kinds(), rights()  # What cannot be used is a problem from here on.
    found = [f"{one.name}: {one.said}" for one in plugins.problems()]
    for kind, protocol in PROTOCOLS.items():
        for name in plugins.names(kind):
            found += [f"{kind} {name}: {fault}" for fault in part_faults(plugins.part(kind, name), kind, protocol)]
    for name in plugins.names("router"):
        if name not in plugins.names("router_handle"):
            found.append(f"router {name}: it has no router_handle: nobody could take its customers back")
    for name, form in source_kinds().items():
        if issubclass(form, PromiseSource) and name not in plugins.names("source_reader"):
            found.append(f"source_kind {name}: it has no source_reader: nobody could look up its promises")
    for name in plugins.names("evidence"):
        found += [f"evidence {name}: {fault}" for fault in evidence_faults(plugins.part("evidence", name), name)]
    for name in plugins.engines():
        found += [f"engine {name}: {fault}" for fault in engine_faults(name)]
    return found


def part_faults(part: Any, kind: str, protocol: type) -> Iterator[str]:  # noqa: ANN401
    """What a part of that kind cannot do."""
    for owner in protocol.__mro__[:-3]:  # Without Protocol, Generic and object.
        for name, asked in {**owner.__annotations__, **vars(owner)}.items():
            if not name.startswith("_") and not hasattr(part, name):
                yield f"it has no {name}" + ("()" if isfunction(asked) else "")
    if kind == "router" and (form := getattr(part, "log_form", "")) not in plugins.names("log_form"):
        yield f"its log_form {form!r} is not registered"
    if kind == "channel":
        yield from label_faults(getattr(part, "label", None))


def evidence_faults(form: Any, name: str) -> Iterator[str]:  # noqa: ANN401
    """What does not hold of a kind of evidence: its name, its label, its verdict, and how it is brought."""
    if not (isinstance(form, type) and issubclass(form, Payload)):
        yield "it is no Payload"
        return
    if getattr(form, "kind", None) != name:
        yield f"its kind is {getattr(form, 'kind', None)!r}"
    yield from label_faults(getattr(form, "label", None))
    if not form.speaks and form.ruled is Payload.ruled and "numbers" not in form.model_fields:
        yield "no verdict follows from it: it has neither numbers nor a word of its own"
    if form.is_brought == (form.bring.__func__ is Payload.bring.__func__):  # type: ignore[attr-defined]
        yield "it says whether people bring it, and has no way of it; or has one, and does not say so"
