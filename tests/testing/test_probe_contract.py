"""What a probe keeps to: ours do, and one that does not is named."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingUDPServer

import pytest
from test_probes import Names, Page, _certificate

from unfelt.adapters.probes.form import Asked, Seen
from unfelt.adapters.probes.network import page, port
from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.testing.contracts import Targets, probe_faults, probes
from unfelt.testing.contracts.services import saying


@contextmanager
def served(server) -> Iterator[int]:
    """Its port, while it serves."""
    with server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def targets(tmp_path: Path, monkeypatch) -> Iterator[dict[str, Targets]]:
    """A sound service for each probe of ours."""
    file = _certificate(tmp_path, 20)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    secured = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    secured.socket = context.wrap_socket(secured.socket, server_side=True, do_handshake_on_connect=False)
    with ExitStack() as stack:
        web, tls = stack.enter_context(saying("New Street 1")), stack.enter_context(served(secured))
        names = stack.enter_context(served(ThreadingUDPServer(("127.0.0.1", 0), Names)))
        here = "127.0.0.1:PORT"
        yield {
            "http": Targets(f"http://{here}/", web, "New Street"),
            "https": Targets("https://localhost:PORT/contact", tls, "New Street"),
            "tcp": Targets(f"tcp://{here}", web, opens=True),
            "tls": Targets("tls://localhost:PORT", tls, "14d"),
            "dns": Targets("dns://shop.example/A", names, "192.0.2.7", server=here),
            "mail": Targets("mail://shop.example", names, "quarantine", server=here),
        }


@pytest.mark.parametrize("name", plugins.names("probe"))
def test_every_probe_keeps_the_contract(targets: dict[str, Targets], name: str):
    """At a real service, a closed port, and one that says nothing."""
    assert probe_faults(name, targets[name]) == []


def hopeful(asked: Asked) -> Seen:
    """Sees what it wants."""
    return Seen(True, Message("open"))


def rash(asked: Asked) -> Seen:
    """Calls whatever it is told to."""
    host, number = asked.target.removeprefix("http://").strip("/").split(":")
    try:
        socket.create_connection((host, int(number)), 1).close()
    except OSError:
        return Seen(False, Message("closed"))
    return page(asked) if asked.policy.networks else Seen(True, Message("open"))


def slow(asked: Asked) -> Seen:
    """Takes its time."""
    time.sleep(probes.WITHIN + 0.2)
    return page(asked)


def raising(asked: Asked) -> Seen:
    """Expects what is sensible."""
    if not asked.expect.isascii():
        raise ValueError(asked.expect)
    return page(asked)


@pytest.mark.parametrize(
    ("look", "fault"),
    [
        (hopeful, probes.sees_what_is_not),
        (hopeful, probes.gives_up_on_silence),
        (port, probes.gives_up_on_silence),
        (rash, probes.calls_nobody_unasked),
        pytest.param(slow, probes.sees_what_is_sound, marks=pytest.mark.slow),
        (raising, probes.does_not_raise),
    ],
)
def test_a_probe_that_breaks_it_is_named(targets: dict[str, Targets], monkeypatch, look, fault):
    """By the sentence that does not hold."""
    monkeypatch.setattr(probes, "SLACK", 0.1)
    found = probe_faults(look, targets["http"])
    assert any(one.startswith(fault.__doc__) for one in found), found
