"""unfelt evidence"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import USAGE, Failure
from unfelt.cli.gating import (
    Subject,
    json_option,
    plan_argument,
    plan_digest_option,
    playbook_option,
    put_on_record,
    refusing,
    subject_of,
    tell,
)
from unfelt.cli.previewing import tell_preview
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.playbook import Control
    from unfelt.engines.ledger.gates.drafting import Correction


@click.group("evidence", help=_("Evidence for the controls of a change or of a programme."))
def command() -> None:
    """The commands below."""


def _options(function: Callable[..., None]) -> Callable[..., None]:
    """What is brought: a file, numbers, days."""
    options = (
        click.option("--number", "numbers", multiple=True, metavar="NAME=VALUE", help=_("May be given again.")),
        click.option(
            "--as", "renamed", multiple=True, metavar="NAME=FOUND", help=_("What a number is called there.")
        ),
        click.option("--file", "file", type=click.Path(path_type=Path), help=_("Read, and kept with it.")),
        click.option("--against", type=click.Path(path_type=Path), help=_("The same report of the old version.")),
        click.option(
            "--peak", type=float, metavar="RATE", help=_("The peak that a load is held against, requests/s.")
        ),
        click.option(
            "--part", "parts", multiple=True, metavar="HEADING", help=_("A part that a document must have.")
        ),
        click.option("--dated", metavar="DAY", help=_("Of a document: of what day it is.")),
        click.option("--until", metavar="DAY", help=_("Of a document: the last day on which it is valid.")),
        click.option("--found", metavar="TIME", help=_("When it was found, with its zone [now].")),
        click.option("--why", default="", help=_("One sentence about it.")),
        click.option(
            "--preview",
            "is_preview",
            is_flag=True,
            help=_("Say what would be on record and what it would do; record nothing."),
        ),
        plan_digest_option,
        json_option,
        playbook_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command(
    "add",
    help=_(
        "Bring a result from elsewhere: numbers beside the control's limits decide. They are read from a report "
        "(JUnit, SARIF, CycloneDX, Trivy, Locust, k6, JSON, CSV), alone or against that of the old version, or "
        "given by hand with their unit (`--number delivered=98.5%`). A report of nothing that ran never passes. "
        "Exit code: 0 it passes, 1 it fails, 3 it does not say enough."
    ),
)
@click.argument("control")
@plan_argument
@click.option("--kind", required=True, help=_("What sort of evidence: report, rows, answers, document, …"))
@_options
@session_options
def add(session: Session, *, control: str, path: Path, kind: str, **given: Any) -> None:  # noqa: ANN401
    """The verdict follows from the numbers; nobody writes it down."""
    from unfelt.engines.ledger.intake import must_be_brought

    if kind == "sign-off":
        raise Failure(_("A signature is given by: unfelt sign"), code=USAGE)
    with refusing():
        must_be_brought(kind)
    subject = subject_of(session, path, given["playbook"])
    _bring(session, subject, subject.control(control), kind, None, **given)


@command.command(
    "correct",
    help=_(
        "Put other evidence in the place of a record, for a reason: both stay, and the new one counts. What "
        "unfelt measured is answered by a new run, a failure that was read by a report that passes, and a "
        "signature by `unfelt sign --supersedes`. Exit code: 0 it passes, 1 it fails, 3 it does not say enough."
    ),
)
@click.argument("number", type=click.IntRange(min=1))
@plan_argument
@click.option("--because", required=True, metavar="REASON", help=_("It stays beside both records."))
@click.option("--by", default="", metavar="NAME", help=_("Who brings it, where the record says whose it is."))
@_options
@session_options
def correct(session: Session, *, number: int, path: Path, because: str, by: str, **given: Any) -> None:  # noqa: ANN401
    """Of the same kind and for the same control."""
    subject = subject_of(session, path, given["playbook"])
    from unfelt.engines.ledger.gates.drafting import Correction  # Models want the records open.
    from unfelt.engines.ledger.gates.reading import evidence_of
    from unfelt.engines.ledger.intake import must_be_brought

    old = next((one for one in evidence_of(subject.about.name) if one.number == number), None)
    if old is None:
        said = _("#{n} is no evidence about {change}.")
        raise Failure(said.format(n=number, change=subject.about.name), code=USAGE)
    if old.kind == "sign-off":
        raise Failure(_("A signature is given anew by: unfelt sign --supersedes {n}").format(n=number), code=USAGE)
    with refusing():
        must_be_brought(old.kind)
    corrects = Correction(number, because)
    _bring(session, subject, subject.control(old.control), old.kind, corrects, by=by, **given)


def _bring(
    session: Session,
    subject: Subject,
    asked: "Control",
    kind: str,
    corrects: "Correction | None",
    *,
    numbers: Sequence[str],
    renamed: Sequence[str],
    file: Path | None,
    against: Path | None,
    peak: float | None,
    parts: Sequence[str],
    dated: str | None,
    until: str | None,
    found: str | None,
    why: str,
    is_preview: bool,
    plan_digest: str | None,
    as_json: bool,
    playbook: Path | None,
    by: str = "",
) -> None:
    from unfelt.cli.plan import read_option
    from unfelt.documents.moments import parse_day
    from unfelt.engines.ledger.intake import Brought, brought

    subject.must_be(plan_digest)
    days = [read_option(name, text, parse_day) if text else None for name, text in _days(dated, until)]
    bringing = Brought(
        kind=kind,
        numbers=dict(_number(text, asked) for text in numbers),
        names=dict(renaming(text) for text in renamed),
        file=file,
        against=against,
        peak=peak,
        parts=tuple(parts),
        dated=days[0],
        until=days[1],
    )
    with refusing():
        kept = brought(bringing)
    given: dict[str, Any] = {
        "found_at": _time(found) if found else None,
        "by": by,
        "why": why,
        "artefact": kept.content,
        "beside": kept.beside,
        "corrects": corrects,
    }
    if is_preview:
        tell_preview(session, subject, asked, kept.payload, as_json=as_json, **given)
    tell(put_on_record(session, subject, asked, kept.payload, **given), as_json=as_json)


def _days(dated: str | None, until: str | None) -> tuple[tuple[str, str | None], ...]:
    return ("--dated", dated), ("--until", until)


def renaming(text: str) -> tuple[str, str]:
    """`NAME=FOUND` as a pair."""
    name, equals, source = text.partition("=")
    if not equals:
        raise Failure(_("--as {text}: write NAME=FOUND.").format(text=text), code=USAGE)
    return name.strip(), source.strip()


def _number(text: str, control: "Control") -> tuple[str, float]:
    """A name and its number, in the unit of the control's limit of that name."""
    from unfelt.engines.ledger.intake import number_for

    name, equals, value = text.partition("=")
    if not equals:
        said = _("--number {text}: write NAME=VALUE, such as delivered=98.5%.")
        raise Failure(said.format(text=text), code=USAGE)
    with refusing():
        return name.strip(), number_for(control, name.strip(), value)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(_("--found {text} is no time.").format(text=text), code=USAGE) from error
    if time.tzinfo is None:
        raise Failure(_("--found {text} has no zone: add one such as Z or +08:00.").format(text=text), code=USAGE)
    return time.astimezone(UTC)
