"""A first plan to begin from, with a word on every line."""

import json
import re
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.catalog import Title
from unfelt.documents.model import Model, steps

Line = tuple[str, Message | None]


def written(model: Model, change: dict[str, Any]) -> str:
    """The short change as YAML, with the model's questions beside its answers in the language in force."""
    questions = {steps(ask.field): ask.question for ask in model.asks}
    lines: list[str] = []
    _spell(change, (), questions, lines)
    head = str(
        Message("From the change model {model}. The whole plan: unfelt check --expand", model=model.model.id)
    )
    return "\n".join([f"# {head}", *lines]) + "\n"


def _spell(node: dict[str, Any], path: tuple[str, ...], questions: dict[Any, Title], lines: list[str]) -> None:
    for name, value in node.items():
        here = (*path, name)
        start = "  " * len(path) + f"{name}:"
        if isinstance(value, dict):
            asked = questions.get(here)
            lines.append(start + (f"  # {asked}" if asked else ""))
            _spell(value, here, questions, lines)
            continue
        asked = questions.get(here)
        comment = f"  # {asked}" if asked else ""
        text = json.dumps(value, ensure_ascii=False)
        plain = isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_-]*", value)
        lines.append(f"{start} {value if plain else text}{comment}")


def starting_change(*, name: str, title: str, owner: str, old: str, new: str) -> str:
    """A change as YAML that passes its checks, commented in the language in force."""
    quoted = {"title": title, "owner": owner, "old": old, "new": new}
    fields = {key: json.dumps(value, ensure_ascii=False) for key, value in quoted.items()}
    return "\n".join(_line(text.format(id=name, **fields), comment) for text, comment in _lines()) + "\n"


def _line(text: str, comment: Message | None) -> str:
    if comment is None:
        return text
    return f"{text:<44}  # {comment}" if text else f"# {comment}"


def _lines() -> tuple[Line, ...]:
    return (
        ("", Message("A plan for one change. Check it: unfelt check. Carry it out: unfelt run.")),
        ("unfelt: 1", None),
        ("change:", None),
        ("  id: {id}", Message("its name for ever")),
        ("  title: {title}", Message("what is done, in one line that a customer could read")),
        ("  kind: software", None),
        ("  owner: {owner}", Message("who answers for it")),
        ("needs:", None),
        ("  - id: reason", None),
        ("    because: {title}", Message("why it is made: who suffers from what, and when")),
        ("touches: []", Message("what customers meet that it can reach; names in catalog.yaml")),
        ("experience:", None),
        ("  customer: cookie:uid", Message("who is one customer: cookie:NAME, header:NAME or claim:NAME")),
        ("  observe: 60s", Message("how long one customer is looked at")),
        ("  segments:", Message("every group can send the change back; one with a margin must be proved")),
        ("    - {{by: device, margin: 2%}}", None),
        ("  metrics:", Message("what would be bad for a customer; a yes-or-no question each")),
        *_metrics(),
        ("guard:", None),
        ("  false_alarm: 1%", Message("how often a harmless change may be sent back")),
        ("  missed_harm: 1%", Message("how often a change beyond a margin may be promoted")),
        ("  impact_budget: 150 customers", Message("how many customers may be affected, at most")),
        ("rollout:", None),
        ("  listen: 127.0.0.1:8080", Message("where customers reach the router")),
        ("  old: {old}", Message("where the old version answers")),
        ("  new: {new}", Message("where the new version answers")),
        ("  soak: 10m", Message("how long everybody on new is still watched")),
        ('  writes: ""', Message("what happens, when customers go back, to what was written on new")),
    )


UNASKED = "'^/(favicon|robots|apple-touch-icon|[.]well-known)'"
"""Paths that browsers and robots ask for unbidden: nobody is refused anything who gets 404 there."""


def _metrics() -> tuple[Line, ...]:
    """What harms customers of most services: refused, failed, slow, broken off."""
    return (
        ("    - id: refused", Message("turned away; 404 counts but for files that are asked for unbidden")),
        ("      bad: >-", Message("SQL over status, path, method, duration_ms, flags, bytes and `columns`")),
        ("        coalesce(status, 0) in (400, 403, 413, 414, 429, 431) or", None),
        (f"        (coalesce(status, 0) = 404 and not regexp_matches(path, {UNASKED}))", None),
        ("      margin: 0.5%", Message("how much worse still counts as unfelt")),
        ("    - id: failed", Message("an error of the server, or no answer although the customer waited")),
        ("      bad: \"coalesce(status >= 500, not contains(flags, 'DC'))\"", None),
        ("      margin: 0.5%", None),
        ("    - id: slow", Message("longer than your customers bear")),
        ('      bad: "duration_ms > 800"', None),
        ("      margin: 1%", None),
        ("    - id: aborted", Message("the customer gave up, or the answer was cut short")),
        ("      bad: \"regexp_matches(flags, 'DC|UC|SI|DT')\"", None),
        ("      margin: 1%", None),
    )
