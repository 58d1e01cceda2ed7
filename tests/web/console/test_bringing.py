"""Evidence in the browser: looked at first, put on record then, corrected for a reason, its file erased."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from doors_house import a_change, a_team, in_team, someone

from unfelt.engines.ledger import uploads
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.records.models import Artefact, Entry

JUNIT = b'<testsuite name="t"><testcase name="a" classname="b"/></testsuite>'
FAILING = b'<testsuite name="t"><testcase name="a" classname="b"><failure/></testcase></testsuite>'
EMPTY = b'<testsuite name="t" tests="0"/>'


@pytest.fixture(scope="module")
def team():
    """A team."""
    return a_team()


def where(change, control="testing.functional"):
    """The address of the control."""
    return f"/changes/{change}/controls/{control}/"


def looked(client, change, content=JUNIT, *, name="junit.xml", control="testing.functional", **fields):
    """What comes of looking at a report first: the address of the page that shows it."""
    given = {"kind": "report", "file": SimpleUploadedFile(name, content), **fields}
    answer = client.post(f"{where(change, control)}evidence/", {k: v for k, v in given.items() if v is not None})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def seen_on(page):
    """The hidden word of the page for what was seen."""
    return page.content.decode().split('name="seen" value="')[1].split('"')[0]


def put(client, address, page=None):
    """It is put on record."""
    page = page or client.get(address)
    return client.post(f"{address}record/", {"seen": seen_on(page)})


def brought(change):
    """What people brought for the change; its plan answers some by itself."""
    return [one for one in evidence_of(change) if one.by]


def text_of(answer):
    """The page as text."""
    return answer.content.decode()


def test_looking_records_nothing_and_shows_what_was_read_and_what_it_would_do(team):
    """Format, number beside its limit, verdict, origin and gates; the ledger is as long as before."""
    change, one = a_change(team), in_team(team, ["operator"]).browser()
    one.get(where(change))
    before = (Entry.objects.count(), Artefact.objects.count())
    text = text_of(one.get(looked(one, change)))
    shown = (
        "JUnit",
        "unexplained_differences",
        "(&lt;= 0)",
        "it is of a run",
        "It would count as read",
        "Gate ready",
    )
    assert [word for word in shown if word not in text] == []
    assert "unfelt ran it on the candidate" in text or "a candidate that the plan names" in text
    assert (Entry.objects.count(), Artefact.objects.count()) == before


def test_what_is_recorded_is_what_was_looked_at(team):
    """Verdict, numbers, origin and the very bytes; the upload is gone then, and a second press records nothing."""
    change, operator = a_change(team), in_team(team, ["operator"])
    one = operator.browser()
    address = looked(one, change)
    page = one.get(address)
    assert put(one, address, page).status_code == 302
    (found,) = brought(change)
    assert (found.verdict, found.origin, found.by) == ("pass", "read", operator.name)
    assert bytes(Artefact.objects.get(digest=found.artefacts[0]).content) == JUNIT
    assert put(one, address, page).status_code == 409
    assert len(brought(change)) == 1


def test_what_was_looked_at_is_nobody_elses(team):
    """Another member with the same rights does not see it, nor put it on record; nor for another control."""
    change, mine, theirs = a_change(team), *(in_team(team, ["operator"]).browser() for _ in range(2))
    address = looked(mine, change)
    page = mine.get(address)
    assert theirs.get(address).status_code == 409
    assert put(theirs, address, page).status_code == 409
    other = address.replace("testing.functional", "quality.control")
    assert mine.post(f"{other}record/", {"seen": seen_on(page)}).status_code == 409
    assert brought(change) == []


def test_what_was_looked_at_an_hour_ago_is_not_kept(team):
    """Told so, and nothing is on record."""
    change, operator = a_change(team), in_team(team, ["operator"])
    old = datetime.now(UTC) - timedelta(minutes=61)
    upload = uploads.Upload(operator.name, change, "testing.functional", "report", {}, old, "a.xml", JUNIT)
    digest = uploads.keep(upload, home=settings.UNFELT_HOME)
    answer = operator.browser().get(f"{where(change)}preview/{digest}/")
    assert (answer.status_code, "is not kept any more" in text_of(answer)) == (409, True)
    assert not (settings.UNFELT_HOME / "uploads" / digest).exists()


def test_a_plan_that_changed_in_between_is_looked_at_again(team):
    """What was seen is not what would be written: it is shown anew, and nothing is on record."""
    change, one = a_change(team), in_team(team, ["operator"]).browser()
    address = looked(one, change)
    page = one.get(address)
    owner = in_team(team, ["owner"]).script()
    plan = owner.ask("get", f"/api/changes/{change}/plan/").json()
    edited = {"text": plan["text"].replace("150", "120"), "based_on": plan["number"]}
    assert owner.ask("put", f"/api/changes/{change}/plan/", json=edited).status_code == 200
    answer = put(one, address, page)
    assert answer["Location"] == f"{address}?changed=1"
    assert brought(change) == []
    assert "The plan or the limits changed" in text_of(one.get(answer["Location"]))
    assert put(one, address).status_code == 302
    assert [one.verdict for one in brought(change)] == ["pass"]


def test_a_report_of_nothing_says_so_before_it_is_on_record(team):
    """Nothing ran: it would not pass, and both say so."""
    change, one = a_change(team), in_team(team, ["operator"]).browser()
    address = looked(one, change, EMPTY)
    text = text_of(one.get(address))
    assert ("nothing ran" in text, "not run" in text) == (True, True)
    put(one, address)
    assert [one.verdict for one in brought(change)] == ["not_run"]


@pytest.mark.parametrize(
    ("control", "role", "fields"),
    [
        ("testing.functional", "operator", {"kind": "report"}),
        ("team.form", "owner", {"kind": "rows"}),
        ("training.feedback", "owner", {"kind": "answers"}),
        ("risk.identify", "owner", {"kind": "document"}),
    ],
)
def test_an_empty_record_is_refused_at_every_door(team, control, role, fields):
    """With what is missing; nothing is kept."""
    change, one = a_change(team, tier="major"), in_team(team, [role])
    page = one.browser().post(f"{where(change, control)}evidence/", fields)
    told = one.script().ask("post", f"/api{where(change, control)}evidence/", data=fields)
    looked_at = one.script().ask("post", f"/api{where(change, control)}evidence/preview/", data=fields)
    assert [page.status_code, told.status_code, looked_at.status_code] == [409] * 3
    assert ("nothing was put on record" in told.json()["error"]) or (
        "A document is a file" in told.json()["error"]
    )
    assert brought(change) == []


def test_the_form_says_which_files_and_numbers_it_wants(team):
    """Tools, the number that answers, the least origin, and a template that reads once it is filled in."""
    change, one = a_change(team), in_team(team, ["operator"]).browser()
    text = text_of(one.get(where(change)))
    shown = ("JUnit XML", "pytest", "<code>failures</code> → <code>unexplained_differences</code>", "least read")
    assert [word for word in shown if word not in text] == []
    template = one.get(f"{where(change)}template/report.json")
    assert template["Content-Disposition"].startswith("attachment")
    filled = {**json.loads(template.content), "numbers": {"failures": 0}}
    empty = one.post(
        f"{where(change)}evidence/", {"kind": "report", "file": SimpleUploadedFile("t.json", template.content)}
    )
    assert empty.status_code == 409
    text = text_of(one.get(looked(one, change, json.dumps(filled).encode(), name="t.json")))
    assert "It opens no gate: the control takes what is at least read from a tool." in text


def test_a_table_that_was_filled_in_is_read(team):
    """Its heading says units and limits."""
    change, one = a_change(team, tier="major"), in_team(team, ["owner"]).browser()
    template = text_of(one.get(f"{where(change, 'team.form')}template/rows.csv"))
    assert ">= 2" in template
    filled = template.replace("people_per_skill,\r\n", "people_per_skill,3\r\n").encode()
    address = looked(one, change, filled, name="t.csv", control="team.form", kind="rows")
    put(one, address)
    (found,) = brought(change)
    assert (found.payload["numbers"], found.origin) == ({"people_per_skill": 3.0}, "stated")
    paper = one.get(f"{where(change, 'risk.identify')}template/document.md")
    assert "## What was found" in text_of(paper)
    assert one.get(f"{where(change, 'team.form')}template/probe.json").status_code == 404


def test_a_correction_is_looked_at_keeps_both_and_strikes_the_first(team):
    """With its reason; a failure that was stated is corrected by whoever stated it alone."""
    change, owner = a_change(team, tier="major"), in_team(team, ["owner"])
    one, given = owner.browser(), {"control": "team.form", "kind": "rows", "file": None}
    put(one, looked(one, change, **given, **{"number:people_per_skill": "1"}))
    (first,) = brought(change)
    path = f"{where(change, 'team.form')}evidence/{first.number}/correct/"
    assert one.get(path).status_code == 200
    fields = {"number:people_per_skill": "2", "because": "Counted the wrong team"}
    nobody = in_team(team, ["owner"]).browser().post(path, fields)
    assert (nobody.status_code, f"nobody but {owner.name}" in text_of(nobody)) == (409, True)
    without = one.post(path, {**fields, "because": " "})
    assert (without.status_code, "Say why it is corrected" in text_of(without)) == (409, True)
    address = one.post(path, fields)["Location"]
    page = one.get(address)
    assert "Counted the wrong team" in text_of(page)
    put(one, address, page)
    second = brought(change)[1]
    text = text_of(one.get(where(change, "team.form")))
    assert f"superseded by #{second.number}, because:" in text
    assert text.count("<s>") == 1
    told = owner.script().ask("get", f"/api{where(change, 'team.form')}").json()["evidence"]
    assert [(row["supersedes"], row["superseded_by"]) for row in told] == [
        (first.number, None),
        (None, second.number),
    ]


def test_a_signature_is_given_anew_by_who_signed(team):
    """In the place of the first, for a reason."""
    change, wang, zhao = a_change(team, tier="major"), *(in_team(team, ["owner"]) for _ in range(2))
    wang.browser().post(f"{where(change, 'team.form')}sign/", {"answer": "yes"})
    (first,) = brought(change)
    path = f"{where(change, 'team.form')}evidence/{first.number}/correct/"
    fields = {"answer": "no", "refuse": "Nobody knows it", "because": "The wrong change"}
    assert zhao.browser().post(path, fields).status_code == 409
    assert wang.browser().post(path, fields).status_code == 302
    assert [(one.verdict, one.supersedes) for one in brought(change)] == [("pass", 0), ("fail", first.number)]


def test_the_kept_file_is_saved_and_never_opened(team):
    """By whoever reads the control, as an attachment of no type; not under another record, nor by a stranger."""
    change, operator = a_change(team), in_team(team, ["operator"])
    one = operator.browser()
    put(one, looked(one, change))
    (found,) = brought(change)
    path = f"{where(change)}evidence/{found.number}/files/{found.artefacts[0]}/"
    answer = in_team(team, ["auditor"]).browser().get(path)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, JUNIT, "application/octet-stream")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], "default-src 'none'" in answer["Content-Security-Policy"]) == (
        "nosniff",
        True,
    )
    assert in_team(a_team(), ["owner"]).browser().get(path).status_code == 404
    assert one.get(path.replace(f"/{found.number}/", "/1/")).status_code == 404
    assert operator.script().ask("get", f"/api{path}").content == JUNIT


def test_an_admin_erases_a_file_and_the_record_says_so(team):
    """For a reason, when they are sure; the verdict stays, and verification names it."""
    change, one = a_change(team), in_team(team, ["operator"]).browser()
    put(one, looked(one, change, FAILING))
    (found,) = brought(change)
    admin, path = someone(["admin"]).browser(), f"{where(change)}evidence/{found.number}/erase/"
    assert one.post(path, {"why": "x", "sure": "yes"}).status_code == 403
    unsure = admin.post(path, {"why": "x"})
    assert (unsure.status_code, Artefact.objects.filter(digest=found.artefacts[0]).exists()) == (409, True)
    assert admin.post(path, {"why": "A passport", "sure": "yes"}).status_code == 302
    text = text_of(one.get(where(change)))
    assert ("its file was erased" in text, "A passport" in text) == (True, True)
    assert [row.verdict for row in brought(change)] == ["fail"]
    ledger = check_ledger({})
    assert found.artefacts[0] in ledger.erased
    assert [str(fault) for fault in ledger.faults if "artefact" in str(fault) or "missing" in str(fault)] == []
    again = one.post(f"{where(change)}evidence/", {"kind": "report", "file": SimpleUploadedFile("a.xml", FAILING)})
    assert (again.status_code, "was erased" in text_of(again)) == (409, True)


def test_scripts_look_first_too(team):
    """The same numbers, verdict and gates as data; nothing is written."""
    change, operator = a_change(team), in_team(team, ["operator"]).script()
    before = Entry.objects.count()
    fields = {"kind": "report", "file": SimpleUploadedFile("junit.xml", JUNIT)}
    told = operator.ask("post", f"/api{where(change)}evidence/preview/", data=fields).json()
    assert (told["verdict"], told["origin"], told["format"], told["ran"]) == ("pass", "read", "JUnit", "ran")
    assert {one["gate"]: one["is_enough"] for one in told["gates"]} == {"ready": True, "proof": False}
    assert told["limits"][0]["holds"] is True
    assert Entry.objects.count() == before


def test_a_member_keeps_five_uploads_at_most(team):
    """The oldest goes first; others' stay."""
    home, now = settings.UNFELT_HOME, datetime.now(UTC)
    numbers = [
        uploads.keep(
            uploads.Upload(who, "c", "team.form", "rows", {"n": float(n)}, now + timedelta(seconds=n)), home=home
        )
        for n in range(7)
        for who in ("lin-five", "zhao-five")
    ]
    kept = [digest for digest in numbers if (home / "uploads" / digest).exists()]
    assert kept == numbers[4:]
