"""How carefully a change is taken, who may sign, what it inherits and what it is asked at once."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

MODEL = """\
unfelt: 1
model:
  id: MODEL
  title: {en: Own, zh: 自有}
  about: {en: For tests, zh: 供测试}
asks:
  - {field: /change/id, question: {en: name, zh: 名称}, example: some-change}
  - {field: /change/title, question: {en: title, zh: 标题}, example: Some change}
  - {field: /change/owner, question: {en: owner, zh: 负责人}, example: lin@shop.example}
  - {field: /touches, question: {en: touches, zh: 触点}, example: "cart, checkout"}
fixed:
  change: {tier: standard}
  experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
  guard: {impact_budget: 150 customers}
"""


@pytest.fixture
def modelled(desk, monkeypatch):
    """A model of a name of its own beside the plan, and the plan made from it."""
    place = desk.plan.parent
    name = "m-" + place.name.replace("_", "-").lower()
    (place / "models").mkdir()
    (place / "models" / f"{name}.yaml").write_text(MODEL.replace("MODEL", name))
    monkeypatch.chdir(place)
    answers = ("--set", "change.title=A", "--set", "/touches=cart, checkout", "--owner", "lin@shop.example")
    made = desk_new(desk, "new", f"c-{name}", "--model", name, *answers, "--force")
    assert made.exit_code == 0, made.output
    return name


def desk_new(_desk, *words):
    """A command that touches no records."""
    from click.testing import CliRunner

    from unfelt.cli import main

    return CliRunner().invoke(main, list(words))


def taken(desk) -> tuple[str, str]:
    """How carefully the plan is taken, and why."""
    found = json.loads(desk("gates", str(desk.plan), "--json").stdout)
    return found["tier"], found["because"]


def state(desk, control: str) -> str:
    """Where the control stands."""
    found = json.loads(desk("gates", str(desk.plan), "--json").stdout)
    return next(one["state"] for one in found["controls"] if one["control"] == control)


def test_a_short_plan_from_a_model_is_written_with_its_questions_and_passes(desk, modelled):
    """Four answers; the rest is the model's."""
    text = desk.plan.read_text()
    assert f"model: {modelled}" in text
    assert 'touches: ["cart", "checkout"]  # touches' in text
    checked = desk_new(desk, "check", str(desk.plan))
    assert checked.exit_code == 0
    whole = json.loads(desk_new(desk, "check", str(desk.plan), "--expand").stdout)
    assert whole["change"]["tier"] == "standard"


def test_without_a_terminal_every_missing_answer_is_named_at_once(desk, modelled):
    """And nothing is written; a field that the model does not ask for is refused."""
    desk.plan.unlink()
    asked = desk_new(desk, "new", "x", "--model", modelled)
    assert asked.exit_code == 2
    assert all(f"--set {field}=" in asked.output for field in ("/change/title", "/change/owner", "/touches"))
    words = ("--set", "change.title=A title", "--set", "touches=cart", "--owner", "lin")
    wrong = desk_new(desk, "new", "Not a name", "--model", modelled, *words)
    assert "a name is due" in wrong.output
    assert "--set '/change/id=Not a name' --set /change/owner=lin --set '/change/title=A title'" in wrong.output
    strange = desk_new(desk, "new", "x", "--model", modelled, "--set", "guard.tick=1s")
    assert "does not ask for /guard/tick" in strange.output
    assert not desk.plan.exists()
    assert "no change model nothing" in desk_new(desk, "new", "--model", "nothing").output
    assert "service-release: " in desk_new(desk, "new", "--model", "list").output


