"""What was read from the file of a named tool is read again from the bytes that were kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.reports.form import Report, ReportError
from unfelt.engines.ledger.reports.read import READER, reread
from unfelt.records.models import Artefact

Entries = Sequence[tuple[int, Mapping[str, Any]]]


def is_read(body: Mapping[str, Any]) -> bool:
    """It holds numbers of a report that this reader read."""
    return body["kind"] in ("report", "command") and body["payload"].get("reader") == READER


def reread_faults(read: Entries, erased: frozenset[str] | set[str]) -> Iterator[Fault]:
    """Entries whose numbers are not those of the files that were kept; what was erased cannot be read again."""
    for number, body in read:
        payload = body["payload"]
        digest = body["artefact"] if body["kind"] == "report" else payload["report_digest"]
        against = payload.get("against_digest")
        if not erased.isdisjoint((digest, against)):
            continue
        contents = _contents(digest, against)
        if contents is None:
            continue  # That it is missing is said where artefacts are looked at.
        if not _is_same(payload, *contents, peak=payload.get("peak")):
            yield entry_fault(number, Message("read again from the file that was kept it says something else"))


def _contents(digest: str, against: str | None) -> tuple[bytes, bytes | None] | None:
    rows = Artefact.objects.filter(digest__in=[one for one in (digest, against) if one])
    found = {row.digest: bytes(row.content) for row in rows}
    if digest not in found or (against and against not in found):
        return None
    return found[digest], found.get(against) if against else None


def _is_same(payload: Mapping[str, Any], content: bytes, old: bytes | None, *, peak: float | None) -> bool:
    try:
        report = reread(content, old, peak)
    except ReportError:
        return False
    why = report.ran.why.plain() if report.ran.why is not None else None
    return (
        all(payload.get("numbers", {}).get(name) == value for name, value in report.numbers.items())
        and payload.get("state", "ran") == report.ran.state
        and payload.get("said", payload.get("why") or None) == why
        and _is_of(payload, report)
    )


def _is_of(payload: Mapping[str, Any], report: Report) -> bool:
    """A report names its format and tool; beside a program they are not kept."""
    return "format" not in payload or (payload["format"], payload.get("tool", "")) == (report.format, report.tool)
