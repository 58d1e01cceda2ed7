"""What the house works by, as pages: catalog, playbook, sources, risks; colours, a new password by mail."""

import csv
import hashlib
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postbox import Box, postbox
from seeding import organisation
from serving import Served, post, served

from unfelt.web.frame.vendor import STATIC, listed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four changes and a catalog."""
    return organisation(tmp_path_factory)


@pytest.fixture(scope="module")
def box() -> Iterator[tuple[Box, int]]:
    """A mail server and its port."""
    with postbox() as both:
        yield both


@pytest.fixture(scope="module")
def console(place: Path, box) -> Iterator[Served]:
    """A console over it that can send mail."""
    mail = {"UNFELT_MAIL": f"smtp://127.0.0.1:{box[1]}", "UNFELT_MAIL_FROM": "unfelt@shop.example"}
    with served(place / ".unfelt", cwd=place, environment=mail) as running:
        yield running


def rows(client, path: str) -> list[dict[str, str]]:
    """An exported list."""
    return list(csv.DictReader(io.StringIO(client.get(path).text.removeprefix("\ufeff"))))


def test_every_risk_is_listed_the_gravest_first(console):
    """Chance times customers."""
    ann = console.known()
    found = [float(row["expected"]) for row in rows(ann, "/risks/?as=csv")]
    assert (len(found), found) == (9, sorted(found, reverse=True))
    assert "One more hop makes checkout slower" in ann.get("/risks/").text


def test_the_catalog_is_shown_and_what_is_wrong_with_it_is_said(console, place):
    """By line; the page does not fail."""
    ann, file = console.known(), place / "catalog.yaml"
    assert [row["name"] for row in rows(ann, "/settings/catalog/?as=csv")] == [
        "shop",
        "checkout",
        "orders",
        "invoices",
    ]
    before = file.read_text()
    file.write_text(before.replace("kind: page", "kind: pages", 1))
    try:
        said = ann.get("/settings/catalog/")
        assert (said.status_code, "catalog.yaml does not hold" in said.text, "pages" in said.text) == (
            200,
            True,
            True,
        )
    finally:
        file.write_text(before)


def test_controls_of_the_playbook_are_found_by_any_of_their_words(console):
    """In the page and in its file."""
    ann = console.known()
    assert len(rows(ann, "/settings/playbook/?as=csv")) == 80
    found = [row["control"] for row in rows(ann, "/settings/playbook/?as=csv&q=drill")]
    assert "backup.drill" in found
    assert len(found) < 10
    assert "team.form" not in ann.get("/settings/playbook/?q=drill").text


def test_sources_of_every_change_are_named(console):
    """With both versions' addresses."""
    text = console.known().get("/settings/sources/").text
    assert "http://127.0.0.1:9111 / http://127.0.0.1:9112" in text


def test_readiness_looks_again(console):
    """A probe of the plan, and back to the list; what it found is newer."""
    ann = console.known()
    page = ann.get("/changes/orders-to-postgres/readiness/").text
    action = re.search(r'action="([^"]*/probe/\?to=readiness)"', page)[1]
    answer = post(ann, action, page="/changes/orders-to-postgres/readiness/")
    assert answer.headers["Location"] == "/changes/orders-to-postgres/readiness/"


def test_live_names_what_is_planned_next_and_what_probes_found(console):
    """Beside the rollouts."""
    text = console.known().get("/live/").text
    assert ("Planned next" in text, "Looked at from outside" in text) == (True, True)
    assert "tcp://127.0.0.1:1" in text


