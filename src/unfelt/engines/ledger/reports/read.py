"""Any report to numbers, alone or beside the report of the old version."""

import json
from collections.abc import Mapping

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError, mapping, numbers
from unfelt.engines.ledger.reports.formats import JSON_FORMATS, locust
from unfelt.engines.ledger.reports.junit import junit

MOST_NUMBERS = 1_000


def read_report(content: bytes) -> Report:
    """The report by what it is; plain JSON is its own numbers. ReportError where it is none that is known."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReportError(Message("it is not text in UTF-8")) from error
    start = text.lstrip()[:200]
    if start.startswith("<"):
        return junit(text)
    if start.startswith(("{", "[")):
        return _json(text)
    if start.startswith(("Type,Name", '"Type","Name"')):
        return locust(text)
    raise ReportError(
        Message("its form is not known. Read are: JUnit, SARIF, CycloneDX, Locust's CSV, k6's summary, plain JSON")
    )


def _json(text: str) -> Report:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError(Message("it is not JSON: {error}", error=error)) from error
    if not isinstance(data, dict):
        raise ReportError(Message("it is a list, and no report that is known"))
    for is_it, read in JSON_FORMATS:
        if is_it(data):
            return read(data)
    own = numbers(mapping(data.get("numbers")) or data)
    if len(own) > MOST_NUMBERS:
        raise ReportError(Message("it has more than {n} numbers", n=MOST_NUMBERS))
    return Report("JSON", own)


def beside(new: Report, old: Report | None, *, peak: float | None = None) -> dict[str, float]:
    """The numbers of the report, and what they are beside those of the old version.

    `new_high` findings, `newly_failing` tests, `slower_p50` … and `more_failed` as parts; `load` as a multiple of
    the peak, both in requests a second.

    >>> old, new = (Report("k6", {"p95": wait, "rate": 130.0}) for wait in (0.2, 0.21))
    >>> {name: round(value, 3) for name, value in beside(new, old, peak=100.0).items()}
    {'p95': 0.21, 'rate': 130.0, 'load': 1.3, 'slower_p95': 0.05}
    """
    found = dict(new.numbers)
    if peak and "rate" in found:
        found["load"] = found["rate"] / peak
    if old is None:
        return found
    if old.format != new.format:
        raise ReportError(Message("one is of {new}, the other of {old}", new=new.format, old=old.format))
    fresh = len(new.bad - old.bad)
    if new.format in ("SARIF", "CycloneDX"):
        found["new_high"] = fresh
    if new.format == "JUnit":
        found["newly_failing"] = fresh
    return found | _slower(new.numbers, old.numbers)


def _slower(new: Mapping[str, float], old: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for name in ("p50", "p95", "p99"):
        if name in new and old.get(name):
            found[f"slower_{name}"] = new[name] / old[name] - 1
    if "failed_part" in new and "failed_part" in old:
        found["more_failed"] = new["failed_part"] - old["failed_part"]
    return found