def test_a_change_is_standard_while_its_model_is_approved_as_it_is(desk, modelled):
    """Two people approve it; an edit of the model takes the approval away."""
    assert taken(desk)[0] == "normal"
    alone = desk(f"model approve {modelled}", "--by", "wang", "--agreed-by", "Wang")
    assert (alone.exit_code, "two people" in alone.output) == (2, True)
    assert desk(f"model approve {modelled}", "--by", "wang", "--agreed-by", "zhao").exit_code == 0
    assert taken(desk) == ("standard", f"its change model {modelled} is approved by wang and zhao")
    assert f"{modelled}: Own (approved by wang and zhao)" in desk("model list").stdout
    file = desk.plan.parent / "models" / f"{modelled}.yaml"
    file.write_text(file.read_text().replace("margin: 1%", "margin: 2%"))
    assert taken(desk)[0] == "normal"


def test_the_owner_alone_signs_twice_a_day_apart_and_is_marked(desk, monkeypatch):
    """The first announces; a second at once changes nothing; one after the delay counts."""
    plan = str(desk.plan)
    for _time in range(2):
        said = desk("sign planning.requirements", plan, "--by", "lin")
        assert (said.exit_code, "or they again tomorrow" in said.stdout) == (0, True)
    assert state(desk, "planning.requirements") == "inconclusive"
    later = datetime.now(UTC) + timedelta(hours=25)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr("unfelt.records.business_time.datetime", Later)
    said = desk("sign planning.requirements", plan, "--by", "lin@shop.example")
    assert "signed by the owner alone" in said.stdout
    assert state(desk, "planning.requirements") == "signed"


def test_a_second_person_signs_at_once(desk):
    """Four eyes need no delay."""
    assert desk("sign planning.requirements", str(desk.plan), "--by", "wang").exit_code == 0
    assert state(desk, "planning.requirements") == "signed"


PEOPLE = """\
people:
  - {id: wang, name: wang@shop.example, roles: [requester], deputy: zhao}
  - {id: zhao, name: Zhao Min}
  - {id: chen, name: chen@shop.example, roles: [change_manager]}
"""


def test_where_a_plan_names_people_only_they_and_their_deputies_sign_and_waive(desk):
    """Others are told who may."""
    desk.plan.write_text(re.sub(r"people: .*\n", PEOPLE, desk.plan.read_text()))
    plan = str(desk.plan)
    refused = desk("sign planning.requirements", plan, "--by", "chen")
    assert (refused.exit_code, "the plan names wang@shop.example, Zhao Min as requester" in refused.output) == (
        2,
        True,
    )
    told = json.loads(desk("gates", plan, "--json").stdout)["controls"]
    assert next(one for one in told if one["control"] == "planning.requirements")["people"] == [
        "wang@shop.example"
    ]
    assert desk("sign planning.requirements", plan, "--by", "zhao min").exit_code == 0
    let = ("--reason", "r", "--for", "9d", "--agreed-by", "wang")
    assert desk("waive planning.window", plan, *let, "--by", "wang2").exit_code == 2
    assert desk("waive planning.window", plan, *let, "--by", "chen").exit_code == 0


PROGRAMME = """\
unfelt: 1
programme: {id: NAME, title: {en: House, zh: 常态}}
work:
  - {control: planning.risk, what: Pre-mortem, owner: lin, every: 30d, first: 2026-03-01}
  - {control: security.assessment, what: Scan, owner: lin, every: 30d, first: 2999-03-01}
"""


def test_a_change_inherits_what_the_programme_found_while_it_is_fresh(desk, monkeypatch):
    """For the controls that the programme names, whatever the plan says; what is old is expired."""
    place = desk.plan.parent
    file = place / "programme.yaml"
    file.write_text(PROGRAMME.replace("NAME", "p-" + place.name.replace("_", "-").lower()))
    monkeypatch.chdir(place)
    due = desk("programme", str(file), "--json")
    assert (due.exit_code, [one["state"] for one in json.loads(due.stdout)]) == (1, ["overdue", "fresh"])
    add = ("evidence add planning.risk", str(file), "--kind", "rows", "--number", "unrated_touchpoints=0")
    old = (datetime.now(UTC) - timedelta(days=100)).isoformat()
    assert desk(*add, "--found", old).exit_code == 0
    assert state(desk, "planning.risk") == "expired"
    assert desk(*add).exit_code == 0
    assert state(desk, "planning.risk") == "stated"
    assert desk("programme", str(file)).exit_code == 0
    desk.plan.write_text(desk.plan.read_text() + "touches: [checkout]\n")
    assert state(desk, "planning.risk") == "stated"
    assert "is a programme" in desk("sign planning.risk", str(file)).output


