"""Who is served by which arm."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from router_site import Site, expected_arm

from unfelt.adapters.routers import Position, RouterError

PAGE = "/?content-type=text/html"
USERS = [f"user-{number}" for number in range(150)]


def arms(site: Site, users: list[str] = USERS) -> dict[str, str]:
    """The arm of each customer."""
    return {user: site.arm(user) for user in users}


def test_a_router_begins_with_nobody_on_new(site: Site) -> None:
    """A started router serves everybody from old and says so."""
    state = site.router.state()
    assert (state.alive, state.position.share, state.position.phase, state.restarts) == (True, 0.0, "off", 0)
    assert set(arms(site, USERS[:20]).values()) == {"old"}


def test_assignment_is_the_salted_hash_of_the_pseudonym(site: Site) -> None:
    """Each customer is where the formula puts them, at every share and salt, again and again."""
    for salt, share in (("s1", 0.1), ("s1", 0.5), ("s2", 0.5), ("s1", 0.5)):
        site.move(share, salt=salt)
        assert arms(site) == {user: expected_arm(site, user, salt=salt, share=share) for user in USERS}


def test_widening_only_adds_customers(site: Site) -> None:
    """Whoever is on new at a small share stays there as it grows."""
    before: set[str] = set()
    for share in (0.05, 0.2, 0.6, 1.0):
        site.move(share)
        now = {user for user, arm in arms(site).items() if arm == "new"}
        assert before <= now
        before = now
    assert before == set(USERS)


def test_another_salt_puts_others_first(site: Site) -> None:
    """Not the same customers go first each time."""
    groups = []
    for salt in ("s1", "s2"):
        site.move(0.2, salt=salt)
        groups.append({user for user, arm in arms(site).items() if arm == "new"})
    assert groups[0] != groups[1]
    assert len(groups[0] & groups[1]) < len(groups[0]) / 2


def test_a_request_without_an_id_is_served_by_old_and_gets_a_cookie(site: Site) -> None:
    """It belongs to no arm; with the cookie the customer is assigned."""
    site.move(1.0)
    _status, sent, cookie = site.get(PAGE)
    assert sent["arm"] == "old"
    assert cookie is not None
    value, *attributes = cookie.split("; ")
    assert attributes == ["Path=/", "Max-Age=34560000", "HttpOnly", "SameSite=Lax"]
    assert (value[:4], len(value)) == ("uid=", 36)
    _status, sent, again = site.get(cookie=value)
    assert (sent["arm"], again) == ("new", None)
    assert [line["arm"] for line in site.lines(at_least=2, where=lambda line: line["path"] == "/")][:2] == [
        "none",
        "new",
    ]


def test_two_newcomers_get_two_cookies(resting: Site) -> None:
    """No cookie is given twice."""
    assert len({resting.get(PAGE)[2] for _ in range(20)}) == 20


def test_a_service_that_sets_the_cookie_itself_is_left_alone(resting: Site) -> None:
    """The service's own cookie is not followed by another of the same name."""
    assert resting.get(f"{PAGE}&set-cookie=uid%3Dmine")[2] == "uid=mine"


@pytest.mark.parametrize(
    ("kept", "gets"),
    [
        ("public", False),
        ("s-maxage=60", False),
        ("max-age=600", False),
        ("max-age=31536000, immutable", False),
        ("max-age=0, must-revalidate", True),
        ("private, max-age=600", True),
        ("no-store", True),
    ],
)
def test_a_response_that_a_shared_cache_may_keep_gets_no_cookie(resting: Site, kept: str, gets: bool) -> None:
    """Otherwise many customers would become one."""
    assert (resting.get(f"{PAGE}&cache-control={quote(kept)}")[2] is not None) == gets


@pytest.mark.parametrize(
    ("kind", "dest", "gets"),
    [
        ("text/html", None, True),
        ("Text/HTML; charset=utf-8", None, True),
        ("application/json", None, False),
        ("text/css", None, False),
        ("image/png", "document", True),
        ("text/html", "document", True),
        ("text/html", "iframe", False),
        ("text/html", "empty", False),
        ("application/javascript", "script", False),
    ],
)
def test_the_cookie_comes_with_pages_alone(resting: Site, kind: str, dest: str | None, gets: bool) -> None:
    """What the browser navigates to, or, where it does not say, HTML."""
    said = {"sec_fetch_dest": dest} if dest else {}
    assert (resting.get(f"/?content-type={quote(kind)}", **said)[2] is not None) == gets


