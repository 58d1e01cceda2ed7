"""JUnit's XML in the manner of its writers: what ran, what failed, and what only seems to have passed."""

import pytest

from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report

PASSED = '<testcase classname="A" name="a"/>'
SKIPPED = '<testcase name="s"><skipped/></testcase>'


def read(xml: str):
    """Its report."""
    return read_report(xml.encode())


def counts(xml: str) -> tuple[float, ...]:
    """Tests, failures, skipped."""
    return tuple(read(xml).numbers[name] for name in ("tests", "failures", "skipped"))


def state(xml: str) -> str:
    """What the report is of."""
    return read(xml).ran.state


def suite(inside: str, **says: object) -> str:
    """A suite that says that of itself."""
    attributes = " ".join(f'{name}="{value}"' for name, value in says.items())
    return f"<testsuite {attributes}>{inside}</testsuite>"


def test_errors_are_failures():
    """Of a test that has both, one."""
    both = '<testcase name="b"><failure/><error/></testcase>'
    assert counts(suite(PASSED + both + '<testcase name="c"><error/></testcase>')) == (3, 2, 0)
    assert counts(suite(both, tests=1, failures=1, errors=1)) == (1, 1, 0)


@pytest.mark.parametrize(
    "xml",
    [
        "<testsuites/>",
        '<testsuites tests="0" failures="0" errors="0" time="11.2"></testsuites>',
        suite("", tests=0, failures=0),
        suite('<testcase name="a"><skipped/></testcase>', tests=1, skipped=1),
        suite("", tests=4, skipped=4),
        suite('<testcase name="a" status="notrun" result="suppressed"/>', tests=1, disabled=1),
        suite('<testcase name="a" status="disabled"/>', tests=1),
        f"<testsuites>{suite('')}{suite(SKIPPED)}</testsuites>",
    ],
)
def test_where_no_test_ran_nothing_did(xml):
    """Empty, all skipped, all disabled."""
    assert (state(xml), read(xml).numbers["failures"]) == ("nothing", 0)


def test_one_test_that_ran_is_a_run():
    """Beside skipped ones, and suites without any, as surefire and gotestsum write them."""
    assert state(suite(PASSED + SKIPPED, tests=2, skipped=1)) == "ran"
    assert state(f"<testsuites>{suite('', tests=0)}{suite(PASSED, tests=1)}</testsuites>") == "ran"
    assert state(suite('<testcase name="a" status="run" result="completed"/>', tests=1)) == "ran"


def test_an_error_of_the_suite_itself_is_a_failure():
    """Once, where its attributes say so too; and no pass, whatever the limits are."""
    outer = suite(
        '<error message="no container" type="IllegalState"/>', name="Orders", tests=0, errors=1, failures=0
    )
    found = read(f"<testsuites>{outer}</testsuites>")
    assert (found.numbers["failures"], found.ran.state, set(found.bad)) == (1, "broken", {"Orders"})
    assert counts(suite(PASSED + "<failure/>")) == (1, 1, 0)
    assert counts(suite(f"{PASSED}<system-out><error/></system-out>")) == (1, 0, 0)


def test_the_worse_counts_where_attributes_and_list_disagree():
    """Failures that are only said, or only listed."""
    assert counts(suite(PASSED, tests=1, failures=1)) == (1, 1, 0)
    assert counts(suite("", tests=6, failures=1, skipped=2)) == (6, 1, 2)
    assert counts(suite('<testcase name="a"><failure/></testcase>', tests=0, failures=0)) == (1, 1, 0)
    inner = suite(PASSED, tests=1, failures=0)
    assert counts(f'<testsuites tests="1" failures="0" errors="1">{inner}</testsuites>') == (1, 1, 0)
    nested = suite(suite(PASSED, tests=1) + suite(PASSED, tests=1), tests=2, failures=0)
    assert counts(f'<testsuites tests="2">{nested}</testsuites>') == (2, 0, 0)


def test_tests_that_are_said_and_not_listed_decide_nothing():
    """A report that was cut; skipped ones may be left out."""
    assert state(suite(PASSED, tests=9)) == "little"
    assert state(suite("", tests=9)) == "little"
    assert state(suite(PASSED, tests=9, skipped=8)) == "ran"
    assert state(suite(PASSED, tests=9, failures=8)) == "ran"
    assert state(suite(PASSED, tests="nan")) == "ran"