def test_colours_are_kept_in_a_cookie(console):
    """Dark, light, or as the system has it; anything else is not taken."""
    ann = console.known()
    assert "data-theme" not in ann.get("/").text
    assert post(ann, "/theme/", page="/", theme="dark", here="/live/").headers["Location"] == "/live/"
    assert 'data-theme="dark"' in ann.get("/").text
    post(ann, "/theme/", page="/", theme='"><script>', here="//elsewhere.example/")
    assert 'data-theme="dark"' in ann.get("/").text


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(console, box):
    """Sent to the member's address; an unknown address is answered alike and sent nothing."""
    admin = console.known(by="root")
    mei = {"name": "mei", "email": "mei@shop.example", "roles": "owner"}
    post(admin, "/settings/members/", page="/settings/members/", **mei)
    stranger, reset = console.stranger(), "/accounts/password/reset/"
    assert reset in stranger.get("/accounts/login/").text
    answers = {
        post(stranger, reset, page=reset, email=f"{name}@shop.example").headers["Location"]
        for name in ("mei", "no")
    }
    assert len(answers) == 1
    end = time.monotonic() + 30
    while not box[0].mails and time.monotonic() < end:
        time.sleep(0.1)
    ((to, subject, mail),) = box[0].mails
    assert (to, subject[:8]) == (["mei@shop.example"], "unfelt: ")
    link = re.search(r"/accounts/password/reset/key/\S+", mail)[0]
    form = stranger.get(link).headers["Location"]
    word = "a long enough word 8"
    assert post(stranger, form, page=form, password1=word, password2=word).status_code == 302
    again = console.stranger()
    assert post(again, "/accounts/login/", page="/accounts/login/", login="mei", password=word).status_code == 302
    late = console.stranger().get(link, follow_redirects=True)
    assert 'name="password1"' not in late.text


def test_vendored_scripts_are_those_that_are_listed():
    """By their hash."""
    for one in listed():
        assert hashlib.sha256((STATIC / one["file"]).read_bytes()).hexdigest() == one["sha256"], one["file"]


def test_an_example_organisation_is_made_and_served(tmp_path):
    """Once; the next start finds it."""
    with served(Path(".unfelt"), "--example", cwd=tmp_path) as first:
        pass
    with served(Path(".unfelt"), "--example", cwd=tmp_path) as second:
        page = second.stranger().get("/")
    assert (tmp_path / "unfelt-example" / "orders.yaml").exists()
    assert (first.first_link != second.first_link, page.status_code) == (True, 401)


def test_the_house_speaks_by_its_name(console, box):
    """On pages, in reports and in mails; one that cannot be is said at its field."""
    admin, where = console.known(by="root"), "/settings/house/"
    wrong = post(admin, where, page=where, name="two\nlines", contact="")
    assert (wrong.status_code, 'id="wrong-name"' in wrong.text) == (409, True)
    assert post(admin, where, page=where, name="Shop & Sons", contact="call 4711").status_code == 302
    assert "Shop &amp; Sons</title>" in admin.get("/").text
    assert "Shop &amp; Sons (call 4711)" in admin.get("/rollouts/invoice-hotfix-1/report/").text
    nothing = post(admin, f"{where}mail/", page=where)
    assert "you have no address: nothing was sent" in nothing.text
    page = re.search(r'/settings/members/\d+/(?=">root<)', admin.get("/settings/members/").text)[0]
    roles = {"roles": ["admin", "owner"], "active": "on", "email": "root@shop.example"}
    admin.get(page)
    admin.post(page, data={"csrfmiddlewaretoken": admin.cookies["csrftoken"], **roles})
    assert "Sent to root@shop.example." in post(admin, f"{where}mail/", page=where).text
    assert (["root@shop.example"], "unfelt") in [one[:2] for one in box[0].mails]


@pytest.mark.parametrize(
    ("path", "column", "some"),
    [
        ("/calendar/?month=2026-12&as=csv", "what", "orders-to-postgres"),
        ("/models/?as=csv", "model", "service-release"),
        ("/settings/sources/?as=csv", "change", "checkout-split"),
        ("/settings/teams/?as=csv", "member", "teamed"),
        ("/settings/webhooks/?as=csv", "url", "https://hooks.example/a"),
        ("/assurance/?as=csv", "control", "backup.drill"),
        ("/rollouts.csv", "id", "invoice-hotfix-1"),
        ("/programme.csv", "control", ""),
    ],
)
def test_every_list_is_taken_as_a_table(console, path, column, some):
    """By the button beside it."""
    admin = console.known(by="root")
    if "teams" in path:
        post(admin, "/settings/teams/", page="/settings/teams/", id="exported", title="Exported")
        made = post(admin, "/settings/members/", page="/settings/members/", name="teamed").headers["Location"]
        post(admin, made, page=made, active="on", **{"team:exported": "owner"})
    if "webhooks" in path:
        post(admin, "/settings/webhooks/", page="/settings/webhooks/", url="https://hooks.example/a", kinds="")
    found = [row[column] for row in rows(admin, path)]
    assert found
    assert some in found or not some
