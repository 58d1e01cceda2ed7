"""What the templates know: sentences in the reader's language, names, numbers and times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import Environment, StrictUndefined

from unfelt.conf.language import Message, _, language, ngettext
from unfelt.documents.units import format_confidence, format_duration
from unfelt.documents.writing import difference
from unfelt.engines.ledger.entry_kinds import label_of
from unfelt.engines.ledger.gates.compliance import standing_kind
from unfelt.engines.ledger.gates.models import model_name
from unfelt.engines.ledger.origins import LABELS
from unfelt.engines.ledger.phrases import (
    care_name,
    due_name,
    gate_name,
    kind_name,
    payload_lines,
    standing_name,
    tier_name,
)
from unfelt.engines.ledger.promises_said import promises_said
from unfelt.engines.people.phrases import right_name, role_name
from unfelt.engines.rights import rights, who_may
from unfelt.engines.teamwork.clocks import answer_due
from unfelt.engines.teamwork.given import HandOver
from unfelt.records.models import Task
from unfelt.rollout.phrases import bounds, name_of, outcome, row_names, shown_first, state_name, way_back
from unfelt.rollout.work.phrases import run_state
from unfelt.web.frame.assets import address as asset_address
from unfelt.web.frame.navigation import sections, tabs

WIDTH = 200.0
"""Of a picture of an interval, in its own units."""


def environment(**options: Any) -> Environment:  # noqa: ANN401
    """The templates' environment; a name that is not there is an error."""
    made = Environment(**{**options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})  # noqa: S701  (Django's backend escapes)
    made.globals.update(
        _=_,
        state_name=state_name,
        standing_name=standing_name,
        standing_kind=standing_kind,
        gate_name=gate_name,
        role_name=role_name,
        right_name=right_name,
        rights=rights,
        who_may=who_may,
        tier_name=tier_name,
        care_name=care_name,
        sections=sections,
        difference=difference,
        tabs=tabs,
        theme_name=theme_name,
        response_name=response_name,
        request_state=request_state,
        run_state=run_state,
        model_name=model_name,
        answered_name=answered_name,
        given_state=given_state,
        task_state=task_state,
        kind_name=kind_name,
        due_name=due_name,
        payload_lines=payload_lines,
        ngettext=ngettext,
        name_of=name_of,
        entry_name=label_of,
        bounds=bounds,
        outcome=outcome,
        way_back=way_back,
        promises_said=promises_said,
        row_names=row_names,
        shown_first=shown_first,
        picture=picture,
        asset=asset_address,
        sentence=lambda plain: str(Message.of(plain)),
        language=lambda: "zh" if language() == "zh-hans" else "en",
    )
    made.filters.update(
        percent=percent, confidence=format_confidence, clock=clock, day=day, duration=format_duration
    )
    return made


def given_state(one: HandOver) -> str:
    """Where a hand-over or a task stands."""
    if one.kind == "task" and one.state == "refused":
        return _("handed back")
    return {
        "open": _("not answered yet"),
        "accepted": _("accepted"),
        "refused": _("refused"),
        "overdue": _("overdue"),
    }[one.state]


def task_state(task: Task, now: datetime) -> str:
    """Whether who has the control in hand has said that they do it."""
    if task.accepted_at is not None:
        return _("accepted")
    return _("not accepted within a working day") if now > answer_due(task.given_at) else _("not accepted yet")


def answered_name(kind: str) -> str:
    """How a control is answered, in a word."""
    return {
        "open": _("open"),
        **{origin: str(label) for origin, label in LABELS.items()},
        "waived": _("waived"),
        "not_applicable": _("does not apply"),
    }[kind]


def request_state(state: str) -> str:
    """Where a request stands, in a word."""
    return {"open": _("open"), "planned": _("planned"), "declined": _("declined")}[state]


def response_name(response: str) -> str:
    """What is done about a risk, in a word."""
    return {"avoid": _("avoid"), "reduce": _("reduce"), "transfer": _("transfer"), "accept": _("accept")}[response]


def theme_name(theme: str) -> str:
    """The colours of a page."""
    return {"": _("as the system has it"), "dark": _("dark"), "light": _("light")}[theme]


def percent(value: float | None, digits: int = 1) -> str:
    """A part of a whole for people."""
    return "–" if value is None else f"{value:.{digits}%}"


def clock(time: str | datetime | None) -> str:
    """The time of day in UTC, with its zone."""
    return "–" if not time else f"{_time(time):%H:%M:%S} UTC"


def day(time: str | datetime | None) -> str:
    """The day and time in UTC, with its zone."""
    return "–" if not time else f"{_time(time):%Y-%m-%d %H:%M:%S} UTC"


def _time(time: str | datetime) -> datetime:
    return datetime.fromisoformat(time) if isinstance(time, str) else time


def picture(cell: Mapping[str, Any]) -> dict[str, float] | None:
    """Where interval, estimate, zero and margin of a cell lie on a line of WIDTH; None where nothing is known.

    The line reaches from minus to plus one and a half margins (without one: as far as the interval), and to the
    estimate at least; what lies beyond is cut.
    """
    if cell["low"] is None:
        return None
    margin = margin_of(cell["margin"])
    least = 1.5 * margin if margin else 1.1 * max(abs(cell["low"]), abs(cell["high"]))
    reach = max(least, 1.2 * abs(cell["difference"]), 0.001)

    def place(value: float) -> float:
        return float(round(WIDTH / 2 * (1 + max(-1.0, min(1.0, value / reach))), 1))

    low, high = place(cell["low"]), place(cell["high"])
    return {
        "low": low,
        "width": max(2.0, round(high - low, 1)),
        "at": place(cell["difference"]),
        "margin": place(margin) if margin else -1.0,
    }


def margin_of(shown: str | None) -> float | None:
    """A margin such as `2%` as a number; None where it is none of that kind."""
    text = (shown or "").strip().lstrip("+")
    try:
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else None
    except ValueError:
        return None