def test_tries_of_surefire_are_one_test():
    """One that passed at last is flaky; one that never did is one failure, also where each try is counted."""
    flaky = '<testcase name="a"><flakyFailure/><flakyError/></testcase>'
    found = read(suite(flaky, tests=3, failures=2, errors=0))
    assert (dict(found.numbers), found.ran.state) == (
        {"tests": 1, "failures": 0, "skipped": 0, "flaky": 1},
        "ran",
    )
    never = '<testcase name="a"><failure/><rerunFailure/><rerunFailure/></testcase>'
    assert counts(suite(never, tests=3, failures=3)) == counts(suite(never, tests=1, failures=1)) == (1, 1, 0)
    assert counts(suite('<testcase name="a"><rerunError/></testcase>')) == (1, 1, 0)


def test_a_status_that_says_failed_is_a_failure():
    """Where there is no mark of it."""
    assert counts(suite('<testcase name="a" status="FAILED"/><testcase name="b" result="error"/>')) == (2, 2, 0)


def test_times_are_seconds():
    """Of the whole, else of its suites; surefire writes thousands with a comma."""
    assert read(suite(PASSED, time="1,234.5")).numbers["seconds"] == 1234.5
    two = suite(PASSED, time="1.5") + suite(PASSED, time="2")
    assert read(f"<testsuites>{two}</testsuites>").numbers["seconds"] == 3.5
    assert "seconds" not in read(suite(PASSED, time="soon")).numbers


def test_newly_failing_tests_are_told_by_name():
    """A second one of the same name is new; one that is not listed is always new."""
    one = '<testcase classname="A" name="b"><failure/></testcase>'
    old, twice = read(suite(one)), read(suite(one + one))
    assert beside(old, old).numbers["newly_failing"] == 0
    assert beside(twice, old).numbers["newly_failing"] == 1
    unlisted = read(suite(PASSED, tests=1, failures=1))
    assert beside(unlisted, unlisted).numbers["newly_failing"] == 1
    with pytest.raises(ReportError, match="nothing can be held against it"):
        beside(old, read("<testsuites/>"))


def test_what_tests_print_is_text():
    """A document type, a report, a failure inside of CDATA."""
    printed = "<system-out><![CDATA[<!DOCTYPE a [<!ENTITY b 'c'>]><failure/>]]></system-out>"
    assert counts(suite(PASSED + printed)) == (1, 0, 0)
    assert counts(suite(f'<testcase name="a">{printed}</testcase>')) == (1, 0, 0)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-16", "utf-16"),
        ("UTF-8", "utf-8-sig"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("utf-16", "utf-16-be"),
        ("US-ASCII", "ascii"),
        ("GBK", "gbk"),
        ("GB18030", "gb18030"),
    ],
)
def test_the_encoding_that_it_declares_is_read(name, codec):
    """With a byte order mark or without."""
    word = {"latin-1": "Zürich", "cp1252": "Zürich€", "ascii": "Zurich"}.get(codec, "北京")
    case = f'<testcase classname="{word}" name="a"><failure/></testcase>'
    xml = f'<?xml version="1.0" encoding="{name}"?>\n<testsuite>{case}</testsuite>'
    assert set(read_report(xml.encode(codec)).bad) == {f"{word}.a"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<?xml version="1.0" encoding="utf-7"?><testsuite/>', "encoding utf-7 is not known"),
        (b'<?xml version="1.0" encoding="no-such"?><testsuite/>', "encoding no-such is not known"),
        (b"<testsuite name='\xe9'/>", "it is not text in UTF-8"),
        (b'<!DOCTYPE testsuite><testsuite><testcase name="a"/></testsuite>', "a document type of its own"),
        (b"<test-run/>", "looks like NUnit"),
        (b"<html><testcase/></html>", "looks like HTML"),
        (b"<testsuite><testcase></testsuite>", "it is not XML"),
    ],
)
def test_what_is_none_is_refused(content, said):
    """With what it is."""
    with pytest.raises(ReportError, match=said):
        read_report(content)
