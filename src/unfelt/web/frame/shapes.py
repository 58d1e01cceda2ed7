"""What every operation takes and answers with."""

from collections.abc import Iterator
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from unfelt.web.access.guarding import is_no_text

Answer = Any
"""Its shape is declared beside it."""
Number = Annotated[int, Field(ge=0, le=2**62)]
"""Of a row."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]

Words = Annotated[str, StringConstraints(max_length=200)]
"""What is searched for: no database is given a pattern without end."""

Short = Annotated[str, StringConstraints(min_length=1, max_length=400)]


def _texts(given: object) -> Iterator[str]:
    """Every text in what was sent, names of members too."""
    rest = [given]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            rest += one


class Asked(Schema):
    """What is sent: a name that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: object) -> object:
        for one in _texts(given if isinstance(given, dict) else getattr(given, "_obj", given)):
            if is_no_text(one):
                raise ValueError("it holds a character that no text has: NUL, or half of one")
        return given


class Wrong(Schema):
    """One thing that is wrong with what was sent."""

    field: str
    what: str
    line: int | None = None


class Problem(Schema):
    """Why something was not done, and what to do."""

    error: str
    problems: list[Wrong]
    known: list[str]


REFUSED = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
"""What every address may answer instead."""


class InBoth(Schema):
    """What somebody wrote, as readers of each language see it: the same twice where it was said in one."""

    en: str
    zh: str
