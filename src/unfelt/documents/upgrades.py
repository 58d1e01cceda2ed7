"""Older documents become newer ones by one pure function a step."""

from collections.abc import Callable, Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError

Step = Callable[[dict[str, Any]], dict[str, Any]]
NEWEST = 1
STEPS: dict[int, Step] = {}
"""The step from version n to n + 1 stands under n; there is only version 1 so far."""


def upgrade(data: Mapping[str, Any], *, steps: Mapping[int, Step] = STEPS, newest: int = NEWEST) -> dict[str, Any]:
    """The document in its newest form; `unfelt` names the form it was written in.

    >>> upgrade({"unfelt": 1, "old": 5}, steps={1: lambda d: {"new": d["old"]}}, newest=2)
    {'new': 5, 'unfelt': 2}
    """
    version = data.get("unfelt")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= newest:
        raise RefusalError(
            Message("the form of the document is not known"),
            Message(
                "The first line must be `unfelt: {newest}`. A larger number wants a newer unfelt.", newest=newest
            ),
        )
    found = dict(data)
    for step in range(version, newest):
        found = {**steps[step](found), "unfelt": step + 1}
    return found
