"""No request of any kind reaches an address that is not public, however it is written."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from spellings import HOSTS, trap

from unfelt.adapters.addresses import RefusedError, must_be_web
from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.chat import is_chat, send_chat
from unfelt.adapters.channels.webhook import send_webhook
from unfelt.adapters.http import OutgoingError, Policy, fetch
from unfelt.adapters.probes.form import Asked
from unfelt.adapters.probes.looking import look_for
from unfelt.adapters.requesting import checking_session
from unfelt.conf.settings import Network, SettingsError, settings_from

NOWHERE = Policy()
REFUSED = str(RefusedError())
Request = Callable[[str], str]
"""Sends one there; returns why not."""


def webhook(at: str) -> str:
    """As an entry is sent."""
    with pytest.raises(ChannelError) as refused:
        send_webhook(f"http://{at}/", secret="s", said={}, policy=NOWHERE)
    return str(refused.value)


def added(at: str) -> str:
    """As an admin adds it, unless a name has to be asked for."""
    name = at.partition(":")[0].lower().rstrip(".")
    if name in ("localhost", "ⓛocalhost"):
        return REFUSED
    with pytest.raises(OutgoingError) as refused:
        must_be_web(f"https://{at}/", policy=NOWHERE)
    return str(refused.value)


def directory(at: str) -> str:
    """As django-allauth asks the house's directory."""
    with checking_session(NOWHERE) as session, pytest.raises(requests.RequestException) as refused:
        session.get(f"http://{at}/.well-known/openid-configuration")
    return REFUSED if isinstance(refused.value, requests.exceptions.InvalidURL) else str(refused.value)


def probe(scheme: str) -> Request:
    """As a plan looks."""

    def look(at: str) -> str:
        seen = look_for(scheme)(Asked(f"{scheme}://{at}", NOWHERE, within=2.0))
        assert seen.good is None
        return str(seen.saw)

    return look


def name_server(at: str) -> str:
    """As a plan asks a name server of its own."""
    seen = look_for("dns")(Asked("dns://shop.example/A", NOWHERE, within=2.0, server=at))
    assert seen.good is None
    return str(seen.saw)


REQUESTS: dict[str, Request] = {
    "webhook": webhook,
    "webhook added": added,
    "directory": directory,
    "probe http": probe("http"),
    "probe https": probe("https"),
    "probe tcp": probe("tcp"),
    "probe tls": probe("tls"),
    "probe dns": name_server,
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_no_spelling_reaches_an_address_that_is_not_public(kind):
    """Nobody comes to the trap, and the text is the same whatever is there."""
    assert len(set(HOSTS)) >= 75
    with trap() as (port, caught):
        for host in HOSTS:
            assert (host, REQUESTS[kind](f"{host}:{port}")) == (host, REFUSED)
        assert caught.came() == 0


@pytest.mark.parametrize(
    "form", ["json://{}", "jsons://{}/?method=DELETE&+X=1", "form://{}", "xml://{}", "apprise://{}"]
)
def test_no_spelling_is_a_chat_robot(form):
    """Neither when it is wished nor when it was stored before."""
    with trap() as (port, caught):
        for host in HOSTS:
            address = form.format(f"{host}:{port}")
            assert not is_chat(address)
            with pytest.raises(ChannelError):
                send_chat(address, subject="s", text="t")
        assert caught.came() == 0


def test_a_named_network_is_reached_and_its_neighbours_are_not():
    """The trap on 127.0.0.1 is, the one on 127.0.0.2 is not; an IPv4-mapped spelling counts as what it maps."""
    policy = Policy((Network("local", ip_network("127.0.0.1/32")),))
    with trap() as (port, caught):
        for host, expected in (("127.0.0.1", 1), ("[::ffff:127.0.0.1]", 1), ("127.0.0.2", 0), ("[::1]", 0)):
            with pytest.raises(OutgoingError) as missed:
                fetch("GET", f"http://{host}:{port}/", policy=policy, within=0.3)
            assert (host, caught.came(), str(missed.value) != REFUSED) == (host, expected, bool(expected))
            seen = look_for("tcp")(Asked(f"tcp://{host}:{port}", policy, within=2.0))
            assert (host, caught.came(), seen.good) == (host, expected, True if expected else None)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_is_allowed_is_public(address):
    """The list of unfelt is at least as strict as the one of Python, for any address."""
    if Policy().allows(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


def test_public_addresses_are_allowed():
    """The list does not refuse everything."""
    plain = ("1.1.1.1", "8.8.8.8", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111")
    assert [Policy().allows(ip_address(one)) for one in plain] == [True] * len(plain)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "=10.0.0.0/8", "a=10.0.0.1/8", "a=shop.example", "a=", "a"])
def test_networks_that_are_none_stop_the_start(text):
    """A wrong setting never allows more than it says."""
    with pytest.raises(SettingsError):
        settings_from({"UNFELT_NETWORKS": text})


def test_networks_are_named_in_the_settings():
    """Several, with commas."""
    found = settings_from({"UNFELT_NETWORKS": "staging=10.20.0.0/16, local=127.0.0.1/32,"}).networks
    assert [(one.name, str(one.addresses)) for one in found] == [
        ("staging", "10.20.0.0/16"),
        ("local", "127.0.0.1/32"),
    ]
