"""Which kinds of harm no metric of a plan would see: decided by asking its expressions about made-up answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.complete import SETTINGS
from unfelt.adapters.sources.forms import FIELDS
from unfelt.adapters.sources.measures import Measure, measures_of
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.queries import hides_copies
from unfelt.documents.source import PromiseSource, Reconciliation

Answer = Mapping[str, Any]

GOOD: Answer = {
    "time": "2026-01-01",
    "method": "GET",
    "path": "/",
    "status": 200,
    "duration_ms": 1.0,
    "flags": "-",
    "bytes": 5000,
}
"""An answer that nobody complains about; columns of the plan's own hold `1`."""
FOREVER = 10_000_000.0
"""Milliseconds that are slow by every threshold."""
MOST = 500
"""So many circumstances (paths, methods, …) an expression is asked about."""


@dataclass(frozen=True, slots=True)
class Harm:
    """A kind of harm: what distinguishes its answers from a good one; no answers where only stores can tell."""

    id: str
    said: Message
    answers: tuple[Answer, ...] = ()
    is_open: bool = False
    """There are always more ways than are asked about: it is never seen whole."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a plan sees of a kind of harm: by these metrics, in every circumstance or only in some."""

    harm: Harm
    by: tuple[str, ...]
    is_partial: bool

    @property
    def is_unseen(self) -> bool:
        """No metric would notice it."""
        return not self.by


def _statuses(*numbers: int) -> tuple[Answer, ...]:
    return tuple({"status": number} for number in numbers)


HARMS = (
    Harm("refused", Message("refused (400, 403, 413, 414, 429, 431)"), _statuses(400, 403, 413, 414, 429, 431)),
    Harm("not_found", Message("pages that are gone (404)"), _statuses(404)),
    Harm(
        "failed",
        Message("failed (500 and above, or no answer)"),
        (*_statuses(500, 502, 503, 504), {"status": None, "flags": "UF"}),
    ),
    Harm("slow", Message("slow answers"), ({"duration_ms": FOREVER},)),
    Harm(
        "aborted",
        Message("broken off: customers who gave up, answers cut short"),
        ({"status": None, "flags": "DC"}, {"flags": "DC"}, {"flags": "UC"}),
    ),
    Harm("redirected", Message("sent elsewhere (301 to 308)"), _statuses(301, 302, 303, 307, 308)),
    Harm(
        "content", Message("another content under a good status"), ({"bytes": 0}, {"bytes": 10**9}), is_open=True
    ),
    Harm("lost", Message("promises that are not kept (lost orders)")),
    Harm("doubled", Message("promises that are kept twice (doubled orders)")),
    Harm("wrong", Message("promises that are kept with another value")),
)
"""What customers can meet without anybody having asked."""


def sights_of(change: Change) -> tuple[Sight, ...]:
    """For each kind of harm, which metrics of the plan would see it."""
    measures = measures_of(change).members
    own = [name for name in sorted(frozenset().union(*(one.columns for one in measures))) if name not in GOOD]
    with duckdb.connect() as connection:
        connection.execute(SETTINGS)
        asked = [(one.metric or one.name, _asked(connection, one, own)) for one in measures]
    return tuple(_sight(harm, asked) for harm in HARMS)


def unseen_by(change: Change) -> tuple[Message, ...]:
    """The kinds of harm that no metric of the plan would see."""
    return tuple(one.harm.said for one in sights_of(change) if one.is_unseen)


_Seen = Mapping[str, Mapping[int, bool]]
"""By kind of harm, the answers of it that a metric takes for bad: in every circumstance, or only in some."""


def _sight(harm: Harm, asked: Iterable[tuple[str, _Seen]]) -> Sight:
    found = [(name, seen[harm.id]) for name, seen in asked if seen.get(harm.id)]
    everywhere = {answer for _, seen in found for answer, is_always in seen.items() if is_always}
    is_whole = not harm.is_open and len(everywhere) >= max(1, len(harm.answers))
    return Sight(harm, tuple(dict.fromkeys(name for name, _ in found)), bool(found) and not is_whole)


def _asked(connection: duckdb.DuckDBPyConnection, measure: Measure, own: Sequence[str]) -> _Seen:
    if measure.reconciliation is not None:
        return _of_stores(measure.reconciliation)
    for kind in ("VARCHAR", "DOUBLE", "BOOLEAN"):  # A recording may hold numbers where a log holds texts.
        try:
            return _of_answers(connection, measure, dict.fromkeys(own, kind))
        except duckdb.Error:
            continue
    return {}


