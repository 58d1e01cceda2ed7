"""Routes: bounded however many paths come, and nothing that names one thing or a secret."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.adapters.sources.unregistered.comparison import target
from unfelt.adapters.sources.unregistered.routes import CHILDREN, ROUTES, Routes, masked_path


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "GET /"),
        ("/orders/17/items", "GET /orders/{n}/items"),
        ("/static/app.3f2a91bc.js", "GET /static/app.{hex}.js"),
        ("/u/bob@example.com", "GET /u/{email}"),
        ("/%E4%BA%A7%E5%93%81/1", "GET /{text}/{n}"),
        ("/%25E4%25BA%25A7", "GET /{text}"),
        ("/产品", "GET /{text}"),
        ("/reset/QWxhZGRpbjpvcGVuIHNlc2FtZQ", "GET /reset/{id}"),
        ("/k/Abc_def-gh12", "GET /k/{id}"),
        ("/2026-11-30/report", "GET /{date}/report"),
        ("/api/v2/a", "GET /api/v2/a"),
        ("*", "GET /"),
        ("", "GET /"),
    ],
)
def test_what_names_one_thing_is_masked(path, route):
    """Numbers, hashes, dates, addresses, tokens and other scripts have a name; words stand as they are."""
    assert Routes().name("GET", path) == route


def test_many_names_in_one_place_become_one():
    """After the fortieth, a part of the path is any."""
    routes = Routes()
    letters = "abcdefghij"
    names = {routes.name("GET", f"/{a}{b}{c}/page") for a in letters for b in letters for c in letters}
    assert len(names) <= CHILDREN + 1
    assert routes.name("GET", "/zzz/page") == "GET /{any}/page"


def test_the_tree_stays_small_whatever_comes():
    """Two hundred thousand random paths, and no more routes than are allowed."""
    draw, routes = random.Random(3), Routes()
    for _ in range(200_000):
        parts = ["".join(draw.choices("abcdefghijklmnop", k=4)) for _ in range(draw.randrange(1, 5))]
        routes.name("GET", "/" + "/".join(parts), "q" if draw.random() < 0.5 else "")
    assert routes.many <= ROUTES
    assert len(routes.written()) < 200_000


def test_what_was_learnt_is_kept():
    """After a restart the same paths have the same names."""
    routes = Routes()
    paths = [f"/{a}{b}" for a in "abcdefgh" for b in "abcdefgh"]
    for path in paths:
        routes.name("GET", path)
    again = Routes.read(routes.written())
    assert [again.name("GET", path) for path in paths] == [routes.name("GET", path) for path in paths]


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_is_a_path(path, query):
    """Whatever a client sends has a name, and none with control characters or a long part."""
    name = Routes().name("GET", path, query)
    assert name.startswith("GET /")
    assert all(len(part) <= 70 for part in masked_path(path).split("/"))


@given(st.text(max_size=100), st.text(max_size=300))
def test_any_location_leads_somewhere(host, location):
    """A redirect that cannot be read is no traceback."""
    assert target(host, location)


def test_a_redirect_to_another_port_leads_away():
    """The host with its port is what customers asked; a password in an address is not shown."""
    assert target("shop.example", "http://shop.example:9201/docs/") == "http://shop.example:9201"
    assert target("shop.example", "https://a:b@shop.example/docs/") == "https://shop.example"
    assert target("shop.example", "/docs/17") == "/docs/{n}"
