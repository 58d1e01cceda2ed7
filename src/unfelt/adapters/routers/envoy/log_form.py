"""The form of Envoy's access log: one JSON object a line."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.examples import is_json_line
from unfelt.adapters.sources.forms import FIELDS

LONGEST = 1 << 20
"""Bytes of a line."""


class EnvoyLog:
    """As `unfelt.adapters.sources.forms.LogForm` says."""

    def rows(self, chunk: Path, columns: Iterable[str]) -> str:
        """SQL: the objects of the file, and NULLs for a line that is none."""
        fields = FIELDS | dict.fromkeys(columns, "VARCHAR")
        types = sql.each(fields.items(), lambda field: f"{sql.name(field[0])}: {sql.text(field[1])}")
        return f"""FROM read_json({sql.text(str(chunk))}, format = 'newline_delimited', columns = {{{types}}},
            ignore_errors = true, maximum_object_size = {LONGEST})"""

    def is_line(self, text: str) -> bool:
        """One JSON object with a time."""
        return is_json_line(text)

    def line(self, said: Mapping[str, object]) -> bytes:
        """The object in one line."""
        return json.dumps(said).encode() + b"\n"
