"""A time-stamp authority: OpenSSL's, behind HTTP on the loopback."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """\
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamper]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(directory: Path, *command: str) -> bytes:
    """What it says, within that directory."""
    return subprocess.run(["openssl", *command], cwd=directory, check=True, capture_output=True).stdout


def keys(directory: Path) -> None:
    """A root, and a key that it lets stamp."""
    directory.mkdir()
    (directory / "own.cnf").write_text(CONFIG)
    (directory / "serial").write_text("01\n")
    new = ("req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", "own.cnf")
    root = ("-x509", "-extensions", "root", "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem")
    openssl(directory, *new, *root, "-days", "30")
    openssl(directory, *new, "-subj", "/CN=Stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    signing = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-extfile", "own.cnf", "-days", "30")
    openssl(directory, "x509", "-req", "-in", "tsa.csr", *signing, "-extensions", "stamper", "-out", "tsa.pem")


@contextmanager
def authority(directory: Path) -> Iterator[str]:
    """Its address within the block; its root is root.pem in the directory."""
    keys(directory)

    class Stamping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (directory / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            reply = ("ts", "-reply", "-config", "own.cnf", "-queryfile", "query", "-out", "answer")
            openssl(directory, *reply)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((directory / "answer").read_bytes())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamping)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
