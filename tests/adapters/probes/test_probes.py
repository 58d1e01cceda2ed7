"""Looks from outside, at real servers on this machine."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUDPServer

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from unfelt.adapters.http import Policy
from unfelt.adapters.probes.looking import look_at
from unfelt.conf.settings import Network
from unfelt.documents.sections import Probe

HERE = Policy((Network("local", ip_network("127.0.0.0/8")), Network("local6", ip_network("::1/128"))))
RECORDS = {
    ("shop.example.", "A"): ["192.0.2.7"],
    ("shop.example.", "TXT"): ['"v=spf1 include:mail.example " "-all"', '"other"'],
    ("_dmarc.shop.example.", "TXT"): ['"v=DMARC1; p=quarantine; rua=mailto:a@shop.example"'],
    ("open.example.", "TXT"): ['"v=spf1 +all"'],
    ("_dmarc.open.example.", "TXT"): ['"v=DMARC1; p=none"'],
    ("twice.example.", "TXT"): ['"v=spf1 -all"', '"v=spf1 ~all"'],
}


def seen(target: str, expect: str | None = None, **more: str) -> tuple[bool | None, str]:
    """Whether it is as expected, and what was seen."""
    given = {"control": "a.b", "target": target, "expect": expect, "within": "2s", **more}
    (looked,) = look_at([Probe.model_validate(given)], policy=HERE)
    return looked.seen.good, str(looked.seen.saw)


class Page(BaseHTTPRequestHandler):
    """A contact page, and a page that breaks."""

    def do_GET(self) -> None:
        body = "地址：New Street 1".encode()
        self.send_response({"/contact": 200, "/moved": 302}.get(self.path, 500))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing is said."""


class Names(BaseRequestHandler):
    """A name server over RECORDS."""

    def handle(self) -> None:
        data, sock = self.request
        asked = dns.message.from_wire(data)
        question = asked.question[0]
        answer = dns.message.make_response(asked)
        kind = dns.rdatatype.to_text(question.rdtype)
        texts = RECORDS.get((question.name.to_text(), kind))
        if texts:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
        elif not any(name == question.name.to_text() for name, _kind in RECORDS):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(answer.to_wire(), self.client_address)


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """Where the pages answer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """Where the name server answers."""
    with ThreadingUDPServer(("127.0.0.1", 0), Names) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_page_is_there_and_holds_the_text(page):
    """By its text, in any language, or by its status."""
    assert seen(f"{page}/contact") == (True, "status 200")
    assert seen(f"{page}/contact", "地址：New Street 1")[0] is True
    assert seen(f"{page}/contact", "Old Street") == (False, "status 200, and the text is not there")
    assert seen(f"{page}/moved", "302")[0] is True
    assert seen(f"{page}/broken") == (False, "status 500")
    assert seen(f"{page}/broken", "500")[0] is True


def test_nothing_that_answers_is_a_failure_and_never_a_pass(silent):
    """A closed port, and one that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert seen(f"http://127.0.0.1:{closed}/")[0] is False
    assert seen(f"http://127.0.0.1:{silent}/", within="1s")[0] is False


def test_a_port_is_open_or_closed_as_expected(silent):
    """A name that is not known decides nothing, whatever is expected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert seen(f"tcp://127.0.0.1:{silent}") == (True, "open")
    assert seen(f"tcp://127.0.0.1:{silent}", "closed") == (False, "open")
    assert seen(f"tcp://127.0.0.1:{closed}", "closed")[0] is True
    assert seen(f"tcp://127.0.0.1:{closed}")[0] is False
    assert seen("tcp://nowhere.invalid:80", "closed")[0] is None


@pytest.mark.parametrize(
    ("target", "expect"),
    [
        ("tcp://255.255.255.255:80", "closed"),
        ("tcp://255.255.255.255:80", None),
        ("http://255.255.255.255/", None),
    ],
)
def test_what_this_machine_has_no_way_to_was_not_looked_at(target, expect):
    """Nothing was seen of it: it is neither closed nor broken, for any kind of probe."""
    everywhere = Policy((Network("all", ip_network("0.0.0.0/0")),))
    asked = Probe(control="security.measures", target=target, expect=expect)
    (looked,) = look_at([asked], policy=everywhere)
    assert (looked.seen.good, str(looked.seen.saw)) == (None, "there is no way there from this machine")


def test_names_are_asked_of_the_server_that_is_named(names):
    """A record that holds the text; a name without it; no answer decides nothing."""
    assert seen("dns://shop.example/A", "192.0.2.7", server=names) == (True, "A: 192.0.2.7")
    assert seen("dns://shop.example/A", "192.0.2.8", server=names)[0] is False
    assert seen("dns://shop.example/AAAA", server=names)[0] is False
    assert seen("dns://nothing.example/A", server=names)[0] is False
    assert seen("dns://shop.example/A", server="127.0.0.1:1", within="1s")[0] is None
    assert seen("dns://shop.example/NONSENSE", server=names)[0] is None
    assert seen("dns://shop.example/A", server="nonsense")[0] is None


def test_the_authentication_of_mail_is_judged_by_policy(names):
    """SPF must be closed, DMARC at least as strict as expected, one record of each."""
    assert seen("mail://shop.example", "quarantine", server=names)[0] is True
    assert seen("mail://shop.example", "reject", server=names)[0] is False
    assert seen("mail://open.example", server=names)[0] is False  # It lets everybody send.
    assert seen("mail://twice.example", server=names) == (
        False,
        "2 SPF and 0 DMARC records, and one of each is due",
    )
    assert seen("mail://nothing.example", server=names)[0] is False
    assert seen("mail://shop.example", "strict", server=names)[0] is None


def _certificate(place: Path, days: int) -> Path:
    """A certificate for localhost that lives so long, its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = place / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def test_a_certificate_is_trusted_and_lives_long_enough(tmp_path, monkeypatch):
    """One that nobody here trusts fails; one that ends too soon too."""
    file = _certificate(tmp_path, 20)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        target = f"tls://localhost:{server.server_port}"
        assert seen(target)[0] is False
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        good, saw = seen(target, "14d")
        assert (good, "TLSv1" in saw) == (True, True)
        assert seen(target, "30d")[0] is False
        assert seen(target, "soon")[0] is None
        server.shutdown()
