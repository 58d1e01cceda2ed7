"""Writing plans in the browser, without one: ten fields, errors at the field, what an edit voids, two writers."""

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from serving import Served, post, served

pytestmark = pytest.mark.slow

FROM = "/new/from/service-release/"
ANSWERS = {
    "change.id": "checkout-2-4",
    "change.title": "Release checkout 2.4",
    "change.owner": "lin@shop.example",
    "needs": "Saved cards are not offered on phones",
    "touches": "checkout",
    "rollout.old": "http://127.0.0.1:9001",
    "rollout.new": "http://127.0.0.1:9002",
    "window": "2026-12-01T02:00+08:00/2026-12-01T08:00+08:00",
}
PLAN = "/changes/checkout-2-4/plan/"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console in an empty directory."""
    place = tmp_path_factory.mktemp("plans")
    with served(place / "home", cwd=place) as running:
        yield running


@pytest.fixture(scope="module")
def lin(console: Served):
    """Somebody who has written a plan from a model."""
    client = console.known(by="lin")
    assert post(client, FROM, page=FROM, **ANSWERS).headers["Location"] == "/changes/checkout-2-4/"
    return client


def typed(text: str) -> str:
    """What stands in the text field of a page."""
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)[1]
    return html.unescape(found)


def hidden(text: str, name: str) -> str:
    """What a hidden field holds."""
    return re.findall(rf'name="{name}" value="([^"]*)"', text)[-1]


def sent(client, path: str, page: str, **fields: str):
    """The form as it stands on that page, with these fields."""
    data = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "based_on": hidden(page, "based_on"), **fields}
    return client.post(path, data=data)


def saved(client, path: str, text: str):
    """Looked over and saved."""
    looked = sent(client, path, client.get(path).text, text=text, do="look")
    assert looked.status_code == 200, looked.text
    return sent(client, path, looked.text, text=text, do="save", seen=hidden(looked.text, "seen"))


def test_a_change_from_a_model_is_ten_fields_at_most(lin):
    """And stands on record with its numbers at once."""
    page = lin.get(FROM).text
    assert len(re.findall(r'<input id="[^"]*" name="[^"]*" value', page)) == len(ANSWERS) <= 10
    text = lin.get("/changes/checkout-2-4/").text
    assert ("Release checkout 2.4" in text, "Gate plan" in text) == (True, True)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(lin):
    """The others keep what they hold."""
    wrong = {**ANSWERS, "change.id": "Checkout 2", "rollout.new": "nowhere", "change.title": "<b>Two</b>"}
    answer = post(lin, FROM, page=FROM, **wrong)
    assert answer.status_code == 409
    for name in ("change.id", "rollout.new"):
        assert f'id="wrong-{name}"' in answer.text
    assert 'id="wrong-change.owner"' not in answer.text
    assert 'value="&lt;b&gt;Two&lt;/b&gt;"' in answer.text


def test_a_name_that_is_taken_is_said_at_the_name(lin):
    """The change that has it stays as it is."""
    answer = post(lin, FROM, page=FROM, **{**ANSWERS, "change.title": "Another"})
    assert (answer.status_code, "there is a change of that name" in answer.text) == (409, True)
    assert "Another" not in lin.get("/changes/checkout-2-4/").text


def test_the_plan_beside_the_form_is_the_one_that_is_saved(lin):
    """It is asked for while the form is typed into."""
    lin.headers["HX-Request"] = "true"
    made = html.unescape(post(lin, FROM, page="/new/", **ANSWERS).text)
    del lin.headers["HX-Request"]
    assert made == typed(lin.get(PLAN).text)


def test_an_edit_says_what_it_voids_before_it_is_saved(lin):
    """The difference and the evidence; a text that was not looked over is not saved."""
    page = lin.get(PLAN).text
    text = typed(page).replace("127.0.0.1:9002", "127.0.0.1:9003")
    looked = sent(lin, PLAN, page, text=text, do="save", seen="0" * 16)
    assert (looked.status_code, "The plan holds." in looked.text) == (200, True)
    assert re.search(r"This edit voids \d+ pieces? of evidence:", looked.text)
    assert '<span class="added">+  new:' in looked.text
    assert "9003" not in lin.get(PLAN).text
    assert saved(lin, PLAN, text).status_code == 302
    assert "9003" in lin.get(PLAN).text


def test_a_comment_in_the_text_voids_nothing_and_stays(lin):
    """Through the form too, which sets fields in the text."""
    page = lin.get(PLAN).text
    text = "# Asked for by support\n" + typed(page)
    looked = sent(lin, PLAN, page, text=text, do="look")
    assert "It voids no evidence." in looked.text
    assert saved(lin, PLAN, text).status_code == 302
    page = lin.get(f"{PLAN}?as=form").text
    looked = sent(lin, f"{PLAN}?as=form", page, text=text, do="form", **{"/change/title": "Release 2.4"})
    again = typed(looked.text)
    assert ("# Asked for by support" in again, "Release 2.4" in again) == (True, True), again


def test_two_people_editing_lose_nothing(console, lin):
    """Edits of other lines are joined; of the same line both are shown, and theirs is never overwritten unseen."""
    wang = console.known(by="wang")
    hers, his = lin.get(PLAN).text, wang.get(PLAN).text
    base = typed(hers)
    one = base.replace("Saved cards are not offered on phones", "Saved cards are missing")
    two = base.replace("9003", "9004")
    assert saved(lin, PLAN, one).status_code == 302
    looked = sent(wang, PLAN, his, text=two, do="look")
    late = sent(wang, PLAN, his, text=two, do="save", seen=hidden(looked.text, "seen"))
    assert (late.status_code, "lin saved another text while you wrote" in late.text) == (409, True)
    both = re.search(r'<textarea name="text" hidden>\n(.*?)</textarea>', late.text, re.DOTALL)[1]
    assert ("Saved cards are missing" in both, "9004" in both) == (True, True)
    assert "9004" in typed(late.text)
    three = base.replace("Saved cards are not offered on phones", "Cards")
    looked = sent(wang, PLAN, his, text=three, do="look")
    clash = sent(wang, PLAN, his, text=three, do="save", seen=hidden(looked.text, "seen"))
    assert "They touch the same lines" in clash.text
    assert "Saved cards are missing" in lin.get(PLAN).text


def test_what_was_typed_and_not_saved_is_found_again(lin):
    """In my work and on the plan's page, until it is thrown away."""
    page = lin.get(PLAN).text
    kept = sent(lin, "/drafts/?change=checkout-2-4", page, text="unfelt: 1 # half\n")
    assert (kept.status_code, kept.text) == (200, "kept as a draft")
    assert PLAN in lin.get("/").text
    page = lin.get(PLAN).text
    assert typed(page) == "unfelt: 1 # half\n"
    assert sent(lin, PLAN, page, do="discard").status_code == 302
    assert "half" not in lin.get(PLAN).text


