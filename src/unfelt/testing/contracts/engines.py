"""What an engine keeps to: all that it registers is there, and has words in both languages."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from types import ModuleType

from django.apps import apps

from unfelt.conf import plugins
from unfelt.engines.ledger.entry_kinds import COVERS, EntryKind
from unfelt.engines.rights import RightKind, rights
from unfelt.testing.contracts.checks import label_faults

ON_THE_SITE = ("pages", "api")
"""What can be imported only where the console is set up: unfelt.web.site.settings.application."""


def engine_faults(name: str) -> list[str]:
    """What does not hold of everything that the engine of that name registers; empty where all does.

    What reads records is looked at where they are open, as in a test that has called unfelt.conf.database.connect.
    """
    engine = plugins.engine(name)
    found = [] if getattr(engine, "NAME", None) == name else [f"its NAME is not {name}"]
    for what, dotted in getattr(engine, "PARTS", {}).items():
        if (what in plugins.LATER and not apps.ready) or (
            what in ON_THE_SITE and not apps.is_installed("allauth")
        ):
            continue
        try:
            module = import_module(dotted)
        except Exception as error:  # noqa: BLE001  (whatever a stranger's module raises)
            found.append(f"{what}: {dotted} cannot be imported: {type(error).__name__}: {error}")
            continue
        found += FAULTS[what](module) if what in FAULTS else ()
    return found


def _can_be_imported(what: str) -> bool:
    """The records are open where it reads them, and the console is set up where it stands in it."""
    return (what not in plugins.LATER or apps.ready) and (what not in ON_THE_SITE or apps.is_installed("allauth"))


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


def right_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of an engine's rights."""
    kinds = getattr(module, "RIGHTS", None)
    if not kinds:
        yield "its rights have no RIGHTS"
        return
    for kind in kinds:
        if not isinstance(kind, RightKind):
            yield f"{kind!r} is no RightKind"
            continue
        if not kind.roles:
            yield f"right {kind.name}: no role gives it"
        yield from (f"right {kind.name}: {fault}" for fault in label_faults(kind.label))


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


def page_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of an engine's pages: each has a right, and a title where it is read."""
    from unfelt.web.frame.page import Page

    pages = getattr(module, "PAGES", None)
    if not pages:
        yield "its pages have no PAGES"
        return
    for page in pages:
        if not isinstance(page, Page):
            yield f"{page!r} is no Page"
            continue
        if page.right not in rights():
            yield f"page {page.name}: {page.right!r} is no right"
        for label in (page.title, *(tab.label for tab in page.tabs)):
            yield from (f"page {page.name}: {fault}" for fault in (label_faults(label) if label else ()))
        if page.tabs and page.title is None:
            yield f"page {page.name}: it is a tab without a title"


def mount_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of an engine's operations: each says what it does, and what it answers with."""
    mounts = getattr(module, "MOUNTS", None)
    if not mounts:
        yield "its api has no MOUNTS"
        return
    for mount in mounts:
        for path, view in mount.router.path_operations.items():
            for one in view.operations:
                if not one.view_func.__doc__:
                    yield f"operation {one.methods[0]} {mount.at}{path}: it does not say what it does"


def finder_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of what an engine finds."""
    finders = getattr(module, "FINDERS", None)
    if not finders:
        yield "its find has no FINDERS"
        return
    for one in finders:
        yield from (f"finder {one.name}: {fault}" for fault in label_faults(one.title))


def waiting_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of what waits for people in an engine."""
    waiting = getattr(module, "WAITING", None)
    if not waiting:
        yield "its inbox has no WAITING"
        return
    for one in waiting:
        yield from (f"inbox {one.name}: {fault}" for fault in label_faults(one.title))


def news_faults(module: ModuleType) -> Iterator[str]:
    """What does not hold of what members are told of an engine."""
    news = getattr(module, "NEWS", None)
    if not news:
        yield "its news have no NEWS"
        return
    yield from (f"news {one.name}: they cannot be called" for one in news if not callable(one.of))


FAULTS: Mapping[str, Callable[[ModuleType], Iterator[str]]] = {
    "entries": entry_faults,
    "rights": right_faults,
    "jobs": job_faults,
    "pages": page_faults,
    "api": mount_faults,
    "find": finder_faults,
    "inbox": waiting_faults,
    "news": news_faults,
}
"""By what an engine registers, what is looked at; a new kind of part adds its line."""