def test_evidence_of_a_programme_for_a_control_that_it_does_not_name_is_not_inherited(desk, monkeypatch):
    """Whoever edits the programme later inherits what it names then, and no more."""
    place = desk.plan.parent
    file = place / "programme.yaml"
    file.write_text(PROGRAMME.replace("NAME", "q-" + place.name.replace("_", "-").lower()))
    monkeypatch.chdir(place)
    add = ("evidence add planning.requirements", str(file), "--kind", "rows", "--number", "orphan_steps=0")
    assert desk(*add, "--number", "untested_needs=0").exit_code == 0
    assert state(desk, "planning.requirements") == "missing"


def test_assess_answers_what_the_plan_answers_once(desk):
    """A second time nothing is written; an edit that matters is answered anew."""
    plan = str(desk.plan)
    desk.plan.write_text(desk.plan.read_text().replace("sale days}", "sale days, shown_by: A test}"))
    first = json.loads(desk("assess", plan, "--json").stdout)
    assert first["planning.requirements"]["verdict"] == "pass"
    assert first["planning.requirements"]["entry"] is not None
    again = json.loads(desk("assess", plan, "--json").stdout)
    assert [one["entry"] for one in again.values()] == [None] * len(first)
    desk.plan.write_text(desk.plan.read_text().replace(", shown_by: A test", ""))
    wanting = desk("assess", plan)
    assert wanting.exit_code == 1
    assert "nothing will show that need peak is met" in wanting.stdout
    assert "没有任何内容能证明需求 peak 已满足" in desk("assess", plan, lang="zh").stdout


def test_probes_of_the_plan_are_put_on_record_with_what_was_seen(desk, monkeypatch):
    """What fails decides the exit code; without probes it says how to write one."""
    plan = str(desk.plan)
    monkeypatch.setenv("UNFELT_NETWORKS", "local=127.0.0.1/32")
    assert "has nothing to look at" in desk("probe", plan).output
    desk.plan.write_text(
        desk.plan.read_text().replace("tier: standard, tier_because: Small", "tier: normal")
        + 'probes:\n  - {control: security.measures, target: "tcp://127.0.0.1:1", expect: EXPECT}\n'
    )
    text = desk.plan.read_text()
    desk.plan.write_text(text.replace("EXPECT", "open"))
    failed = desk("probe", plan)
    assert (failed.exit_code, "✗ closed" in failed.stdout) == (1, True)
    assert "it is not as expected: tcp://127.0.0.1:1" in failed.stdout
    desk.plan.write_text(text.replace("EXPECT", "closed"))
    assert desk("probe", plan, "--json").exit_code == 0
    assert state(desk, "security.measures") == "pass"
    desk.plan.write_text(text.replace("EXPECT", "closed").replace("security.measures", "team.form"))
    refused = desk("probe", plan)
    assert (refused.exit_code, "team.form does not take probe" in refused.output) == (2, True)


def test_a_report_is_read_kept_and_shown(desk, tmp_path):
    """Its numbers under the control's names; what cannot be read is refused; the page shows where it is from."""
    plan, report = str(desk.plan), tmp_path / "out.xml"
    report.write_text('<testsuite name="nightly"><testcase name="a"/></testsuite>')
    add = ("evidence add testing.functional", plan, "--kind", "report", "--file", str(report))
    assert desk(*add).exit_code == 0
    page = tmp_path / "gates.html"
    desk("gates", plan, "--report", str(page))
    assert "JUnit nightly" in page.read_text()
    report.write_text("<testsuite>")
    broken = desk(*add)
    assert (broken.exit_code, "it is not XML" in broken.output) == (2, True)


