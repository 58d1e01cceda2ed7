"""Plans in the browser: what was typed, what is wrong with it, and what it would change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.load import CHANGE, load_model, load_text
from unfelt.documents.model import BOTH, OTHER, Ask, Model, asked_of, models_beside
from unfelt.documents.problems import DocumentErrors, Place, Problem
from unfelt.documents.starting import starting_change
from unfelt.documents.starting import written as first_text
from unfelt.documents.writing import FormError, answers_in, difference, with_answers
from unfelt.engines.ledger.gates.models import is_asked
from unfelt.engines.ledger.gates.standing import Standing
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import team_of, visible
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.writing import Written, voided
from unfelt.queries.changes import change_of
from unfelt.records.models import Team

HERE = Path("change.yaml")
"""What errors call the plan. Models and the catalog lie where the console was begun, as beside a file."""
FIELDS: tuple[tuple[str, Message], ...] = (
    ("/change/title", Message("what is done, in one line that a customer could read")),
    ("/change/owner", Message("who answers for it")),
    ("/needs", Message("why it is made: who suffers from what, and when")),
    ("/touches", Message("what customers meet that it can reach, with commas")),
    ("/window", Message("when it may move customers, FROM/TO, each with its zone")),
    ("/rollout/old", Message("where the old version answers")),
    ("/rollout/new", Message("where the new version answers")),
    ("/guard/impact_budget", Message("how many customers may be affected, at most")),
    ("/rollout/first_share", Message("the first share of customers on new")),
    ("/rollout/soak", Message("how long everybody on new is still watched")),
)
"""What a form asks for a plan that is of no model."""
_FORM = (*FIELDS, *((pointer + OTHER, question) for pointer, question in FIELDS if pointer in BOTH))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: JSON Pointer, question, what stands in it, an example, and what is wrong with it."""

    pointer: str
    question: str
    value: str
    example: str = ""
    problem: str = ""

    @property
    def is_other(self) -> bool:
        """It is the field before it, in the language that is not the reader's: nobody has to fill it in."""
        return self.pointer.endswith(OTHER)

    @property
    def name(self) -> str:
        """In the form."""
        return self.pointer.strip("/").replace("/", ".")


@dataclass(frozen=True, slots=True)
class Looked:
    """A text that was looked over: the plan where it holds, else what is wrong."""

    change: Change | None
    problems: tuple[Problem, ...]
    changed: list[tuple[str, str]] = field(default_factory=list)
    voids: list[Standing] = field(default_factory=list)


def models() -> list[Model]:
    """Every change model that may be used here; one that does not hold is left out: `unfelt check` says why."""
    found = []
    for file in models_beside(HERE.parent).values():
        try:
            found.append(load_model(file))
        except DocumentErrors:
            continue
    return found


def model_called(name: str) -> Model | None:
    """The model of that name."""
    return next((one for one in models() if one.model.id == name), None)


def looked_over(text: str, known: Reader, *, name: str | None, base: Written | None, now: datetime) -> Looked:
    """What the text says, or what is wrong with it; beside the base, what differs and what it would void.

    name: of the change that it is a plan of; None for a new one.
    """
    try:
        change = load_text(text, CHANGE, file=str(HERE)).document
    except DocumentErrors as errors:
        return Looked(None, errors.problems)
    wrong = (*_not_here(change, known, name), *_part_of(change, known, name, now))
    if wrong:
        return Looked(None, wrong)
    changed = difference(base.text, text) if base is not None else []
    before = change_of(name, now) if name is not None else None
    place = standards()
    voids = voided(before.change, change, place.playbook, place.programme, now=now) if before else []
    return Looked(change, (), changed, voids)


def _not_here(change: Change, known: Reader, name: str | None) -> Iterable[Problem]:
    """What a document may say, but not in this place or from this person."""
    said = change.change
    if not is_asked(change, standards().playbook):
        remedy = Message("Say how carefully it is taken: standard, normal or major. Gates hold it by that.")
        yield _problem(("change", "tier"), Message("this field is missing"), remedy, "")
    if name is not None and said.id != name:
        remedy = Message("This is the plan of {name}. For another change: clone it.", name=name)
        yield _problem(("change", "id"), Message("a name is for ever"), remedy, said.id)
    if said.team and not Team.objects.filter(id=said.team).exists():
        teams = ", ".join(Team.objects.values_list("id", flat=True)) or "–"
        remedy = Message("Teams: {teams}", teams=teams)
        yield _problem(("change", "team"), Message("there is no such team"), remedy, said.team)
    elif name is not None and said.team != (team_of(name) or None) and not known.may("assign", team_of(name)):
        remedy = Message("An owner or change manager of its team gives it to another one.")
        yield _problem(("change", "team"), Message("it is not yours to give away"), remedy, said.team or "")
    elif not known.may("write", said.team or ""):
        remedy = Message("Name a team in which you may write plans.")
        yield _problem(("change", "team"), Message("it is not yours to write plans for"), remedy, said.team or "")


