"""A name that answers something else the next time gets nowhere: what was checked is what is called."""

import time
from ipaddress import ip_network

import pytest
from authority import Authority
from servers import OK, Rebinding, answering, name_server, saying

from unfelt.adapters.http import OutgoingError, Policy, RefusedError, fetch
from unfelt.adapters.reaching import Reach
from unfelt.conf.settings import Network

FIRST = Policy((Network("public", ip_network("127.0.0.1/32")),))
"""127.0.0.1 stands for a public address here, 127.0.0.2 for the house's own."""


def test_a_name_is_asked_once_for_each_request_and_the_answer_is_called():
    """The second answer, were it asked for, would lead inside."""
    zone = Rebinding(["127.0.0.1"], ["127.0.0.2"])
    with answering(OK) as (port, outside), answering(OK, host="127.0.0.2", port=port) as (_port, inside):
        with name_server(zone) as resolve:
            answer = fetch("GET", f"http://rebind.example:{port}/a", policy=FIRST, resolve=resolve)
            assert (answer.status, zone.questions, len(outside), len(inside)) == (200, 1, 1, 0)
            assert f"Host: rebind.example:{port}\r\n".encode() in outside[0]
            for _again in range(5):
                with pytest.raises(RefusedError):
                    fetch("GET", f"http://rebind.example:{port}/a", policy=FIRST, resolve=resolve)
        assert (len(outside), len(inside)) == (1, 0)


@pytest.mark.parametrize("other", ["127.0.0.2", "10.0.0.1"])
@pytest.mark.parametrize("step", [1, -1])
def test_one_address_that_may_not_be_called_refuses_the_name(other, step):
    """Whichever comes first."""
    answers = ["127.0.0.1", other][::step]
    with answering(OK) as (port, outside), name_server(Rebinding(answers)) as resolve:
        with pytest.raises(RefusedError):
            fetch("GET", f"http://both.example:{port}/", policy=FIRST, resolve=resolve)
        assert outside == []


def test_a_redirect_is_checked_as_the_first_address_was():
    """To the same name, which has moved inside meanwhile."""
    zone = Rebinding(["127.0.0.1"], ["127.0.0.2"])
    again = saying(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")
    policy = Policy(FIRST.networks, redirects=3)
    with answering(again) as (port, outside), answering(OK, host="127.0.0.2", port=port) as (_port, inside):
        with name_server(zone) as resolve, pytest.raises(RefusedError):
            fetch("GET", f"http://moving.example:{port}/a", policy=policy, resolve=resolve)
        assert (len(outside), inside) == (1, [])


def test_a_plain_connection_is_to_what_was_checked_too():
    """As probes of ports and certificates make it."""
    zone = Rebinding(["127.0.0.1"], ["127.0.0.2"])
    with answering(OK) as (port, _outside), name_server(zone) as resolve:
        reach = Reach(FIRST, time.monotonic() + 10, resolve)
        with reach.connected("rebind.example", port) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)
        with pytest.raises(RefusedError):
            reach.connected("rebind.example", port)


def test_the_certificate_is_checked_for_the_name_though_the_address_is_called(tmp_path, monkeypatch):
    """Right name, other name, and an authority that is not trusted."""
    trusted = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    said = []
    for context in (
        trusted.context("shop.example"),
        trusted.context("other.example"),
        Authority(tmp_path, "unknown").context("shop.example", days=19),
    ):
        with (
            answering(OK, context=context) as (port, _asked),
            name_server(Rebinding(["127.0.0.1"])) as resolve,
        ):
            try:
                said.append(fetch("GET", f"https://shop.example:{port}/", policy=FIRST, resolve=resolve).status)
            except OutgoingError as error:
                said.append(str(error))
    assert said == [200, *["the certificate is not trusted here"] * 2]
