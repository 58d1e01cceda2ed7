"""A report that is sent is kept as it is, and counts as delivered when everybody whom it was sent to says so."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from planned import a_change

from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.erasing import erase_artefacts
from unfelt.engines.ledger.gates.actions import About, add_evidence
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.gates.rederiving import derived_faults
from unfelt.engines.ledger.gates.sealed import seal_derived
from unfelt.engines.ledger.kinds import Paper
from unfelt.engines.ledger.sealing import own_keys
from unfelt.engines.ledger.standards import Standards
from unfelt.engines.people.actions import add_member, add_team
from unfelt.engines.people.reading import reader_of
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.acknowledgements import acknowledge
from unfelt.engines.teamwork.actions import TeamworkError
from unfelt.engines.teamwork.receipts import kept_page, reports_sent, sent_report
from unfelt.engines.teamwork.report_news import received_by, reports_to
from unfelt.engines.teamwork.sending import receive_report, send_report, usual_recipients
from unfelt.records.models import Artefact, ChangeRow, Entry
from unfelt.web.printed.gates import gates_page

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACE = Standards(load_playbook())
PEOPLE = [{"id": "one", "name": "sr-gao", "roles": ["operator"]}]


@pytest.fixture(scope="module")
def people():
    """The owner, somebody with a part, an auditor of the house, and a handler whom no plan names."""
    roles = {"sr-owner": "owner", "sr-gao": "operator", "sr-ida": "auditor", "sr-han": "handler"}
    return {name: add_member(name, by="root", at=NOON, roles=[role]) for name, role in roles.items()}


def planned(name, *, at=NOON, title="T", **subject):
    """A major change as it stands on record."""
    a_change(name, at=at, owner="sr-owner", tier="major", title=title, sections={"people": PEOPLE}, **subject)
    return plans_of([ChangeRow.objects.select_related("revision").get(name=name)])[name]


def send(change, *to, at=NOON, by="sr-owner"):
    """The compliance report as it stands."""
    return send_report(change, PLACE, to, written=gates_page, by=by, at=at)


def standing(change, *, now=NOON + HOUR):
    """Where the control that asks for it stands."""
    found = evaluated(change, PLACE, now=now).controls
    return next(one for one in found if one.control.id == "compliance.report")


def numbers(change, **more):
    """What was derived for it; None where nothing was."""
    found = standing(change, **more).evidence
    return found.payload["numbers"] if found is not None else None


def faults(*about):
    """What the ledger says is wrong with itself, in so far as it holds one of these words."""
    return [str(one) for one in check_ledger({}).faults if any(word in str(one) for word in about)]


def test_a_report_is_delivered_when_everybody_says_that_they_have_it(people):
    """It is not known before one is sent; each receipt takes one off."""
    change = planned("sr-sent")
    assert numbers(change) is None
    digest = send(change, people["sr-gao"], people["sr-ida"])
    one = standing(change)
    assert (one.state, numbers(change)) == ("fail", {"report_unreceived": 2})
    receive_report("sr-sent", digest, by=people["sr-gao"], at=NOON + HOUR)
    assert numbers(change) == {"report_unreceived": 1}
    receive_report("sr-sent", digest, by=people["sr-ida"], at=NOON + HOUR)
    one = standing(change)
    assert (one.state, one.origin, numbers(change)) == ("pass", "derived", {"report_unreceived": 0})


def test_what_was_sent_is_kept_as_it_was(people):
    """The bytes are those of the digest in the chain, whatever happens to the change later."""
    change = planned("sr-kept")
    digest = send(change, people["sr-gao"])
    kept = kept_page(digest)
    assert (hashlib.sha256(kept).hexdigest(), b"sr-kept" in kept) == (digest, True)
    acknowledge("sr-kept", seen=sent_report("sr-kept", digest).revision, by=people["sr-gao"], at=NOON + HOUR)
    assert kept_page(digest) == kept


def test_it_is_sent_to_the_plans_people_the_owner_and_auditors_if_nobody_is_named(people):
    """Not to who sends it, nor to others."""
    change = planned("sr-usual")
    assert [one.name for one in usual_recipients(change, by="root")] == ["sr-gao", "sr-ida", "sr-owner"]
    assert [one.name for one in usual_recipients(change, by="sr-owner")] == ["sr-gao", "sr-ida"]


def test_an_auditor_of_another_team_is_not_sent_it_by_itself(people):
    """Those of the change's own team are."""
    for team, name in (("sr-shop", "sr-uma"), ("sr-bank", "sr-una")):
        add_team(team, team, by="root", at=NOON)
        auditor = add_member(name, by="root", at=NOON, roles=[])
        auditor.memberships.create(team_id=team, roles=["auditor"])
    names = [one.name for one in usual_recipients(planned("sr-team", team="sr-shop"), by="sr-owner")]
    assert ("sr-uma" in names, "sr-una" in names) == (True, False)


