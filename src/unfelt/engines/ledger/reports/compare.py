"""A report beside that of the old version: what is new in it, and by how much it is slower."""

from collections.abc import Mapping, Set
from dataclasses import replace

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError, numbers
from unfelt.engines.ledger.reports.load import MOST_FAILED

SCANS = ("SARIF", "CycloneDX", "Trivy")


def beside(new: Report, old: Report | None, *, peak: float | None = None) -> Report:
    """The report with its numbers, and what they are beside those of the old version.

    `new_high` findings, `newly_failing` tests, `slower_p50` … and `more_failed` as parts; `load` as a multiple of
    the peak, both in requests a second. A new finding that nobody rated leaves `new_high` unsaid. ReportError
    where the two are of different programs, or the old one says nothing.

    >>> old, new = (Report("k6", {"p95": wait, "rate": 130.0}) for wait in (0.2, 0.21))
    >>> {name: round(value, 3) for name, value in beside(new, old, peak=100.0).numbers.items()}
    {'p95': 0.21, 'rate': 130.0, 'load': 1.3, 'slower_p95': 0.05}
    """
    found = dict(new.numbers)
    if peak and "rate" in found:
        found["load"] = found["rate"] / peak
    if old is None:
        return replace(new, numbers=numbers(found))
    if old.format != new.format:
        raise ReportError(Message("one is of {new}, the other of {old}", new=new.format, old=old.format))
    if old.ran.state in ("nothing", "failed", "little") or old.numbers.get("failed_part", 0) >= MOST_FAILED:
        raise ReportError(Message("nothing can be held against it: {why}", why=old.ran.why))
    fresh = _fresh(new.bad, old.bad) + new.unnamed
    if new.format in SCANS and "high" in new.numbers:
        unrated = _fresh(new.unrated, {**old.bad, **old.unrated})
        found |= {"new_high": fresh} | ({"new_unrated": unrated} if unrated else {})
        if unrated and not fresh:
            del found["new_high"]
    if new.format == "JUnit":
        found["newly_failing"] = fresh
    return replace(new, numbers=numbers(found | _slower(new.numbers, old.numbers)))


def _fresh(new: Mapping[str, Set[str]], old: Mapping[str, Set[str]]) -> int:
    """So many findings that were not there, or are at a place where they were not."""
    return sum(name not in old or not places <= old[name] for name, places in new.items())


def _slower(new: Mapping[str, float], old: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for name in ("p50", "p95", "p99"):
        if name in new and old.get(name):
            found[f"slower_{name}"] = new[name] / old[name] - 1
    if "failed_part" in new and "failed_part" in old:
        found["more_failed"] = new["failed_part"] - old["failed_part"]
    return found
