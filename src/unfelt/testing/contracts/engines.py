"""What an engine keeps to: all that it registers is there, and has words in both languages."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from types import ModuleType

from django.apps import apps

from unfelt.conf import plugins
from unfelt.engines.ledger.entry_kinds import COVERS, EntryKind
from unfelt.testing.contracts.checks import label_faults


def engine_faults(name: str) -> list[str]:
    """What does not hold of everything that the engine of that name registers; empty where all does.

    What reads records is looked at where they are open, as in a test that has called unfelt.conf.database.connect.
    """
    engine = plugins.engine(name)
    found = [] if getattr(engine, "NAME", None) == name else [f"its NAME is not {name}"]
    for what, dotted in getattr(engine, "PARTS", {}).items():
        if what in plugins.LATER and not apps.ready:
            continue
        try:
            module = import_module(dotted)
        except Exception as error:  # noqa: BLE001  (whatever a stranger's module raises)
            found.append(f"{what}: {dotted} cannot be imported: {type(error).__name__}: {error}")
            continue
        found += FAULTS[what](module) if what in FAULTS else ()
    return found


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


def job_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of an engine's jobs and timers."""
    jobs = getattr(module, "JOBS", None)
    if not jobs:
        yield "its jobs have no JOBS"
        return
    for job in jobs:
        if not callable(job.work):
            yield f"job {job.name}: its work cannot be called"
        if job.longest <= timedelta(0) or (job.every is not None and job.every <= timedelta(0)):
            yield f"job {job.name}: no time is given to it"
        yield from (f"job {job.name}: {fault}" for fault in label_faults(job.label))


FAULTS: Mapping[str, Callable[[ModuleType], Iterator[str]]] = {"entries": entry_faults, "jobs": job_faults}
"""By what an engine registers, what is looked at; a new kind of part adds its line."""