def test_only_whom_it_was_sent_to_has_received_it(people):
    """Another member is refused, and so is a report that was never sent."""
    change = planned("sr-other")
    digest = send(change, people["sr-gao"])
    for given in (digest, "0" * 64):
        with pytest.raises(TeamworkError, match="was not sent to sr-han"):
            receive_report("sr-other", given, by=people["sr-han"], at=NOON)
    assert numbers(change) == {"report_unreceived": 1}


def test_a_receipt_given_twice_is_on_record_once(people):
    """And a report sent twice by a double click is one."""
    change = planned("sr-twice")
    digest = send(change, people["sr-gao"])
    assert send(change, people["sr-gao"], at=NOON + timedelta(seconds=2)) == digest
    for hours in (1, 2):
        receive_report("sr-twice", digest, by=people["sr-gao"], at=NOON + hours * HOUR)
    kinds = [one.kind for one in Entry.objects.filter(body__contains=digest, kind__startswith="report")]
    assert sorted(kinds) == ["report received", "report sent"]
    assert reports_sent(["sr-twice"])[0].receipts[0].received_at == NOON + HOUR


def test_nobody_is_sent_what_they_send_or_could_not_open(people):
    """Nor is it sent to nobody."""
    change, guest = planned("sr-self"), add_member("sr-guest", by="root", at=NOON, roles=[])
    with pytest.raises(TeamworkError, match="cannot receive it too"):
        send(change, people["sr-owner"])
    with pytest.raises(TeamworkError, match="has no role here"):
        send(change, guest)
    with pytest.raises(TeamworkError, match="Nobody is named"):
        send(change)
    assert reports_sent(["sr-self"]) == []


def test_a_report_that_is_sent_again_is_received_again(people):
    """The newest counts: an earlier receipt belongs to other bytes."""
    change = planned("sr-again")
    receive_report("sr-again", send(change, people["sr-gao"]), by=people["sr-gao"], at=NOON + HOUR)
    assert numbers(change) == {"report_unreceived": 0}
    send(change, people["sr-gao"], at=NOON + 2 * HOUR)
    assert numbers(change, now=NOON + 3 * HOUR) == {"report_unreceived": 1}


def test_a_plan_that_is_another_one_makes_it_unknown(people):
    """What was received is about a plan that does not stand; and of a plan that does not stand nothing is sent."""
    old = planned("sr-edited")
    receive_report("sr-edited", send(old, people["sr-gao"]), by=people["sr-gao"], at=NOON + HOUR)
    new = planned("sr-edited", title="Another", at=NOON + 2 * HOUR)
    assert (numbers(new), standing(new).state) == (None, "missing")
    with pytest.raises(TeamworkError, match="was edited"):
        send(old, people["sr-gao"])


def test_names_are_tokens_in_the_chain(people):
    """In the entries of the report, and in what was sealed with it."""
    change = planned("sr-veiled")
    before = Entry.objects.order_by("-sequence").first().sequence
    digest = send(change, people["sr-gao"], people["sr-ida"])
    receive_report("sr-veiled", digest, by=people["sr-gao"], at=NOON + HOUR)
    send(change, people["sr-gao"], people["sr-ida"], at=NOON + HOUR)
    bodies = " ".join(Entry.objects.filter(sequence__gt=before).values_list("body", flat=True))
    assert [name for name in people if name in bodies] == []


