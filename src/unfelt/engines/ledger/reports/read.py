"""Any report to numbers, alone or beside that of the old version: of its bytes alone, and the same each time."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.cyclonedx import cyclonedx
from unfelt.engines.ledger.reports.cyclonedx_xml import Bom, version_of
from unfelt.engines.ledger.reports.form import Report, ReportError
from unfelt.engines.ledger.reports.junit import ROOTS, JUnit
from unfelt.engines.ledger.reports.k6 import is_k6, k6
from unfelt.engines.ledger.reports.locust import (
    history,
    is_history,
    is_locust,
    is_statistics,
    locust_json,
    statistics,
)
from unfelt.engines.ledger.reports.plain import OF_XML, plain_csv, plain_json, unknown
from unfelt.engines.ledger.reports.sarif import is_sarif, sarif
from unfelt.engines.ledger.reports.text import decoded
from unfelt.engines.ledger.reports.trivy import is_old_trivy, is_trivy, trivy
from unfelt.engines.ledger.reports.xml import Reader, read_xml

READER = 1
"""Which reader this is: it goes up with every change after which the same bytes give other numbers."""
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000

Object = Mapping[str, Any]
OBJECTS: tuple[tuple[Callable[[Object], bool], Callable[[Object], Report]], ...] = (
    (lambda data: data.get("bomFormat") == "CycloneDX", cyclonedx),
    (is_sarif, sarif),
    (is_trivy, trivy),
    (is_k6, k6),
)
"""How a JSON report is told from others by its parts, and its reader."""
LISTS: tuple[tuple[Callable[[list[Any]], bool], Callable[[list[Any]], Report]], ...] = (
    (is_locust, locust_json),
    (is_old_trivy, lambda data: trivy({"Results": data})),
)


def read_report(content: bytes) -> Report:
    """The report by what it is; plain JSON and CSV are their own numbers. ReportError where it is none."""
    text = decoded(content)
    start = text.lstrip()[:1]
    try:
        if start == "<":
            return read_xml(text, _xml_reader)
        return _json(text) if start in ("{", "[") else _csv(text)
    except RecursionError as error:
        raise ReportError(Message("it is nested more than {n} deep", n=1000)) from error


def reread(content: bytes, against: bytes | None = None, peak: float | None = None) -> Report:
    """What evidence says that was brought as these bytes, beside those of the old version and the peak."""
    new = read_report(content)
    old = None if against is None else read_report(against)
    return beside(new, old, peak=peak)


def _xml_reader(tag: str, attributes: Mapping[str, str]) -> Reader:
    version = version_of(tag, attributes)
    if version is not None:
        return Bom(version)
    name = tag.rpartition(":")[2]
    if name in ROOTS:
        return JUnit()
    raise unknown(f"{OF_XML.get(name, 'XML')} (<{name[:80]}>)")


def _json(text: str) -> Report:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError(Message("it is not JSON: {error}", error=str(error))) from error
    if isinstance(data, dict):
        return next((read for is_it, read in OBJECTS if is_it(data)), plain_json)(data)
    for is_list, read_list in LISTS:
        if is_list(data):
            return read_list(data)
    raise ReportError(Message("it is a list, and no report that is known"))


def _csv(text: str) -> Report:
    """The header decides whose it is."""
    try:
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in next(lines, [])]
        body = [one for one in islice(lines, MOST_ROWS + 1) if one]
    except csv.Error as error:
        raise ReportError(Message("it is not CSV that can be read: {error}", error=str(error))) from error
    if len(header) > MOST_COLUMNS:
        raise unknown()
    if len(body) > MOST_ROWS:
        raise ReportError(Message("it has more than {n} rows: split it", n=MOST_ROWS))
    if len(header) < 2 and not (header and len(body) == 1):
        raise unknown()
    if len(set(header)) < len(header) or any(len(one) != len(header) for one in body):
        raise unknown("CSV: {}".format(", ".join(header)[:100]))
    rows: list[Mapping[str, str]] = [dict(zip(header, one, strict=True)) for one in body]
    if is_history(header):
        return history(rows)
    return statistics(rows) if is_statistics(header) else plain_csv(header, rows)
