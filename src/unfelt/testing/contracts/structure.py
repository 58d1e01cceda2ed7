"""What holds of every part that is registered: run over ours by unfelt's tests, and over yours by your own.

`assert faults() == []` in a test of the package that installs the plug-in.
"""

from collections.abc import Iterator
from inspect import isfunction
from types import ModuleType
from typing import Any

from unfelt.adapters.routers import WatchedRouter
from unfelt.adapters.routers.handles import Handle
from unfelt.adapters.sources.forms import LogForm
from unfelt.conf import plugins
from unfelt.conf.language import Message, in_language
from unfelt.engines.ledger.entry_kinds import COVERS, EntryKind, entry_kinds

PROTOCOLS: dict[str, type] = {"router": WatchedRouter, "router_handle": Handle, "log_form": LogForm}
"""By kind of part, what each must be able to do."""


def faults() -> list[str]:
    """Everything that does not hold, of whatever is registered in this installation; empty where all does."""
    entry_kinds()  # What cannot be used is a problem from here on.
    found = [f"{one.name}: {one.said}" for one in plugins.problems()]
    for kind, protocol in PROTOCOLS.items():
        for name in plugins.names(kind):
            found += [f"{kind} {name}: {fault}" for fault in part_faults(plugins.part(kind, name), kind, protocol)]
    for name in plugins.names("router"):
        if name not in plugins.names("router_handle"):
            found.append(f"router {name}: it has no router_handle: nobody could take its customers back")
    for engine, module in plugins.modules("entries"):
        found += [f"engine {engine}: {fault}" for fault in entry_faults(module)]
    return found


def part_faults(part: Any, kind: str, protocol: type) -> Iterator[str]:  # noqa: ANN401
    """What a part of that kind cannot do."""
    for owner in protocol.__mro__[:-3]:  # Without Protocol, Generic and object.
        for name in vars(owner):
            if not name.startswith("_") and not hasattr(part, name):
                yield f"it has no {name}" + ("()" if isfunction(vars(owner)[name]) else "")
        for name in owner.__annotations__:
            if not hasattr(part, name):
                yield f"it has no {name}"
    if kind == "router" and (form := getattr(part, "log_form", "")) not in plugins.names("log_form"):
        yield f"its log_form {form!r} is not registered"


def entry_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of an engine's kinds of ledger entries."""
    kinds = getattr(module, "KINDS", None)
    if not kinds:
        yield "its entries have no KINDS"
        return
    for kind in kinds:
        if not isinstance(kind, EntryKind):
            yield f"{kind!r} is no EntryKind"
            continue
        members = (*kind.people, *(kind.holds or ()))
        if len(set(members)) != len(members):
            yield f"entry {kind.name}: a member is declared twice"
        if COVERS in kind.people:
            yield f"entry {kind.name}: {COVERS} is unfelt's own"
        yield from (f"entry {kind.name}: {fault}" for fault in label_faults(kind.label))


def label_faults(label: object) -> Iterator[str]:
    """A label is a Message that reads otherwise in Chinese than in English."""
    if not isinstance(label, Message):
        yield "its label is no Message"
        return
    with in_language("zh"):
        chinese = str(label)
    with in_language("en"):
        if chinese == str(label):
            yield f"its label {chinese!r} has no Chinese text"
