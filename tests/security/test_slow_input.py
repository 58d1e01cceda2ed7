"""Input that is slow or odd: refused by what it holds, before time is spent on it, and with a true word."""

import json
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from doors_house import a_change, a_plan, a_team, in_team, unique

from unfelt.documents.composing import DEEPEST, MOST_ALIASES, MOST_NODES, LimitError, composed
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.reading import MOST_PROBLEMS, read_bytes
from unfelt.documents.writing import LARGEST_FORM, FormError, difference, joined, with_answers
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report
from unfelt.engines.ledger.reports.xml import MOST_ELEMENTS

pytestmark = pytest.mark.slow

TEXTS = {
    "brackets": "[" * 4_000,
    "braces": "{" * 4_000,
    "keys in keys": "? " * 4_000,
    "lists in lists": "- " * 4_000,
    "a flat mapping": "\n".join(f"k{i}: 1" for i in range(90_000)),
    "a long list": f"a: [{', '.join('1' for _ in range(200_000))}]",
    "names": "\n".join(f"k{i}: &a{i} 1" for i in range(50_000)),
    "the same key": "k: 1\n" * 100_000,
    "documents": "---\n" * 200_000,
    "aliases": "a: &a 1\nb: [" + ", ".join(["*a"] * 50_000) + "]",
    "aliases of aliases": "a: &a [x,x,x,x,x,x,x,x]\n"
    + "\n".join(
        f"{new}: &{new} [{','.join(['*' + old] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_would_be_slow_is_refused_by_what_it_holds(kind):
    """Whatever it is: with one problem, or so many as are said of one document at most."""
    with pytest.raises(DocumentErrors) as caught:
        read_bytes(TEXTS[kind].encode(), file="change.yaml")
    assert 1 <= len(caught.value.problems) <= MOST_PROBLEMS


class Clock:
    """It goes on by a second with every look, and counts them."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return float(self.looks)


@pytest.mark.parametrize("kind", TEXTS)
def test_no_more_is_read_than_a_plan_may_hold(kind):
    """The parser is left at the limit: so many values, so deep, so many aliases, so long."""
    clock, kinds = Clock(), set()
    try:
        composed(TEXTS[kind], most=5_000, clock=clock)
    except LimitError as error:
        kinds = {error.kind}
    assert kinds == set() if kind == "aliases of aliases" else kinds <= {"values", "depth", "aliases"}
    assert bool(kinds) == (kind != "aliases of aliases")
    assert clock.looks <= 1 + 5


def test_time_is_a_limit_too():
    """A machine that is too busy says so instead of going on."""
    with pytest.raises(LimitError) as caught:
        composed(TEXTS["a flat mapping"], clock=iter([0.0, *[100.0] * 99]).__next__)
    assert caught.value.kind == "time"


def test_what_is_at_the_limits_is_taken():
    """As deep, as many aliases and as many values as are allowed."""
    deep = "a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    aliases = "a: &a 1\nb: [" + ", ".join(["*a"] * MOST_ALIASES) + "]"
    many = f"a: [{', '.join('1' for _ in range(MOST_NODES - 10))}]"
    for text in (deep, aliases, many):
        assert list(read_bytes(text.encode(), file="change.yaml").data)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: 1\nb:\n  c: é😀\n  d: [1,\n    {e: 2}]\n", 5, 9), ('{"a": "\\ud83d\\ude00", "e": 2}', 1, 28)],
)
def test_places_stay_right(text, line, column):
    """Behind characters of several bytes, and behind two halves of one in JSON."""
    raw = read_bytes(text.encode(), file="a.json" if text[0] == "{" else "a.yaml")
    path = ("e",) if text[0] == "{" else ("b", "d", 1, "e")
    assert (raw.values[path].line, raw.values[path].column) == (line, column)


@pytest.mark.parametrize("kind", [*TEXTS][:-1])
def test_a_form_is_not_made_of_it(kind):
    """The parser that keeps comments is not begun; nor with a list, or what is too long."""
    with pytest.raises(FormError):
        with_answers(TEXTS[kind], {"/change/title": "x"})


@pytest.mark.parametrize("text", ["- 1", "words", "a: [", "a: *b", "!!float x", "a: !!timestamp x", "k: 1\nk: 2"])
def test_what_is_no_plan_is_no_form(text):
    """And no fault of unfelt."""
    try:
        with_answers(text, {"/change/title": "x"})
    except FormError:
        return
    assert "x" in text


def test_long_texts_are_compared_without_looking_for_the_fewest_lines():
    """Every line of both, and no join."""
    one, two = ("\n".join(f"{word} {i % 90}" for i in range(20_000)) for word in ("a", "b"))
    assert len(difference(one, two)) == 40_000
    assert joined(one, two, one + "\nc") is None
    assert len("x" * LARGEST_FORM) == LARGEST_FORM


XML = {
    "elements": b"<testsuite>" + b"<testcase/>" * (MOST_ELEMENTS + 1) + b"</testsuite>",
    "children": b"<testsuite><testcase>" + b"<x/>" * MOST_ELEMENTS + b"</testcase></testsuite>",
    "depth": b"<testsuite>" + b"<a>" * 100_000,
    "a tag": b"<testsuite " + b" ".join(b"a%d='1'" % i for i in range(300_000)) + b"/>",
    "entities": b'<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>',
    "an outer file": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuite/>',
    "another document": b"<html><testcase/></html>",
    "half of one": b"<testsuite><testcase>",
    "a bill of elements": b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4">'
    + b"<a/>" * MOST_ELEMENTS
    + b"</bom>",
    "findings": b'{"SchemaVersion": 2, "Results": [{"Secrets": [' + b"{}," * 100_001 + b"{}]}]}",
    "rows": b"a,b\n" + b"1,2\n" * 100_001,
    "results": b'{"version": "2.1.0", "runs": [{"results": [' + b"{}," * 100_001 + b"{}]}]}",
    "numbers": b"{" + b",".join(b'"n%d": 1' % i for i in range(2_000)) + b"}",
    "a field of 200 kB": b'Type,Name\n"' + b"x" * 200_000 + b'",Aggregated\n',
    "brackets": b'{"a": ' + b"[" * 100_000,
    "a number of 5,000 digits": b'{"a": ' + b"1" * 5_000 + b"}",
}


@pytest.mark.parametrize("kind", XML)
def test_a_report_that_holds_too_much_is_refused(kind):
    """With what it holds too much of, or what it is."""
    with pytest.raises(ReportError):
        read_report(XML[kind])


def test_a_report_of_many_tests_is_read():
    """Fifteen megabytes of them, most with what they said."""
    case = b'<testcase classname="a" name="b%d"><system-out>' + b"x" * 700 + b"</system-out></testcase>"
    bad = b'<testcase classname="a" name="bad"><failure>x</failure></testcase><testcase><skipped/></testcase>'
    found = read_report(b"<testsuites><testsuite>" + case * 20_000 + bad + b"</testsuite></testsuites>")
    assert found.numbers == {"tests": 20_002.0, "failures": 1.0, "skipped": 1.0}
    assert set(found.bad) == {"a.bad"}


def runs(results: list, **driver: object) -> bytes:
    """SARIF with these results."""
    tool = {"driver": {"name": "a", **driver}, "extensions": [{}] * 100_000}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": tool, "results": results}]}).encode()


MANY = {
    "rules of one id": runs([{"ruleId": "a"}] * 20_000, rules=[{"id": "a"}] * 20_000),
    "parts by name": runs([{"rule": {"toolComponent": {"name": "b"}}}] * 20_000),
    "a long id": runs([{"ruleId": "a/" * 1_000_000}], rules=[{"id": "a" * 1_000_000}]),
    "one long id of many": runs([{"ruleId": "a", "ruleIndex": 0}] * 20_000, rules=[{"id": "a" * 1_000_000}]),
    "a suite's long name": b"<testsuite name='"
    + b"x" * 900_000
    + b"'>"
    + b"<testcase status='fail'/>" * 20_000
    + b"</testsuite>",
    "places of one weakness": json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "vulnerabilities": [{"id": "a", "affects": [{"ref": str(n)}]} for n in range(50_000)],
        }
    ).encode(),
    "a target's long name": json.dumps(
        {"SchemaVersion": 2, "Results": [{"Target": "a" * 1_000_000, "Secrets": [{"RuleID": "b"}] * 20_000}]}
    ).encode(),
}


@pytest.mark.parametrize("kind", MANY)
@pytest.mark.timeout(60)
def test_a_report_of_many_that_point_at_one_is_read_in_its_length(kind):
    """Or refused; what many share is neither copied nor looked for again."""
    with suppress(ReportError):
        read_report(MANY[kind])


@pytest.fixture(scope="module")
def team():
    """A team with a change."""
    name = a_team()
    return name, a_change(name)


ODD = {
    "a number of 400 digits": ("numbers.json", b'{"failures": ' + b"9" * 400 + b"}"),
    "a field of 200 kB": ("stats.csv", b'Type,Name\n"' + b"x" * 200_000 + b'",Aggregated\n'),
    "a name of 255 characters": ("测" * 251 + ".xml", b"<testsuite/>"),
    "a name of signs": ("a\u202e\x07b\\..\\c.xml", b"<testsuite/>"),
    "nothing": ("a.xml", b""),
    "no text": ("a.xml", b"\xff\xfe\x00"),
    "names of numbers": ("a.json", b'{"\\u0000": 1, "\\ud800": 2}'),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_files_are_taken_or_refused_with_a_true_word(team, kind):
    """By API and console: 201, 302 or 409, and no word of records that do not answer."""
    operator, (called, content) = in_team(team[0], ["operator"]), ODD[kind]
    path = f"changes/{team[1]}/controls/testing.functional/evidence/"
    fields = {"kind": "report", "file": SimpleUploadedFile(called, content)}
    told = operator.script().ask("post", f"/api/{path}", data=fields)
    fields["file"] = SimpleUploadedFile(called, content)
    page = operator.browser().post(f"/{path}", fields)
    assert (told.status_code, page.status_code) in {(201, 302), (409, 409)}
    assert b"do not answer" not in page.content


@pytest.mark.parametrize("number", ["9" * 400 + "%", "1e999", "nan", "9" * 13, "=1+1", "0x10", "1\x00"])
def test_odd_numbers_are_refused(team, number):
    """As no number of the control's unit."""
    owner = in_team(team[0], ["operator"]).script()
    path = f"/api/changes/{team[1]}/controls/testing.functional/evidence/"
    told = owner.ask("post", path, data={"kind": "report", "number": [f"unexplained_differences={number}"]})
    assert told.status_code in (409, 422)


def test_looking_a_plan_over_takes_the_right_to_write(team):
    """It is the dearest thing that a reader could ask for."""
    text = a_plan(unique("look"), team[0])
    auditor, owner = (in_team(team[0], [role]).script() for role in ("auditor", "owner"))
    path = f"/api/changes/{team[1]}/plan/look/"
    assert [one.ask("post", path, json={"text": text}).status_code for one in (auditor, owner)] == [403, 200]
    assert in_team(team[0], ["owner"]).script("read").ask("post", path, json={"text": text}).status_code == 403
