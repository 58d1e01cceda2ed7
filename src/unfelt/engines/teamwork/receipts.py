"""Reports of a change that were sent, and who has received them: in the chain alone, each by its SHA-256."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from unfelt.engines.ledger.people import names
from unfelt.engines.teamwork.chain import Noted, entries_about
from unfelt.engines.teamwork.entries import REPORT_RECEIVED, REPORT_SENT
from unfelt.records.models import Artefact, Person

ABOUT_REPORTS = (REPORT_SENT.name, REPORT_RECEIVED.name)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report to one person, by the token of their name, and when they said that they have it.

    sent, received: the entries of the ledger that say so; 0 where there is none.
    """

    token: str
    name: str
    sent_at: datetime
    sent: int
    received_at: datetime | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class SentReport:
    """A page that was sent as it is. revision: of the plan that it is about. at: when it was sent first."""

    change: str
    kind: str
    digest: str
    revision: str
    by: str
    at: datetime
    receipts: tuple[Receipt, ...]

    @property
    def unreceived(self) -> tuple[Receipt, ...]:
        """To whom it was sent, and who has not said that they have it."""
        return tuple(one for one in self.receipts if one.received_at is None)

    def receipt_of(self, token: str | None) -> Receipt | None:
        """That of one person; None where it was not sent to them."""
        return next((one for one in self.receipts if one.token == token), None)


def reports_sent(changes: Collection[str]) -> list[SentReport]:
    """Those of these changes, as `in_entries` puts them; two queries, however many they are."""
    return in_entries(entries_about(changes, ABOUT_REPORTS), names())


def in_entries(entries: Iterable[Noted], people: Mapping[str, str]) -> list[SentReport]:
    """What these entries say was sent, the report that somebody was sent last first. people: names by token.

    A report that is sent to somebody again, word for word, is theirs once; it was received where they said so
    after it was sent to them.
    """
    sent: dict[tuple[str, str, str], dict[str, Noted]] = {}
    received: dict[tuple[str, str, str], Noted] = {}
    for one in entries:
        about = (one.body["change"], one.body["report"])
        if one.kind == REPORT_SENT.name:
            key = (*about, one.body["kind"])
            to = sent.pop(key, {})
            to.setdefault(one.body["person"], one)
            sent[key] = to  # The newest is last.
        elif one.kind == REPORT_RECEIVED.name:
            received.setdefault((*about, one.body["by"]), one)
    return [_report(to, received, people) for to in reversed(sent.values())]


def _report(
    to: Mapping[str, Noted], received: Mapping[tuple[str, str, str], Noted], people: Mapping[str, str]
) -> SentReport:
    first = next(iter(to.values()))
    said = first.body
    found = []
    for token, one in to.items():
        theirs = received.get((said["change"], said["report"], token))
        receipt = Receipt(token, people.get(token, token), one.at, one.number)
        if theirs is not None and theirs.number > one.number:
            receipt = Receipt(token, receipt.name, one.at, one.number, theirs.at, theirs.number)
        found.append(receipt)
    by = people.get(said["by"], said["by"])
    return SentReport(said["change"], said["kind"], said["report"], said["revision"], by, first.at, tuple(found))


def sent_report(change: str, digest: str) -> SentReport | None:
    """The one with that digest; None where none such was sent for the change."""
    return next((one for one in reports_sent([change]) if one.digest == digest), None)


def known_token(name: str) -> str | None:
    """Under which the chain knows somebody of that name; None where it does not."""
    found: str | None = Person.objects.filter(name=name).values_list("token", flat=True).first()
    return found


def kept_page(digest: str) -> bytes | None:
    """The bytes that were sent; None where they are not kept any more."""
    content = Artefact.objects.filter(digest=digest).values_list("content", flat=True).first()
    return bytes(content) if content is not None else None
