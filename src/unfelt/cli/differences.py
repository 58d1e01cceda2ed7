"""unfelt differences"""

import getpass
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from unfelt.cli.failures import NO, USAGE, Failure
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import Message, _


@click.command(
    help=_(
        "What customers meet on new and not on old, that no metric of the plan names. By default it holds the "
        "promotion until a person accepts it, or takes it into the next revision as a metric.\n\nExit code: "
        "0 nothing waits, 1 something does."
    )
)
@click.argument("rollout", required=False)
@click.option(
    "--accept", "wanted", metavar="NUMBER|all", multiple=True, help=_("Accept this line, or all that wait.")
)
@click.option("--reason", metavar="TEXT", help=_("Why; it stands in the report."))
@click.option("--json", "as_json", is_flag=True, help=_("As JSON."))
@session_options
def command(
    session: Session, rollout: str | None, *, wanted: tuple[str, ...], reason: str | None, as_json: bool
) -> None:
    """The list as it stands, after what was accepted."""
    row = session.rollout(rollout)
    from unfelt.engines.differences.shown import differences_of

    with answering(session):
        shown = differences_of(row)
        if wanted:
            _accept(row, _wanted(shown["lines"], wanted), reason)
            shown = differences_of(row)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=1) if as_json else _listed(row.id, shown))
    if shown["waiting"]:
        raise SystemExit(NO)


def _wanted(lines: Sequence[dict[str, Any]], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The lines that are meant; what was accepted is said, for the list is another one at every look."""
    known = {str(number): line for number, line in enumerate(lines, 1)}
    unknown = [one for one in wanted if one != "all" and one not in known]
    if unknown:
        said = _("There is no line {number}: the list has {many}.")
        raise Failure(said.format(number=unknown[0], many=len(lines)), code=USAGE)
    found = [line for number, line in known.items() if number in wanted or ("all" in wanted and line["waits"])]
    if not found:
        raise Failure(_("Nothing waits."), code=USAGE)
    return found


def _accept(row: Any, lines: Sequence[dict[str, Any]], reason: str | None) -> None:  # noqa: ANN401  (a rollout)
    from unfelt.conf.refusal import NotDoneError
    from unfelt.engines.differences.actions import accept
    from unfelt.engines.differences.asked import AcceptanceAsked

    features = [feature for line in lines for feature in line["features"]]
    try:
        asked = AcceptanceAsked.of({"features": features, "reason": reason or ""})
        accept(row, asked.named(), by=getpass.getuser(), reason=asked.reason, at=datetime.now(UTC))
    except NotDoneError as error:
        raise Failure(str(error), code=USAGE) from error
    for line in lines:
        click.echo(_("Accepted: {what}").format(what=Message.of(line["what"])), err=True)


def _listed(name: str, shown: dict[str, Any]) -> str:
    if not shown["lines"]:
        return _("{rollout}: nothing differs but what the plan names.").format(rollout=name)
    lines = [text for number, line in enumerate(shown["lines"], 1) for text in _line(number, line)]
    if shown["more"]:
        lines.append(_("and {n} more").format(n=shown["more"]))
    if shown["waiting"]:
        lines.append(
            _("Accept a line: unfelt differences {rollout} --accept NUMBER --reason TEXT").format(rollout=name)
        )
    return "\n".join(lines)


def _line(number: int, line: dict[str, Any]) -> list[str]:
    mark = _("waits") if line["waits"] else _("accepted") if line["accepted"] else _("reported")
    found = [f"{number:3}  {mark}  {Message.of(line['what'])}"]
    if line["also"]:
        also = ", ".join(str(Message.of(one)) for one in line["also"])
        found.append("     " + _("also:") + " " + also)
    if line["accepted"]:
        found.append("     " + _("accepted by {by}: {reason}").format(**line["accepted"]))
    if line["example"]:
        found.append(
            "     " + _("for instance {at}, customer {customer}, status {status}").format(**line["example"])
        )
    return found