def test_what_somebody_brings_as_a_judgement_is_stated(desk, tmp_path):
    """A file of numbers is no run of the guard: it fails where it says so, and never weighs more than a word."""
    plan, file = str(desk.plan), tmp_path / "calibration.json"
    desk.plan.write_text(desk.plan.read_text().replace("tier: standard, tier_because: Small", "tier: normal"))
    add = ("evidence add risk.rate", plan, "--kind", "rows", "--file", str(file))
    file.write_text('{"verdict": "as declared", "numbers": {"false_alarms": 0.01, "beyond_budget": 0.02}}')
    assert desk(*add).exit_code == 1
    file.write_text('{"verdict": "as declared", "numbers": {"false_alarms": 0.01, "beyond_budget": 0.0}}')
    assert desk(*add).exit_code == 0
    assert state(desk, "risk.rate") == "stated"
    brought = desk(*add[:3], "judgement", *add[4:])
    assert (brought.exit_code, "made by unfelt itself" in brought.output) == (2, True)


def test_evidence_for_an_old_plan_is_refused(desk):
    """Whoever brings it says for which plan it was found; nothing is recorded for another one."""
    plan = str(desk.plan)
    digest = json.loads(desk_new(desk, "check", plan, "--json").stdout)["digest"]
    add = ("evidence add planning.risk", plan, "--kind", "rows", "--number", "unrated_touchpoints=0", "--json")
    found = desk(*add, "--plan-digest", digest[:16])
    assert (found.exit_code, json.loads(found.stdout)["verdict"]) == (0, "pass")
    desk.plan.write_text(desk.plan.read_text().replace("title: Split", "title: Split again"))
    old = desk(*add, "--plan-digest", digest[:16])
    assert (old.exit_code, "for an old plan is not taken" in old.output) == (2, True)
    assert desk(*add, "--plan-digest", "0").exit_code == 2


def test_every_writing_command_speaks_json(desk):
    """The number of the entry, and the verdict where there is one."""
    plan = str(desk.plan)
    signed = json.loads(desk("sign planning.requirements", plan, "--by", "wang", "--json").stdout)
    let = ("--reason", "r", "--for", "9d", "--agreed-by", "b", "--by", "a", "--json")
    waived = json.loads(desk("waive planning.window", plan, *let).stdout)
    assert (signed["verdict"], waived["entry"] > signed["entry"]) == ("pass", True)


def test_a_document_has_its_parts_and_its_end(desk, tmp_path):
    """A missing part fails; after its last day it counts no more."""
    plan, paper = str(desk.plan), tmp_path / "way-back.md"
    paper.write_text("# Plan\n\n## 1. Way back\n\n…\n")
    add = (
        "evidence add backup.recovery",
        plan,
        "--kind",
        "document",
        "--file",
        str(paper),
        "--number",
        "recovery_time=5m",
    )
    failed = desk(*add, "--part", "Way back", "--part", "Who decides")
    assert (failed.exit_code, "it has no part: Who decides" in failed.stdout) == (1, True)
    assert desk(*add, "--part", "Way back", "--until", "2999-01-01").exit_code == 0
    assert desk(*add, "--until", "2020-01-01").exit_code == 0
    assert state(desk, "backup.recovery") == "stated"  # A pass that still counts stands.
    assert "a day is due" in desk(*add, "--until", "soon").output


