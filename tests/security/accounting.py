"""Members of a console: added, let in, with a password, a second factor; and what the ledger says of them."""

import json
import re
import subprocess
import sys
import time

import httpx
from authenticator import code_for
from serving import Served, post

MEMBERS, ME, LOGIN = "/settings/members/", "/settings/me/", "/accounts/login/"
PROVE, SET, ACTIVATE = "/accounts/reauthenticate/", "/accounts/password/set/", "/accounts/2fa/totp/activate/"
DOOR = "/accounts/2fa/authenticate/"
WORD = "a long enough word 7"
ASKING = """
import json, sys
from pathlib import Path
from unfelt.conf.database import connect, home_database
from unfelt.conf.settings import settings
connect(settings().database or home_database(Path(sys.argv[1])), migrate=False)
from unfelt.engines.ledger.people import names, revealed
from unfelt.records.models import Entry
print(json.dumps([[one.kind, revealed(json.loads(one.body), names()), one.body] for one in Entry.objects.all()]))
"""


def added(admin: httpx.Client, name: str, **more: str) -> str:
    """A new member; returns the address of their page."""
    made = post(admin, MEMBERS, page=MEMBERS, name=name, **more)
    assert made.status_code == 302, made.text
    return made.headers["Location"]


def link_in(text: str) -> str:
    """The link that a page shows."""
    found = re.search(r"/login/[\w-]+/", text)
    assert found, text
    return found[0]


def follow(console: Served, link: str) -> httpx.Client:
    """A browser that opened the link and pressed its button."""
    client = console.stranger()
    post(client, link, page=link)
    return client


def with_password(console: Served, admin: httpx.Client, name: str, **more: str) -> str:
    """A member who was invited and chose a password; returns the address of their page."""
    where = added(admin, name, **({"roles": "operator"} | more))
    client = follow(console, link_in(post(admin, f"{where}invite/", page=where).text))
    assert post(client, SET, page=SET, password1=WORD, password2=WORD).status_code == 302
    return where


def logged_in(console: Served, name: str, word: str = WORD, **headers: str) -> tuple[httpx.Client, httpx.Response]:
    """A browser that typed name and password, and the answer."""
    client = console.stranger(**headers)
    return client, post(client, LOGIN, page=LOGIN, login=name, password=word)


def with_factor(client: httpx.Client, *, word: str = WORD) -> str:
    """A second factor for who is logged in there; returns its secret. The code of this step of time is used up."""
    if client.get(ACTIVATE).status_code == 302:
        post(client, PROVE, page=PROVE, password=word)
    secret = re.search(r'value="([A-Z2-7]{16,})"', client.get(ACTIVATE).text)[1]
    typed = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "code": code_for(secret, time.time())}
    assert client.post(ACTIVATE, data=typed).status_code == 302
    return secret


def entries(console: Served, *kinds: str) -> list[dict]:
    """What the ledger says under these kinds, with names in the place of tokens."""
    return [body for kind, body, _text in _ledger(console) if kind in kinds]


def chain(console: Served) -> str:
    """Every body as the chain has it."""
    return "\n".join(text for _kind, _body, text in _ledger(console))


def age(console: Served, name: str, seconds: float) -> None:
    """Whoever that is proved it so much earlier: their session files say so, signed as the console signs them."""
    source = (
        "import sys; from pathlib import Path; from unfelt.web.site.settings import connect_console;"
        "from unfelt.conf.database import home_database; home = Path(sys.argv[1]);"
        "from unfelt.conf.settings import settings;"
        "connect_console(home, settings().database or home_database(home));"
        "from unfelt.records.models import Member; from unfelt.web.access import sessions;"
        "later = lambda said: [one.update(at=one['at'] - float(sys.argv[3]))"
        " for one in said.get('account_authentication_methods', [])];"
        "sessions.change_sessions(Member.objects.get(name=sys.argv[2]).pk, later)"
    )
    asking = [sys.executable, "-c", source, str(console.home), name, str(seconds)]
    subprocess.run(asking, check=True, env=console.environment)


def _ledger(console: Served) -> list[tuple[str, dict, str]]:
    asking = [sys.executable, "-c", ASKING, str(console.home)]
    said = subprocess.run(asking, check=True, capture_output=True, text=True, env=console.environment)
    return json.loads(said.stdout)
