"""How routers write their logs: each router names the form of its own, which is registered as `log_form`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from unfelt.conf import plugins

FIELDS = {
    "time": "TIMESTAMP",
    "type": "VARCHAR",
    "id": "VARCHAR",
    "customer": "VARCHAR",
    "caller": "VARCHAR",
    "arm": "VARCHAR",
    "served": "VARCHAR",
    "attempts": "INTEGER",
    "epoch": "INTEGER",
    "phase": "VARCHAR",
    "share": "DOUBLE",
    "method": "VARCHAR",
    "path": "VARCHAR",
    "status": "INTEGER",
    "duration_ms": "DOUBLE",
    "flags": "VARCHAR",
    "bytes": "BIGINT",
}
"""What every line says, and its type in DuckDB. `type` is `start` or `end`, of the request that `id` names."""


SEEN = ("_host", "_location", "_type", "_headers", "_query", "_shape")
"""What a line may say besides of what the customer saw: where they asked, where they were sent, the type of the
answer, the names of its headers (with some values) parted by `|`, the names of the query's parameters, and what
the answer holds: the members of its JSON with their sorts, or the sorts of elements of its page, parted by `|`."""


class LogForm(Protocol):
    """How one kind of router writes a line."""

    def rows(self, chunk: Path, columns: Iterable[str]) -> str:
        """SQL: a row for each line of that file, in order, with FIELDS, then these columns as texts.

        A line that is none of that form is a row of NULLs.
        """

    def is_line(self, text: str) -> bool:
        """Whether the text is a line of that form."""

    def line(self, said: Mapping[str, object]) -> bytes:
        """The line that says this, as the router would write it, with its end. `time` is spelled as RFC 3339."""


def log_form(name: str) -> LogForm:
    """The form of that name; UnknownPartError where there is none."""
    found: LogForm = plugins.part("log_form", name)()
    return found