def test_limits_that_were_tightened_judge_old_numbers_anew(desk, tmp_path):
    """Evidence holds numbers, not verdicts: a team's own playbook decides on them."""
    from unfelt.documents.load import SHIPPED

    plan = str(desk.plan)
    run = ("run-control backup.drill", "--plan", plan, "--", sys.executable, "-c")
    assert desk(*run, "print('{\"recovery_time\": 1800}')").exit_code == 0
    assert state(desk, "backup.drill") == "pass"
    own = tmp_path / "own.yaml"
    text = SHIPPED.read_text()
    at = text.index("id: backup.drill")
    own.write_text(text[:at] + text[at:].replace("<= 1h", "<= 10m", 1))
    found = json.loads(desk("gates", plan, "--json", "--playbook", str(own)).stdout)
    drill = next(one for one in found["controls"] if one["control"] == "backup.drill")
    assert (drill["state"], "recovery_time = 1800s" in drill["why"]) == ("fail", True)


def test_a_program_writes_a_report_that_decides(desk, tmp_path):
    """The file is read after the program has ended; one that is missing is no pass."""
    report = tmp_path / "out.xml"
    code = f"open({str(report)!r}, 'w').write('<testsuite><testcase/></testsuite>')"
    run = (
        "run-control testing.functional",
        "--plan",
        str(desk.plan),
        "--report",
        str(report),
        "--",
        sys.executable,
        "-c",
    )
    assert desk(*run, code).exit_code == 0
    report.unlink()
    gone = desk(*run, "pass")
    assert (gone.exit_code, "No such file" in gone.output) == (3, True)


def test_a_report_of_nothing_is_no_pass(desk, tmp_path):
    """All skipped is not run, an error of the suite itself is a failure; also where a program wrote it."""
    report = tmp_path / "out.xml"
    add = ("evidence add testing.functional", str(desk.plan), "--kind", "report", "--file", str(report))
    skipped = '<testsuite tests="1" skipped="1"><testcase><skipped/></testcase></testsuite>'
    broken = '<testsuites><testsuite tests="0" errors="1"><error/></testsuite></testsuites>'
    for text, code, word in ((skipped, 3, "not_run"), ("<testsuites/>", 3, "not_run"), (broken, 1, "fail")):
        report.write_text(text)
        assert (desk(*add).exit_code, state(desk, "testing.functional")) == (code, word)
    program = f"open({str(report)!r}, 'w').write({skipped!r})"
    run = ("run-control testing.functional", "--plan", str(desk.plan), "--report", str(report))
    ran = desk(*run, "--", sys.executable, "-c", program)
    assert (ran.exit_code, "no test ran: 1 tests, 1 skipped" in ran.output) == (3, True)


def test_a_peak_is_a_number_above_nothing(desk, tmp_path):
    """Of requests a second."""
    report = tmp_path / "a.json"
    report.write_text('{"rate": 5}')
    add = ("evidence add testing.performance", str(desk.plan), "--kind", "report", "--file", str(report))
    for peak in ("nan", "inf", "0", "-1"):
        refused = desk(*add, "--peak", peak)
        assert (refused.exit_code, "a number above 0 is due" in refused.output) == (2, True)


def test_a_file_that_is_no_report_is_refused_where_numbers_are_due(desk, tmp_path):
    """For rows as for reports; so are numbers of a run that was none, or typed beside a file without any."""
    file = tmp_path / "a.txt"
    file.write_text("two customers wanted it back")
    for kind, control in (("rows", "planning.risk"), ("report", "testing.functional")):
        refused = desk(f"evidence add {control}", str(desk.plan), "--kind", kind, "--file", str(file))
        assert (refused.exit_code, "its form is not known" in refused.output) == (2, True)
    file.write_text("<testsuites/>")
    add = ("evidence add planning.risk", str(desk.plan), "--kind", "rows", "--file", str(file))
    nothing = desk(*add, "--as", "unrated_touchpoints=failures")
    assert (nothing.exit_code, "no test ran" in nothing.output) == (2, True)
    file.write_text('{"verdict": "open"}')
    typed = desk(*add, "--number", "unrated_touchpoints=0")
    assert (typed.exit_code, "there is no number in it" in typed.output) == (2, True)
    file.write_text("unrated_touchpoints\n0\n")
    assert desk(*add).exit_code == 0
