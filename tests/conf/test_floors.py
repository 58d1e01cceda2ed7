"""Imports go down only: every module stands on a floor, and a floor knows those below it."""

import re
from functools import cache
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

FLOORS: tuple[tuple[str, str], ...] = (
    ("cli", r"unfelt(\.__main__|\.cli(\..+)?)"),
    ("testing", r"unfelt\.testing(\..+)?"),
    ("site", r"unfelt\.web\.site(\..+)?"),
    ("faces of engines", r"unfelt\.(engines\.\w+|rollout)\.(pages|api)(\..+)?"),
    ("accounts", r"unfelt\.web\.accounts(\..+)?"),
    ("frame", r"unfelt\.web(\.(frame|printed|patience)(\..+)?)?"),
    ("access", r"unfelt\.web\.access(\..+)?"),
    ("queries", r"unfelt\.queries(\..+)?"),
    ("rollout", r"unfelt\.rollout(\..+)?"),
    ("engines", r"unfelt\.engines(\..+)?"),
    ("records and adapters", r"unfelt\.(records|adapters)(\..+)?"),
    ("documents", r"unfelt\.documents(\..+)?"),
    ("kernel and business time", r"unfelt\.(kernel|worktime)(\..+)?"),
    ("conf", r"unfelt(\.conf(\..+)?|\.(playbooks|models|locale))?"),
)
"""From the top down; a module stands on the first floor whose pattern it has."""


@cache
def graph() -> grimp.ImportGraph:
    """Who imports whom, as the code says."""
    return grimp.build_graph("unfelt", cache_dir=None)


def floor_of(module: str) -> int | None:
    """The number of its floor, 0 at the top."""
    return next((n for n, (_name, known) in enumerate(FLOORS) if re.fullmatch(known, module)), None)


def climbs(pairs: list[tuple[str, str]]) -> list[str]:
    """Those of the imports that go up."""
    found = []
    for importer, imported in pairs:
        above, below = floor_of(importer), floor_of(imported)
        if above is None or below is None or below < above:
            found.append(f"{importer} -> {imported}")
    return sorted(found)


def test_every_module_stands_on_a_floor():
    """A new package says where it stands before anybody imports it."""
    assert sorted(one for one in graph().modules if floor_of(one) is None) == []


def test_no_import_climbs():
    """Faces of engines included: what is inside an engine knows no page."""
    modules = graph().modules
    pairs = [(one, other) for one in modules for other in graph().find_modules_directly_imported_by(one)]
    assert len(pairs) > 1000
    assert climbs(pairs) == []


def test_an_import_that_climbs_is_found():
    """The rule can fail: an engine's inside that asks a page, records that ask an engine."""
    pairs = [
        ("unfelt.engines.ledger.actions", "unfelt.engines.ledger.pages.controls"),
        ("unfelt.records.ledger", "unfelt.engines.ledger.actions"),
        ("unfelt.engines.ledger.pages.controls", "unfelt.engines.ledger.actions"),
    ]
    assert climbs(pairs) == [f"{one} -> {other}" for one, other in pairs[:2]]


def test_no_modules_import_each_other_in_a_circle():
    """Within a floor, modules stand in an order too."""
    below = {one: graph().find_modules_directly_imported_by(one) for one in graph().modules}
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
