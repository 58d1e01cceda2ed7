"""Words for states, decisions and results of a rollout, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from unfelt.conf.language import _
from unfelt.documents.units import format_confidence
from unfelt.kernel.tally import ANYTHING

MOST_ROWS = 12
"""Rows of the table of metrics; the rest is counted in a line."""
WORTH_A_LOOK = 0.25
"""How near to going back a cell is listed first."""


def state_name(state: str) -> str:
    """A state of a rollout for people."""
    return _states()[state]


def action_name(action: str) -> str:
    """A decision of the guard for people."""
    return _actions()[action]


def name_of(word: str) -> str:
    """The word for people; a name that is not ours (a person's) stays as it is."""
    return {**_states(), **_actions(), **_entries()}.get(word, word)


def _states() -> dict[str, str]:
    return {
        "prepared": _("prepared"),
        "baseline": _("baseline"),
        "watching": _("watching"),
        "held": _("hold"),
        "promoting": _("promoting"),
        "soaking": _("soak"),
        "done": _("done"),
        "back": _("back"),
        "spent": _("budget spent"),
        "unmeasured": _("unmeasured"),
    }


def _actions() -> dict[str, str]:
    return {
        "widen": _("widen"),
        "hold": _("hold"),
        "back": _("back"),
        "promote": _("promote"),
        "spent": _("budget spent"),
        "unmeasured": _("unmeasured"),
    }


def _entries() -> dict[str, str]:
    return {
        "guard": _("guard"),
        "lapse": _("lease lapsed"),
        "proposal": _("proposed"),
        "confirmed": _("agreed"),
        "taken_back": _("taken back by hand"),
        "pinned": _("pinned"),
        "unpinned": _("no longer pinned"),
    }


def bounds(affected: Mapping[str, Any]) -> str:
    """What else is known of those affected; empty where an older guard did not say."""
    if "ceiling" not in affected:
        return ""
    return _("at least {at_least}; {ceiling} had anything bad at all").format(
        at_least=affected["at_least"], ceiling=affected["ceiling"]
    )


def outcome(report: Mapping[str, Any]) -> str:
    """The result in one sentence that a newcomer understands."""
    affected = report["affected"]
    values = {
        "at_most": affected.get("at_most", 0),
        "budget": affected.get("budget", 0),
        "exposed": report["customers"].get("exposed", 0),
        "confidence": format_confidence(affected.get("confidence", 0.99)),
        "because": report["because"],
    }
    if report["final"] == "done":
        text = _(
            "Unfelt. Of {exposed} customers on the new version at most {at_most} were affected "
            "(budget {budget}, confidence {confidence})."
        )
    elif report["final"] == "back":
        text = _(
            "Taken back. Of {exposed} customers on the new version at most {at_most} were affected "
            "(budget {budget})."
        )
    else:
        text = _("Not decided: {because}")
    return text.format(**values)


def way_back(report: Mapping[str, Any]) -> str:
    """How soon everybody was on old again; empty where nothing was taken back by the guard."""
    back = report["way_back"]
    if back is None or back["seconds"] is None:
        return ""
    said = _("Everybody was on old at most {seconds:.1f} s after the evidence was complete.")
    limit = _("No method sees such a harm before about {limit:.1f} customers are affected, on average.")
    parts = [said.format(**back)]
    return " ".join(parts if back["limit"] is None else [*parts, limit.format(**back)])


def cell_name(cell: Mapping[str, Any]) -> str:
    """The metric, and the segment if it is about one; the composite of all of them in words."""
    metric = _("anything bad") if cell["metric"] == ANYTHING else str(cell["metric"])
    return f"{metric} · {cell['segment']}" if cell["segment"] else metric


def row_names(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of rows under each other: a group below a row of its metric needs not repeat the metric."""
    above = (None, *(cell["metric"] for cell in cells))
    return [
        f"  {cell['segment']}" if cell["segment"] and cell["metric"] == metric else cell_name(cell)
        for metric, cell in zip(above, cells, strict=False)
    ]


def shown_first(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What tells most: cells near to going back, then what must be proved, each metric before its groups."""
    order = list(dict.fromkeys(cell["metric"] for cell in cells))
    return sorted(
        cells,
        key=lambda cell: (
            cell["back"] < WORTH_A_LOOK,
            not cell["required"],
            order.index(cell["metric"]),
            cell["segment"] or "",
        ),
    )[:MOST_ROWS]