def _of_stores(source: PromiseSource) -> _Seen:
    if not isinstance(source, Reconciliation):
        return {"lost": {0: True}}
    queries = (source.old.query, source.new.query)
    is_doubled_seen = source.copies == "once" and not any(hides_copies(one) for one in queries)
    seen = {"lost": True, "doubled": is_doubled_seen, "wrong": source.value is not None}
    return {kind: {0: True} for kind, is_seen in seen.items() if is_seen}


def _of_answers(connection: duckdb.DuckDBPyConnection, measure: Measure, own: Mapping[str, str]) -> _Seen:
    expression = measure.value or measure.bad or "false"
    types = {name: FIELDS[name] for name in GOOD} | dict(own)
    good = {**GOOD, **dict.fromkeys(own, "1")}
    rows = list(_rows(good, _circumstances(expression, types, good), own))
    columns = sql.each(types, lambda name: f"TRY_CAST({sql.name(name)} AS {types[name]}) AS {sql.name(name)}")
    marks = (("_harm", "VARCHAR"), ("_answer", "INTEGER"), ("_place", "INTEGER"))
    table = sql.table(
        (
            (sql.text(harm), str(answer), str(place), *(_literal(row[name]) for name in types))
            for harm, answer, place, row in rows
        ),
        (*marks, *((name, "VARCHAR") for name in types)),
    )
    found = connection.execute(f"""
        SELECT _harm, _answer, _place, ({expression})
        FROM (SELECT _harm, _answer, _place, {columns} FROM ({table}))
    """).fetchall()
    said = {(harm, answer, place): bad for harm, answer, place, bad in found}
    return _compared(said, is_amount=measure.value is not None)


def _compared(said: Mapping[tuple[str, int, int], Any], *, is_amount: bool) -> _Seen:
    """A kind is seen where its answer is bad, or its outcome missing, and a good one in the same place is not."""
    seen: dict[str, dict[int, bool]] = {}
    for (harm, answer, place), bad in said.items():
        good = said["", 0, place]
        is_seen = _is_more(bad, good) if is_amount else bad is not False and good is False
        if harm and is_seen:
            kind = seen.setdefault(harm, {})
            kind[answer] = kind.get(answer, False) or place == 0
    return seen


def _is_more(bad: Any, good: Any) -> bool:  # noqa: ANN401  (whatever the expression gives)
    return bad is not None and good is not None and float(bad) > float(good)


def _rows(
    good: Answer, circumstances: Sequence[Answer], own: Iterable[str]
) -> Iterator[tuple[str, int, int, Answer]]:
    """Every answer of every kind in every circumstance, and a good one beside them; the first is a plain one."""
    for place, around in enumerate(circumstances):
        yield "", 0, place, {**good, **around}
        for harm in HARMS:
            changed = tuple({name: value} for name in own for value in ("", "0", "x")) if harm.is_open else ()
            for number, answer in enumerate((*harm.answers, *changed)):
                yield harm.id, number, place, {**good, **around, **answer}


def _circumstances(expression: str, types: Mapping[str, str], good: Answer) -> list[Answer]:
    """Values of the columns that the expression reads, near those that it names; a plain answer comes first.

    Status and flags are those of a good answer throughout.
    """
    tree = sqlglot.parse_one(expression, dialect="duckdb")
    read = sorted({column.name for column in tree.find_all(exp.Column)} - {"status", "flags"})
    texts = [one.name for one in tree.find_all(exp.Literal) if one.is_string]
    numbers = [float(one.name) for one in tree.find_all(exp.Literal) if not one.is_string]
    near = [one + step for one in numbers for step in (-1, 0, 1)]
    by_type = {"VARCHAR": _worded(texts, near), "TIMESTAMP": [], "BOOLEAN": ["true", "false"]}
    candidates = [dict.fromkeys([good[name], *by_type.get(types[name], near)]) for name in read]
    return [dict(zip(read, some, strict=True)) for some in islice(product(*candidates), MOST)]


def _worded(texts: Iterable[str], near: Iterable[float]) -> list[str]:
    """The texts themselves, without the signs of a pattern, and numbers as they are written."""
    plain = [form for text in texts for form in (text, text.strip("^$%").replace("\\", ""))]
    return [*plain, *(f"{one:g}" for one in near), ""]


def _literal(value: object) -> str:
    return "NULL" if value is None else sql.text(str(value))