def test_it_is_derived_again_from_the_entries_of_that_day(people):
    """Receipts and reports of later change nothing in what was sealed; sealing comes with the report."""
    change = planned("sr-sealed")
    first = send(change, people["sr-gao"], people["sr-ida"])
    receive_report("sr-sealed", first, by=people["sr-gao"], at=NOON + HOUR)
    tier = case_of(change, PLACE.playbook, now=NOON + HOUR).tier
    found = evaluated(change, PLACE, now=NOON + HOUR)
    seal_derived(change, PLACE, found, tier=tier, at=NOON + HOUR)
    receive_report("sr-sealed", first, by=people["sr-ida"], at=NOON + 2 * HOUR)
    send(change, people["sr-gao"], at=NOON + 3 * HOUR)
    rows = Entry.objects.filter(kind="evidence", body__contains='"change":"sr-sealed"').order_by("sequence")
    bodies = [(row.sequence, json.loads(row.body)) for row in rows]
    said = [one["payload"]["numbers"] for _n, one in bodies if one["control"] == "compliance.report"]
    assert said == [{"report_unreceived": 1}, {"report_unreceived": 0}]
    digests = dict(Entry.objects.values_list("sequence", "digest"))
    assert [str(one) for one in derived_faults(bodies, digests)] == []


def test_the_ledger_is_sound_after_all_of_it(people):
    """Also where the very same bytes are brought as evidence later."""
    change = planned("sr-sound")
    digest = send(change, people["sr-gao"])
    receive_report("sr-sound", digest, by=people["sr-gao"], at=NOON + HOUR)
    _area, control = PLACE.control("compliance.report")
    paper = Paper(name="report.html", digest=digest)
    add_evidence(About.change(change), control, paper, at=NOON + HOUR, by="sr-gao", artefact=kept_page(digest))
    ring = own_keys()
    trusted = ring.public() if ring is not None else {}
    assert [str(one) for one in check_ledger(trusted).faults] == []


def test_a_page_that_has_to_go_is_erased_and_who_has_received_it_stays(people):
    """It names people; the ledger is as sound as before."""
    change = planned("sr-erased")
    digest = send(change, people["sr-gao"])
    erase_artefacts([digest], why="It names somebody", by="root", at=NOON + HOUR)
    assert (kept_page(digest), numbers(change), faults(digest[:12])) == (None, {"report_unreceived": 1}, [])


def test_a_report_that_nobody_sent_is_found():
    """No entry names it."""
    digest = hashlib.sha256(b"x").hexdigest()
    with transaction.atomic():
        Artefact.objects.create(digest=digest, kind="report", content=b"x", saved_at=NOON)
        found = faults(digest[:12])
        transaction.set_rollback(True)
    assert found == [f"artefact {digest[:12]}: no entry names it as what it is"]


def test_what_was_sent_to_somebody_waits_for_them_and_is_told_once(people):
    """Until they have received it; a newer one takes the place of an older one."""
    change, gao = planned("sr-news"), people["sr-gao"]
    old = send(change, gao)
    new = send(change, gao, at=NOON + HOUR)
    told = [one.path for one in reports_to(gao, NOON, NOON + HOUR) if "sr-news" in one.path]
    assert told == [f"/changes/sr-news/report/sent/{new}/"]
    known = reader_of(gao, now=NOON)
    waits = [one.address for one in received_by(known, gao, NOON + HOUR) if "sr-news" in one.address]
    assert (waits, old != new) == (told, True)
    receive_report("sr-news", new, by=gao, at=NOON + 2 * HOUR)
    assert [one for one in received_by(known, gao, NOON + HOUR) if "sr-news" in one.address] == []
    assert [one for one in reports_to(gao, NOON, NOON + HOUR) if "sr-news" in one.path] == []


def test_a_report_whose_bytes_were_changed_or_removed_is_named(people):
    """By its digest, and the entries that name it. The records are whole again afterwards."""
    change = planned("sr-harmed")
    changed = send(change, people["sr-gao"])
    removed = send(change, people["sr-gao"], at=NOON + HOUR)
    number = reports_sent(["sr-harmed"])[0].receipts[0].sent
    with transaction.atomic(), connection.cursor() as cursor:
        _without_guards(cursor)
        cursor.execute("UPDATE records_artefact SET content = %s WHERE digest = %s", [b"other", changed])
        cursor.execute("DELETE FROM records_artefact WHERE digest = %s", [removed])
        found = faults(changed[:12], removed[:12])
        transaction.set_rollback(True)
    assert found == [
        f"artefact {changed[:12]}: its content is not what was recorded",
        f"entry {number}: the artefact {removed[:12]} that it names is missing",
    ]


def _without_guards(cursor):
    """Nothing refuses to change artefacts any more."""
    if connection.vendor == "postgresql":
        cursor.execute("ALTER TABLE records_artefact DISABLE TRIGGER USER")
        return
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'records_artefact'")
    for row in cursor.fetchall():
        cursor.execute(f"DROP TRIGGER {row[0]}")
