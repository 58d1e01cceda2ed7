"""The pages about changes, without a browser: what holds one, signing and waiving, and nothing lost on the way."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from serving import Served, post, served

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {id: NAME, title: "TITLE", owner: lin@shop.example, tier: normal, facts: {personal_data: none}}
needs: [{id: peak, because: Checkout times out, source: none, shown_by: A test}]
touches: [checkout]
experience:
  customer: cookie:uid
  metrics: [{id: failed, bad: "status >= 500", margin: 1%}]
guard: {impact_budget: 150 customers}
"""
BAD = "<script>alert(1)</script> & “split”"
TEAM = "/changes/split/controls/team.form/"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over two changes, one with a title that means harm."""
    place = tmp_path_factory.mktemp("changes")
    home = place / "home"
    for name, title in (("split", "Split checkout"), ("harm", BAD)):
        plan = place / f"{name}.yaml"
        plan.write_text(PLAN.replace("NAME", name).replace("TITLE", title))
        command = [sys.executable, "-m", "unfelt", "assess", str(plan), "--home", str(home)]
        subprocess.run(command, check=False, capture_output=True, env={**os.environ, "UNFELT_LANG": "en"})
    with served(home) as running:
        yield running


@pytest.fixture(scope="module")
def reader(console: Served):
    """Somebody called ann."""
    return console.known(by="ann")


def test_every_change_is_listed_with_what_holds_it(reader):
    """Found by anything in its plan; what no plan holds says so; the list is a file too."""
    text = reader.get("/changes/").text
    assert "Split checkout" in text
    assert "Gate plan waits for:" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “split”" in text
    assert "<script>alert" not in text
    assert "Split checkout" in reader.get("/changes/?q=Split checkout").text
    assert "No change is like that." in reader.get("/changes/?q=nothing at all").text
    table = reader.get("/changes.csv").text
    assert "split,Split checkout,lin@shop.example,,normal,checkout,plan," in table


def test_the_first_screen_of_a_change_says_why_it_is_shut_and_whose_it_is(reader):
    """The gate, the controls, their state, the role."""
    text = reader.get("/changes/split/").text
    for said in ("Gate plan is shut. It waits for:", "Form the team", "missing: no evidence yet", "owner"):
        assert said in text
    assert reader.get("/changes/nothing/").status_code == 404
    assert reader.get("/changes/split/controls/no.such/").status_code == 404


def test_signing_is_one_button_and_is_on_record_under_ones_own_name(reader):
    """A refusal needs its reason; the newest word counts."""
    page = reader.get(TEAM).text
    assert "As ann." in page
    empty = post(reader, f"{TEAM}sign/", page=TEAM, answer="no", refuse=" ")
    assert (empty.status_code, "Say why you refuse." in empty.text) == (409, True)
    assert post(reader, f"{TEAM}sign/", page=TEAM, answer="no", refuse="Too few").status_code == 302
    assert "Too few" in reader.get(TEAM).text
    assert post(reader, f"{TEAM}sign/", page=TEAM, answer="yes").status_code == 302
    text = reader.get(TEAM).text
    assert "signed by ann, not measured" in text
    assert text.count("passed · sign-off") == 1


def test_a_waiver_that_cannot_be_loses_nothing_that_was_typed(console, reader):
    """And one that can be is given once a second person, who was asked, agrees."""
    zhao = console.known(by="zhao")
    where = "/changes/split/controls/planning.resources/"
    words = {"reason": "Any night will do <b>", "length": "14 days", "agreed_by": "zhao"}
    wrong = post(reader, f"{where}waive/", page=where, **words)
    assert wrong.status_code == 409
    assert "a length of time is due" in wrong.text
    assert "Any night will do &lt;b&gt;" in wrong.text
    alone = post(reader, f"{where}waive/", page=where, **{**words, "length": "14d", "agreed_by": "Ann"})
    assert "A waiver takes two people" in alone.text
    nobody = post(reader, f"{where}waive/", page=where, **{**words, "length": "14d", "agreed_by": "cao"})
    assert "There is no member cao." in nobody.text
    assert post(reader, f"{where}waive/", page=where, **{**words, "length": "14d"}).status_code == 302
    assert "ann asks zhao to agree" in reader.get(where).text
    assert "waived until" not in reader.get(where).text
    assert "ann asks you to agree to a waiver" in zhao.get("/").text
    answer = re.search(r"/changes/split/waivers/\d+/", zhao.get(where).text)[0]
    assert "zhao was asked, and only they answer." in post(reader, answer, page=where, agrees="yes").text
    assert post(zhao, answer, page=where, agrees="yes").status_code == 302
    assert post(zhao, answer, page=where, agrees="yes").status_code == 302  # A double click has one effect.
    text = reader.get(where).text
    assert ("waived until" in text, text.count("agreed by zhao")) == (True, 1)


def test_nobody_unknown_and_no_foreign_form_signs(console):
    """A stranger gets no page; a form without its token is refused."""
    assert console.stranger().get("/changes/").status_code == 401
    known = console.known(by="bo")
    assert known.post(f"{TEAM}sign/", data={"answer": "yes"}).status_code == 403
    assert known.get(f"{TEAM}sign/").status_code == 405


def test_without_a_programme_the_page_says_how_to_write_one(reader):
    """And its file is a head alone."""
    assert "No programme here" in reader.get("/programme/").text
    assert reader.get("/programme.csv").text.strip() == "\ufeffdue,state,control,work,owner,last"


def test_in_chinese_the_pages_are(console):
    """Gates, states and controls."""
    text = console.known(**{"Accept-Language": "zh-CN"}).get("/changes/split/").text
    assert "团队组建" in text
    assert "It waits for" not in text


def test_a_fault_of_a_form_is_said_at_its_field_and_nothing_typed_is_lost(reader):
    """In the reader's language, of a member and a day as of a length of time."""
    answer = post(reader, f"{TEAM}hand/", page=TEAM, to="ann", due="soon")
    assert (answer.status_code, 'id="wrong-due"' in answer.text) == (409, True)
    assert 'value="soon"' in answer.text
    long = post(reader, f"{TEAM}waive/", page=TEAM, reason="x" * 2001, length="14d", agreed_by="zhao")
    assert (long.status_code, long.text.count("At most 2000 characters are allowed; given: 2001.")) == (409, 2)
    reader.cookies.set("unfelt_language", "zh")
    chinese = post(reader, f"{TEAM}hand/", page=TEAM, to="cao", due="")
    reader.cookies.delete("unfelt_language")
    said = ('id="wrong-to"' in chinese.text, 'value="cao"' in chinese.text)
    assert (chinese.status_code, said) == (409, (True, True))
