"""A house's directory by OpenID Connect in a few lines: whoever comes is whom it was told."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Directory:
    """Where it is, whom it says is there, and what it was asked with each code."""

    url: str = ""
    who: dict[str, object] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)


@contextmanager
def directory() -> Iterator[Directory]:
    """It runs until the block ends."""
    here = Directory()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/.well-known/openid-configuration":
                names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                found = {f"{name}_endpoint": f"{here.url}/{word}" for name, word in names.items()}
                self.say({"issuer": here.url, "jwks_uri": f"{here.url}/jwks", **found})
            elif path == "/authorize":
                code = secrets.token_urlsafe(8)
                here.asked[code] = {name: values[0] for name, values in asked.items()}
                back = (
                    f"{here.asked[code]['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'][0]})}"
                )
                self.send_response(302)
                self.send_header("Location", back)
                self.end_headers()
            elif path == "/jwks":
                known = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
                self.say({"keys": [{**known, "kid": "one", "alg": "RS256", "use": "sig"}]})
            else:
                self.say(here.who)

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked, now = here.asked.pop(sent["code"][0]), int(time.time())
            claims = {**here.who, "iss": here.url, "aud": asked["client_id"], "iat": now, "exp": now + 60}
            claims |= {"nonce": asked["nonce"]} if "nonce" in asked else {}
            token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})
            self.say({"access_token": "a", "token_type": "Bearer", "id_token": token})

        def say(self, plain: object) -> None:
            body = json.dumps(plain).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    here.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield here
    server.shutdown()
    server.server_close()
