"""Tables as files for a spreadsheet."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse


def harmless_table(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """A file for a spreadsheet: UTF-8 with its mark, and no text that would be taken for a formula."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=as_file(name))
    response.write("\ufeff")
    writer = csv.DictWriter(response, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(harmless(row) for row in rows)
    return response


def harmless(card: Mapping[str, Any]) -> dict[str, Any]:
    """A text that a spreadsheet would take for a formula is a text; numbers stay numbers."""
    return {key: value if isinstance(value, int | float) else _text(value) for key, value in card.items()}


def _text(value: object) -> str:
    """Some spreadsheets fold full-width signs, and pass over spaces, tabs, ends of lines and what is not seen."""
    text = "" if value is None else str(value)
    seen = next((one for one in text if not (one.isspace() or unicodedata.category(one) in ("Cc", "Cf"))), "")
    is_formula = unicodedata.normalize("NFKC", seen)[:1] in tuple("=+-@\u2212") or text[:1] in tuple("\t\r\n")
    return f"'{text}" if is_formula else text


def as_file(name: str) -> dict[str, str]:
    """The headers of an answer that is kept as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
