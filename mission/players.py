"""People at the pages and scripts at the API, over HTTP alone: what they see is what anybody would."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

PASSWORD = "a mission of many words 7"  # noqa: S105  (of people who are made up)
SCOPES = ("read", "comment", "write", "assign", "waive", "move", "audit")
"""What their tokens may do: to sign, and with it to bring evidence with numbers, is none of it."""


class DoorError(Exception):
    """A page or an address answered something else than it should."""


class _Forms(HTMLParser):
    """The forms of a page, by where they lead, with the fields that they bring along."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or one of its fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
            self._is_open = True
        elif tag == "input" and self._is_open and given.get("type") == "hidden":
            self.forms[-1][1][given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        self._is_open = self._is_open and tag != "form"


def forms_of(page: str) -> list[tuple[str, dict[str, str]]]:
    """Each form of the page: its address, and its hidden fields."""
    found = _Forms()
    found.feed(page)
    return found.forms


@dataclass
class Player:
    """Somebody with a browser, and with a token once they have made one."""

    name: str
    base: str
    roles: tuple[str, ...] = ()
    browser: httpx.Client = field(init=False)
    script: httpx.Client | None = None

    def __post_init__(self) -> None:
        self.browser = self._client()

    def _client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.base, headers={"Accept-Language": "en", **headers}, timeout=60)

    def come_by(self, link: str) -> None:
        """They open the link that they were sent, and press its button."""
        path = urlsplit(urljoin(self.base, link)).path
        self.press(path, path)

    def choose_password(self) -> None:
        """From now on they come by it."""
        self.press(at := "/accounts/password/set/", at, password1=PASSWORD, password2=PASSWORD)

    def make_token(self, scopes: Sequence[str] = SCOPES) -> None:
        """A token of theirs, made on their page."""
        shown = self.press("/settings/me/", "/settings/me/token/", title="Mission", days="90", scopes=list(scopes))
        found = re.search(r"unfelt_[A-Za-z0-9_-]{40,}", shown.text)
        if found is None:
            raise DoorError(f"{self.name} was given no token")
        self.script = self._client(Authorization=f"Bearer {found[0]}")

    def look(self, path: str) -> str:
        """The page."""
        return _fine(self.browser.get(path), self.name).text

    def press(self, page: str, action: str, /, **fields: str | list[str]) -> httpx.Response:
        """The form of the page that leads there, with its own fields and these, sent as a browser would."""
        hidden = next((given for at, given in forms_of(self.look(page)) if at in (action, "") or at == page), None)
        if hidden is None:
            raise DoorError(f"{self.name} finds no form to {action} on {page}")
        headers = {"Origin": self.base, "Referer": urljoin(self.base, page)}
        token = {"csrfmiddlewaretoken": self.browser.cookies.get("csrftoken", "")}
        return _fine(self.browser.post(action, data={**hidden, **token, **fields}, headers=headers), self.name)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  (any JSON)
        """What the API answers to their token."""
        if self.script is None:
            raise DoorError(f"{self.name} has no token")
        answer = _fine(self.script.request(method, f"/api/{path}", json=body), self.name)
        return answer.json() if answer.content else None

    def send(self, path: str, form: Mapping[str, str]) -> int:
        """The status of the API's answer to a form."""
        if self.script is None:
            raise DoorError(f"{self.name} has no token")
        return self.script.post(f"/api/{path}", data=dict(form)).status_code

    def leave(self) -> None:
        """Their browser and their script are closed."""
        self.browser.close()
        if self.script is not None:
            self.script.close()


def _fine(answer: httpx.Response, who: str) -> httpx.Response:
    if answer.status_code >= 400:
        said = re.sub(r"<[^>]*>|\s+", " ", answer.text)[:1500]
        raise DoorError(f"{who}: {answer.request.method} {answer.request.url.path} → {answer.status_code}: {said}")
    return answer


def invited(admin: Player, name: str, roles: Sequence[str]) -> Player:
    """A new member: added and invited by an admin on the pages, and let in by the link that these show."""
    members = "/settings/members/"
    made = admin.press(members, members, name=name, email=name, roles=list(roles))
    shown = admin.press(where := made.headers["Location"], f"{where}invite/").text
    link = re.search(r"/login/[\w-]+/", shown)
    if link is None:
        raise DoorError(f"no link for {name} on {where}")
    player = Player(name, admin.base, tuple(roles))
    player.come_by(link[0])
    player.choose_password()
    player.make_token()
    return player
