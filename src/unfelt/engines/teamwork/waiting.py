"""What waits for a member on My work: plans to be read, and hand-overs to be answered."""

from collections.abc import Iterator
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.engines.inbox import Press, Waiting, Waits
from unfelt.engines.ledger.standards import catalog_of
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.about_me import MOST, is_in, naming, touching, under_way
from unfelt.engines.teamwork.acknowledgements import acknowledged_in
from unfelt.engines.teamwork.given import answers_for
from unfelt.engines.teamwork.hand_overs import hand_overs
from unfelt.engines.teamwork.report_news import received_by
from unfelt.records.models import Member


def to_read(known: Reader, member: Member, _now: datetime) -> Iterator[Waits]:
    """Plans that name them, which they have not read as they are."""
    rows = {row.name: row for row in naming(under_way(known), member.name)[:MOST]}
    plans = {name: plan for name, plan in plans_of(rows.values()).items() if is_in(plan, member.name)}
    for name, found in acknowledged_in(plans.values()).items():
        theirs = [one for one in found if is_same(one.name, member.name) and not one.holds]
        if theirs and known.may("comment", rows[name].team):
            said = Message("changed since you have read it") if theirs[0].stale else Message("names you")
            yield Waits(f"/changes/{name}/part/", rows[name].title, str(said))


def to_answer(known: Reader, _member: Member, now: datetime) -> Iterator[Waits]:
    """Hand-overs of what is theirs, which nobody has answered."""
    catalog = catalog_of()
    rows = {row.name: row for row in touching(under_way(known), known, catalog)[:MOST]}
    for one in hand_overs(plans_of(rows.values()).values(), catalog, now):
        row = rows[one.change]
        if one.waits and answers_for(one.owner, known) and known.may("comment", row.team):
            fields = (("accepts", "yes"), ("revision", row.revision_id), ("to", "work"))
            press = Press(Message("Accept"), f"/changes/{one.change}/hand-overs/{one.what}/", fields)
            at, is_late = f"/changes/{one.change}/hand-overs/#{one.what}", one.state == "overdue"
            yield Waits(at, one.what, row.title, press=press, is_late=is_late)


WAITING = (
    Waiting("to_read", Message("Plans to read"), to_read),
    Waiting("hand_overs", Message("Hand-overs to accept"), to_answer),
    Waiting("reports", Message("Reports sent to you"), received_by),
)
