"""HTTPS and HTTP/2 at the router: the same assignment, the same going back, certificates renewed in place."""

import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from certificates import write_certificate
from router_site import Site

from unfelt.adapters.routers import RouterError

WITHIN = 30.0
"""Seconds that Envoy may take to see a renewed certificate on a busy machine."""


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate in a directory of its own."""
    directory = tmp_path / "certificate"
    directory.mkdir()
    return write_certificate(directory)


@pytest.fixture
def secure(sites: Callable[..., Site], certificate: tuple[Path, Path]) -> Site:
    """A started router that speaks HTTPS."""
    site = sites(tls={"certificate": str(certificate[0]), "key": str(certificate[1])})
    site.router.start()
    return site


@pytest.fixture
def clients() -> Iterator[Callable[..., httpx.Client]]:
    """Clients that are closed after the test."""
    made: list[httpx.Client] = []

    def make(site: Site, chain: Path, **more: object) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(chain))
        client = httpx.Client(base_url=f"https://127.0.0.1:{site.port}", verify=context, timeout=20, **more)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def test_customers_speak_http_2_over_tls_and_stay_where_they_are(secure, certificate, clients):
    """The share holds, each customer stays on their side, and old clients speak HTTP/1.1."""
    secure.move(0.5, lease=secure.open())
    new, old = clients(secure, certificate[0], http2=True), clients(secure, certificate[0])
    arms = [
        [client.get("/", headers={"Cookie": f"uid=c{number}"}).json()["arm"] for number in range(200)]
        for client in (new, old)
    ]
    assert arms[0] == arms[1]
    assert 60 < Counter(arms[0])["new"] < 140
    versions = [client.get("/").http_version for client in (new, old)]
    assert versions == ["HTTP/2", "HTTP/1.1"]


def test_the_cookie_of_a_newcomer_is_for_https_alone(secure, certificate, clients):
    """Nobody on the way can read who a customer is."""
    secure.move(0.5, lease=secure.open())
    cookie = clients(secure, certificate[0]).get("/?content-type=text/html").headers["set-cookie"]
    assert cookie.startswith("uid=")
    assert cookie.endswith("; HttpOnly; SameSite=Lax; Secure")


def test_going_back_keeps_open_connections(secure, certificate, clients):
    """On the same HTTP/2 connection: new before, old after, no request failed."""
    secure.move(1.0, lease=secure.open())
    client = clients(secure, certificate[0], http2=True)
    before = client.get("/", headers={"Cookie": "uid=c1"})
    secure.move(0.0)
    after = client.get("/", headers={"Cookie": "uid=c1"})
    assert [(one.status_code, one.json()["arm"]) for one in (before, after)] == [(200, "new"), (200, "old")]


def test_a_renewed_certificate_is_taken_up_without_a_restart(secure, certificate, clients):
    """Who comes after it was replaced meets the new one; the same Envoy goes on."""
    secure.move(0.5, lease=secure.open())
    began = secure.router.state().restarts
    write_certificate(certificate[0].parent, name="renewed.example")
    end = time.monotonic() + WITHIN
    while True:
        shown = ssl.get_server_certificate(("127.0.0.1", secure.port))
        if shown == certificate[0].read_text():
            break
        assert time.monotonic() < end, "the renewed certificate was not taken up"
        time.sleep(0.1)
    assert clients(secure, certificate[0]).get("/").status_code == 200
    secure.router.heartbeat()
    assert secure.router.state().restarts == began


def test_nobody_is_answered_in_the_clear(secure):
    """Plain HTTP to the port gets no page."""
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{secure.port}/", timeout=10)


def _missing(chain: Path, key: Path) -> tuple[Path, Path]:
    chain.unlink()
    return chain, key


def _no_key(chain: Path, key: Path) -> tuple[Path, Path]:
    key.write_text("no key")
    return chain, key


def _anothers_key(chain: Path, _key: Path) -> tuple[Path, Path]:
    other = chain.parent / "other"
    other.mkdir()
    return chain, write_certificate(other)[1]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_missing, "chain.pem cannot be read"),
        (_no_key, "are no certificate and its key"),
        (_anothers_key, "are no certificate and its key"),
    ],
)
def test_a_certificate_that_cannot_serve_is_said_before_anything_starts(sites, certificate, spoil, said):
    """With its file; no Envoy is left."""
    chain, key = spoil(*certificate)
    site = sites(tls={"certificate": str(chain), "key": str(key)})
    with pytest.raises(RouterError, match=said):
        site.router.start()
    assert not site.router.place.journal.exists()