def test_ids_stand_before_cookies(site: Site) -> None:
    """A header is asked first, then a claim, then the cookie."""
    site.move(0.5)
    token = (
        base64.urlsafe_b64encode(json.dumps({"aud": {"sub": "no"}, "sub": "user-2"}).encode()).decode().rstrip("=")
    )
    bearer = f"Bearer eyJhbGciOiJub25lIn0.{token}.signature"
    site.get(x_user="user-1", authorization=bearer, cookie="uid=user-3")
    site.get(authorization=bearer, cookie="uid=user-3")
    site.get(cookie="a=b; uid=user-3; c=d")
    site.get(x_user="user-1")
    site.get(x_user="user-2")
    site.get(x_user="user-3")
    seen = [line["customer"] for line in site.lines(at_least=6, where=lambda line: line["customer"])]
    assert seen[:3] == seen[3:]
    assert len(set(seen)) == 3


def test_clients_cannot_choose_their_arm(resting: Site) -> None:
    """Reserved headers of a client change nothing and are not passed on, nor are those that ask Envoy to retry."""
    user = next(user for user in USERS if expected_arm(resting, user, salt="s1", share=0.5) == "old")
    sent = resting.get(x_user=user, x_unfelt_arm="new", x_unfelt_salt="s", x_envoy_retry_on="5xx")[1]
    assert sent["arm"] == "old"
    assert [name for name in sent["headers"] if name.lower().startswith(("x-unfelt", "x-envoy"))] == []


def test_pinned_and_excluded_customers_count_apart(sites: Callable[..., Site]) -> None:
    """The pinned stay on old throughout, the excluded until promotion, and neither belongs to an arm."""
    site = sites(pinned=["p"], excluded=["e"])
    site.router.start()
    site.move(1.0)
    assert [site.arm(user) for user in "pex"] == ["old", "old", "new"]
    site.move(1.0, phase="promoted")
    assert [site.arm(user) for user in "pex"] == ["old", "new", "new"]
    logged = [line["arm"] for line in site.lines(at_least=6, where=lambda line: line["customer"])]
    assert logged == ["pinned", "excluded", "new", "pinned", "new", "new"]


def test_the_baseline_assigns_and_serves_all_from_old(site: Site) -> None:
    """Both arms are logged, and nobody meets new."""
    site.move(0.5, phase="baseline")
    assert set(arms(site).values()) == {"old"}
    lines = site.lines(at_least=len(USERS), where=lambda line: line["phase"] == "baseline" and line["customer"])
    assert {line["arm"] for line in lines} == {"old", "new"}
    assert {line["served"] for line in lines} == {"old"}


def test_a_share_that_cannot_be_is_refused(resting: Site) -> None:
    """Shares are fractions."""
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(RouterError, match="fraction"):
            resting.router.move(Position(1, "watch", share, "s1", None))


def test_shares_are_as_fine_as_millionths(site: Site) -> None:
    """A finer share is rounded, and given back as it was asked for."""
    for share in (0.3333333333, 0.0000004, 0.9999996):
        site.move(share)
        assert site.router.state().position.share == share
        assert arms(site, USERS[:50]) == {
            user: expected_arm(site, user, salt="s1", share=share) for user in USERS[:50]
        }


@pytest.mark.parametrize(("anonymous", "served"), [("follow", "new"), ("old", "old")])
def test_without_an_id_everybody_else_is_followed_once_it_is_done(
    sites: Callable[..., Site], anonymous: str, served: str
) -> None:
    """Before that on old; then with everybody, unless the plan says old. They belong to no arm in any case."""
    site = sites(anonymous=anonymous)
    site.router.start()
    for phase, share in (("watch", 1.0), ("promoted", 1.0)):
        site.move(share, phase=phase)
        assert site.get()[1]["arm"] == "old"
    site.move(1.0, phase="settled")
    assert (site.get()[1]["arm"], site.arm("lin")) == (served, "new")
    line = site.lines(at_least=4, where=lambda line: line["path"] == "/" and line["customer"] is None)[-1]
    assert (line["arm"], line["served"], line["caller"]) == ("none", served, None)
    site.move(0.0)
    assert site.get()[1]["arm"] == "old"


def test_who_stands_behind_an_id_is_told_apart_without_being_named(resting: Site) -> None:
    """Two programs of one customer have two marks, and the same program always the same."""
    for agent in ("curl/8", "Firefox", "curl/8"):
        resting.get("/marked", x_user="office", user_agent=agent)
    lines = resting.lines(at_least=3, where=lambda line: line["path"] == "/marked")
    marks = [line["caller"] for line in lines]
    assert [len(mark) for mark in marks] == [8, 8, 8]
    assert (marks[0] == marks[2], marks[0] == marks[1]) == (True, False)