def _part_of(change: Change, known: Reader, name: str | None, now: datetime) -> Iterable[Problem]:
    """What it is a part of is there and may be opened by whoever says so; what was said before may stay."""
    parent = change.change.part_of
    before = change_of(name, now) if name is not None else None
    if parent is None or (before is not None and before.change.change.part_of == parent):
        return
    if parent == change.change.id or not visible(known).filter(name=parent).exists():
        remedy = Message("Name a change that you may open, and not this one itself.")
        yield _problem(("change", "part_of"), Message("there is no such change"), remedy, parent)


def taken(name: str) -> Looked:
    """A new change with the name of another."""
    remedy = Message("Choose another name.")
    return Looked(None, (_problem(("change", "id"), Message("there is a change of that name"), remedy, name),))


def _problem(path: tuple[str, ...], what: Message, remedy: Message, value: str) -> Problem:
    return Problem(str(HERE), Place(1, 1), path, what, remedy, value)


def fields_of(asks: Iterable[Ask], values: Mapping[str, str], problems: Iterable[Problem] = ()) -> list[Field]:
    """The form of a model, with what stands in it and what is wrong."""
    known, asked = list(problems), list(asks)
    fields = [
        Field(one.field, str(one.question), values.get(one.field, ""), one.example, _wrong(one.field, known))
        for one in asked
    ]
    others = [Field(one.field + OTHER, str(one.question), values.get(one.field + OTHER, "")) for one in asked]
    return fields + [one for one in others if one.pointer.removesuffix(OTHER) in BOTH]


def plain_fields(text: str) -> list[Field]:
    """The form of a plan that is of no model; no field where the text is none that a form could show."""
    try:
        values = answers_in(text, (pointer for pointer, _question in _FORM))
    except FormError:
        return []
    return [Field(pointer, str(question), values[pointer]) for pointer, question in _FORM]


def elsewhere(asks: Iterable[Ask], problems: Iterable[Problem]) -> list[Problem]:
    """Problems that no field of the form shows."""
    pointers = [ask.field for ask in asks]
    return [one for one in problems if not any(_within(pointer, one) for pointer in pointers)]


def _wrong(pointer: str, problems: Iterable[Problem]) -> str:
    return " ".join(str(one.sentence) for one in problems if _within(pointer, one))


def _within(pointer: str, problem: Problem) -> bool:
    where = "/" + "/".join(map(str, problem.path)) + "/"
    return where.startswith(pointer + "/")


def text_from(model: Model, answers: Mapping[str, str], *, team: str, emergency: bool, part_of: str = "") -> str:
    """The shortest plan from the model, with every question beside its answer."""
    said: dict[str, Any] = asked_of(model, {**{ask.field: "" for ask in model.asks}, **answers})
    text = first_text(model, said)
    more = {"/change/team": team} if team else {}
    if part_of:
        more["/change/part_of"] = part_of
    if emergency:
        more["/change/emergency"] = "true"
    elif not _says_tier(model):
        more["/change/tier"] = "normal"
    return with_answers(text, more) if more else text


def _says_tier(model: Model) -> bool:
    said = [part.get("change") or {} for part in (model.fixed, model.defaults)]
    return any(isinstance(one, dict) and ("tier" in one or "emergency" in one) for one in said)


def blank_text(owner: str) -> str:
    """A whole plan with a word on every line, to begin from."""
    first = starting_change(
        name="my-change",
        title="My change",
        owner=owner,
        old="http://127.0.0.1:9001",
        new="http://127.0.0.1:9002",
    )
    return with_answers(first, {"/change/tier": "normal"})


def with_form(text: str, answers: Mapping[str, str]) -> str | None:
    """The text with the form's answers in it; None where the text itself is none that a form could edit."""
    try:
        return with_answers(text, answers)
    except FormError:
        return None