def test_a_text_that_is_no_plan_is_said_by_line(lin):
    """What was typed is still there."""
    page = lin.get(PLAN).text
    answer = sent(lin, PLAN, page, text="unfelt: 1\nchange: [<script>\n", do="look")
    assert (answer.status_code, "<script>\n" in answer.text) == (409, False)
    assert 'data-line="' in answer.text
    assert typed(answer.text) == "unfelt: 1\nchange: [<script>\n"


def test_the_plan_of_one_change_cannot_become_that_of_another(lin):
    """Its name is for ever; a team has to be there."""
    text = typed(lin.get(PLAN).text)
    for new, said in (
        ("id: other-name", "a name is for ever"),
        ("id: checkout-2-4\n  team: nobody", "no such team"),
    ):
        answer = sent(lin, PLAN, lin.get(PLAN).text, text=text.replace("id: checkout-2-4", new), do="look")
        assert (answer.status_code, said in answer.text) == (409, True)


def test_a_clone_begins_as_the_other_with_a_name_of_its_own(lin):
    """As a draft, to be edited and saved."""
    assert post(lin, "/changes/checkout-2-4/clone/", page="/").headers["Location"] == "/new/yaml/"
    text = typed(lin.get("/new/yaml/").text)
    assert "id: checkout-2-4-2" in text
    assert saved(lin, "/new/yaml/", text).headers["Location"] == "/changes/checkout-2-4-2/"
    assert "checkout-2-4-2" not in typed(lin.get("/new/yaml/").text)


def test_every_saved_text_is_kept(lin):
    """With its writer, and the expanded plan that evidence is about."""
    page = lin.get(f"{PLAN}versions/").text
    assert page.count("<details") >= 4
    assert "&#34;first_share&#34;" in page


def test_a_plan_that_was_edited_as_a_file_is_not_overwritten(console, lin):
    """The console sees the file's text as the newest one."""
    page = lin.get(PLAN).text
    mine = typed(page)
    file = console.home.parent / "change.yaml"
    file.write_text(mine.replace("9003", "9005"))
    command = [sys.executable, "-m", "unfelt", "assess", str(file), "--home", str(console.home)]
    subprocess.run(command, check=False, capture_output=True, env=console.environment)
    looked = sent(lin, PLAN, page, text=mine + "# late\n", do="look")
    late = sent(lin, PLAN, page, text=mine + "# late\n", do="save", seen=hidden(looked.text, "seen"))
    assert (late.status_code, "saved another text" in late.text) == (409, True)
    assert "9005" in lin.get(PLAN).text


def test_plans_written_in_the_browser_verify(console, lin):
    """Nothing but the missing signature is amiss."""
    command = [sys.executable, "-m", "unfelt", "verify", "--json", "--home", str(console.home)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env=console.environment)
    told = json.loads(ran.stdout)
    assert told["faults"] == []
