"""How a suite is run: one check after another, each named by its sentence."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from unfelt.conf.language import Message, in_language

Stage = TypeVar("Stage")
Check = Callable[[Stage], Iterator[str]]
"""Its docstring says what must hold; it yields what was seen instead."""


def broken(checks: Iterable[Check[Stage]], stage: Stage) -> list[str]:
    """What does not hold; a check that raises is broken too, and the next ones are tried all the same."""
    found: list[str] = []
    for check in checks:
        sentence = str(check.__doc__).splitlines()[0]
        try:
            found += [f"{sentence} {seen}" for seen in check(stage)]
        except Exception as error:  # noqa: BLE001  (whatever somebody's part raises)
            found.append(f"{sentence} {type(error).__name__}: {error}")
    return found


def label_faults(label: object) -> Iterator[str]:
    """A label is a Message that reads otherwise in Chinese than in English."""
    if not isinstance(label, Message):
        yield "its label is no Message"
        return
    with in_language("zh"):
        chinese = str(label)
    with in_language("en"):
        if chinese == str(label):
            yield f"its label {chinese!r} has no Chinese text"
