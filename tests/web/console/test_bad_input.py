"""What browsers may send and do: scripts in every text, too much, twice, without JavaScript, after the session."""

import re
from collections.abc import Iterator

import pytest
from browsing import opened
from playwright.sync_api import expect
from serving import Served, post, served
from test_plans import ANSWERS

pytestmark = pytest.mark.slow
FROM, CHANGE = "/new/from/service-release/", "/changes/checkout-2-4/"
HARM = """"><script>alert(1)</script><img src=x onerror=alert(1)>' {{ 7 * 7 }} ${7*7}"""
HAND = f"{CHANGE}controls/testing.functional/"
PAGES = (
    *("/", "/changes/", "/board/", "/requests/", "/models/", "/risks/", "/programme/", "/ledger/"),
    *("/search/?q=script", "/ledger/?q=script", "/settings/me/", "/settings/members/", "/settings/teams/"),
    *("/settings/webhooks/", CHANGE, HAND, f"{CHANGE}review/", f"{CHANGE}controls/", "/changes/harm/"),
    "/changes/harm/plan/",
)
ASKED = ("/live/?q=", "/changes/?q=", "/settings/playbook/?q=", "/new/?part_of=")


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over one change, in a directory with nothing else."""
    place = tmp_path_factory.mktemp("bad")
    with served(place / "home", cwd=place) as running:
        lin = running.known(by="lin")
        assert post(lin, FROM, page=FROM, **ANSWERS).status_code == 302
        yield running


def test_scripts_in_every_text_are_texts(console):
    """Wherever they are shown again, and nothing of a template is worked out."""
    lin = console.known(by="lin")
    sent = {
        "/settings/me/token/": {"title": HARM, "days": "9", "scopes": "read"},
        "/settings/members/": {"name": "harm", "title": HARM[:150], "roles": "owner"},
        "/settings/teams/": {"id": "harm", "title": HARM},
        "/settings/webhooks/": {"url": f"https://shop.example/{HARM}", "kinds": HARM},
        "/requests/": {"title": HARM, "why": HARM, "wanted_by": ""},
        f"{CHANGE}comments/": {"text": HARM},
        f"{CHANGE}lessons/": {"text": HARM, "action": HARM, "member": "lin", "due": ""},
        f"{HAND}waive/": {"reason": HARM, "length": "14d", "agreed_by": "harm"},
        f"{HAND}sign/": {"answer": "no", "refuse": HARM},
        "/new/yaml/": {"text": f"unfelt: 1\nchange: {HARM}", "do": "look", "based_on": "0"},
        f"{CHANGE}hand/": {"control": "testing.functional", "to": HARM, "due": HARM},
        f"{CHANGE}controls/testing.functional/evidence/": {
            "kind": "report",
            "number:unexplained_differences": HARM,
        },
        FROM: {**ANSWERS, "change.id": "harm", "change.title": HARM},
    }
    shown = {f"POST {path}": post(lin, path, page="/settings/me/", **fields).text for path, fields in sent.items()}
    shown |= {path: lin.get(path).text for path in (*PAGES, *(path + HARM for path in ASKED))}
    assert [path for path, text in shown.items() if "<script>alert" in text or "<img src=x" in text] == []
    assert [path for path, text in shown.items() if "49" in text and "7 * 7" not in text and "{{" in text] == []
    assert "&lt;script&gt;alert(1)" in shown["/requests/"]


def test_a_file_that_is_too_large_is_refused_in_a_sentence(console):
    """Nothing of it is on record."""
    lin, page = console.known(by="lin"), f"{CHANGE}controls/testing.functional/"
    lin.get(page)
    files = {"file": ("report.xml", b"<" * 20_000_001)}
    fields = {"csrfmiddlewaretoken": lin.cookies["csrftoken"], "kind": "report"}
    answer = lin.post(f"{page}evidence/", data=fields, files=files)
    assert (answer.status_code, "A file of at most 20 MB is due" in answer.text) == (409, True)
    assert "report.xml" not in lin.get(page).text


@pytest.mark.parametrize(("name", "size"), [("text", 5_100_000), ("n", 2_100)])
def test_a_form_that_is_too_large_or_has_too_many_fields_is_refused(console, name, size):
    """With status 400 and a reason, whatever the page."""
    lin = console.known(by="lin")
    lin.get("/")
    many = {f"{name}{number}": "x" for number in range(size)} if name == "n" else {name: "x" * size}
    answer = lin.post(f"{CHANGE}comments/", data={"csrfmiddlewaretoken": lin.cookies["csrftoken"], **many})
    assert (answer.status_code, "too large" in answer.text) == (400, True)


def test_two_clicks_have_one_effect(console, browser):
    """On every form that makes something."""
    with opened(browser, console, by="lin") as page:
        page.goto(console.base + CHANGE)
        page.fill("textarea[name=text]", "Once only")
        page.locator("form[action$='/comments/'] button").dblclick()
        page.wait_for_url(re.compile("#comments"))
        expect(page.locator(".typed", has_text="Once only")).to_have_count(1)
        page.goto(f"{console.base}/requests/")
        page.fill("#title", "One wish")
        page.fill("#why", "One reason")
        page.locator("form[action='/requests/'].stack button.main").dblclick()
        page.wait_for_load_state()
        expect(page.locator("li b", has_text="One wish")).to_have_count(1)


def test_without_javascript_pages_are_read_and_forms_work(console, browser):
    """Filters by their button, plans looked over and saved, comments, colours."""
    with opened(browser, console, by="lin", java_script_enabled=False) as page:
        page.goto(f"{console.base}/changes/")
        page.fill(".filters input[name=q]", "nothing of the kind")
        page.click(".filters button")
        expect(page.locator("#found")).to_contain_text("No change is like that")
        page.goto(f"{console.base}{CHANGE}plan/")
        text = page.input_value("#text")
        page.fill("#text", text + "# a word more\n")
        page.click("button[value=look]")
        page.click("button[value=save]")
        page.wait_for_url(f"{console.base}{CHANGE}")
        page.fill("textarea[name=text]", "Without a script")
        page.click("form[action$='/comments/'] button")
        expect(page.locator(".typed", has_text="Without a script")).to_have_count(1)
        page.click("button[name=theme]")
        assert page.get_attribute("html", "data-theme") == "dark"
        page.goto(f"{console.base}/assurance/")
        page.click("summary >> nth=-1")
        expect(page.locator("table[data-chart] tbody tr").first).to_be_visible()


def test_what_was_typed_after_the_session_ended_is_sent_after_the_login(console, browser):
    """The form is handed back whole; it is sent by a button once somebody is known again."""
    with opened(browser, console, by="lin") as page:
        page.goto(f"{console.base}/requests/")
        page.fill("#title", "A late wish")
        page.fill("#why", "Typed for an hour")
        page.context.clear_cookies(name="unfelt_session")
        page.click("form[action='/requests/'].stack button.main")
        expect(page.locator("form[data-again]")).to_have_count(1)
        with page.context.expect_page() as other:
            page.evaluate(f"window.open({console.link(by='lin')!r})")
        other.value.click("button.main")
        other.value.wait_for_url(f"{console.base}/")
        page.click("form[data-again] button")
        expect(page.locator("li b", has_text="A late wish")).to_have_count(1)


def test_several_controls_are_handed_over_at_once_or_none(console):
    """A control that is not there hands over none of them."""
    lin = console.known(by="lin")
    where, page = f"{CHANGE}hand/", f"{CHANGE}controls/"
    lin.get(page)
    fields = {"csrfmiddlewaretoken": lin.cookies["csrftoken"], "to": "lin", "due": "2026-12-01"}
    both = ["testing.functional", "security.assessment"]
    wrong = lin.post(where, data={**fields, "control": [*both, "no.control"]})
    assert (wrong.status_code, "by 2026-12-01" in lin.get(page).text) == (404, False)
    unknown = lin.post(where, data={**fields, "control": both, "to": "no-one"})
    assert (unknown.status_code, unknown.text.count(" checked")) == (409, 2)
    assert lin.post(where, data={**fields, "control": both}).status_code == 302
    assert lin.get(page).text.count("lin · by 2026-12-01") == 2
