"""What every operation answers with."""

from typing import Any

from ninja import Schema

Answer = Any
"""Its shape is declared beside it."""


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
