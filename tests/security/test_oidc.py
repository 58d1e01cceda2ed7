"""The house's directory, played by a real provider program: whom it lets in, and what does not fool unfelt."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from accounting import DOOR, LOGIN, ME, PROVE, added, age, entries, with_factor, with_password
from providing import Provider, providing
from serving import Served, post, served

from unfelt.testing.ports import free_port

pytestmark = pytest.mark.slow

BUTTON = "/accounts/oidc/house/login/"
CALLBACK = f"{BUTTON}callback/"


@dataclass
class Site:
    """A console, its admin and its directory."""

    console: Served
    admin: httpx.Client
    directory: Provider
    known: dict[str, dict[str, object]] = field(default_factory=dict)

    def person(self, subject: str, email: str, *, verified: bool = True, **more: object) -> None:
        """The directory knows somebody else from here on, or the same with other words."""
        self.known[subject] = {"email": email, "email_verified": verified, **more}
        self.directory.knows(**self.known)

    def asks(self, client: httpx.Client, *, query: str = "", **fields: str) -> str:
        """Where the button sends the browser."""
        return post(client, f"{BUTTON}{query}", page=LOGIN, **fields).headers["Location"]

    def says(self, subject: str, where: str) -> str:
        """Where the directory sends the browser of that person who comes to the address, as a path here."""
        with httpx.Client(base_url=self.directory.url, cookies={"who": subject}, timeout=30) as browser:
            answer = browser.get(where)
            while answer.status_code in (302, 303) and CALLBACK not in answer.headers["Location"]:
                answer = browser.get(answer.headers["Location"])
            assert answer.status_code in (302, 303), answer.text
            return answer.headers["Location"].removeprefix(self.console.base)

    def comes(self, subject: str, *, client: httpx.Client | None = None) -> tuple[httpx.Client, httpx.Response]:
        """A browser that logged in there, and what was answered here."""
        client = client or self.console.stranger()
        return client, client.get(self.says(subject, self.asks(client)))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Both run."""
    place = tmp_path_factory.mktemp("oidc")
    secret, port = place / "secret", free_port()
    secret.write_text("s3cret-of-the-directory\n")
    environment = {
        "UNFELT_OIDC_URL": f"http://127.0.0.1:{port}",
        "UNFELT_OIDC_CLIENT": "unfelt",
        "UNFELT_OIDC_SECRET_FILE": str(secret),
        "UNFELT_OIDC_NAME": "The house",
    }
    with (
        served(place / "home", environment=environment) as console,
        providing(place, port=port, redirect=f"{console.base}{CALLBACK}") as directory,
    ):
        found = Site(console, console.known(by="root"), directory)
        added(found.admin, "victim", email="victim@shop.example", roles="owner")
        yield found


def changed(url: str, **values: str) -> str:
    """The address with other values in its query."""
    parts = urlsplit(url)
    query = {name: found[0] for name, found in parse_qs(parts.query).items()} | values
    return parts._replace(query=urlencode(query)).geturl()


def value(url: str, name: str) -> str:
    """One value of the address's query."""
    return parse_qs(urlsplit(url).query)[name][0]


def test_a_member_comes_by_a_verified_address_and_again_by_their_subject(site):
    """That they were joined is on record once; with PKCE, state and nonce, each new."""
    added(site.admin, "lin", email="lin@shop.example", roles="owner")
    site.person("s-lin", "lin@shop.example")
    client, _answer = site.comes("s-lin")
    assert client.get(ME).status_code == 200
    site.person("s-lin", "lin-has-married@shop.example")
    assert site.comes("s-lin")[0].get(ME).status_code == 200
    assert [one for one in entries(site.console, "directory joined") if one["person"] == "lin"] == [
        {"person": "lin", "by": "lin"}
    ]
    assert entries(site.console, "came")[-1] == {"by": "lin", "way": "directory"}
    asked = [site.asks(site.console.stranger()) for _time in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({value(one, name) for one in asked}) == 2
    assert {value(one, "code_challenge_method") for one in asked} == {"S256"}


def test_an_address_that_is_not_verified_joins_nobody(site):
    """Nor does none, nor one of nobody here."""
    added(site.admin, "mo", email="mo@shop.example", roles="owner")
    site.person("s-unsure", "mo@shop.example", verified=False)
    site.person("s-nobody", "mallory@elsewhere.example")
    for subject in ("s-unsure", "s-nobody"):
        client, answer = site.comes(subject)
        assert (answer.status_code, client.get(ME).status_code) == (403, 401)


def test_another_subject_with_the_same_address_is_somebody_else(site):
    """An address that the directory gave to a second person does not give them the first one's account."""
    added(site.admin, "wang", email="wang@shop.example", roles="owner")
    site.person("s-wang", "wang@shop.example")
    assert site.comes("s-wang")[0].get(ME).status_code == 200
    site.person("s-other", "Wang@shop.example")
    client, answer = site.comes("s-other")
    assert (answer.status_code, client.get(ME).status_code) == (403, 401)
    assert site.comes("s-wang")[0].get(ME).status_code == 200


def test_a_password_is_not_taken_away_by_coming_the_other_way(site):
    """Both are theirs."""
    with_password(site.console, site.admin, "both", email="both@shop.example")
    site.person("s-both", "both@shop.example")
    assert site.comes("s-both")[0].get(ME).status_code == 200
    client = site.console.stranger()
    word = "a long enough word 7"
    assert post(client, LOGIN, page=LOGIN, login="both", password=word).status_code == 302


def test_who_is_made_inactive_comes_no_more(site):
    """Nor is joined."""
    where = added(site.admin, "gone", email="gone@shop.example", roles="owner")
    site.person("s-gone", "gone@shop.example")
    assert site.comes("s-gone")[0].get(ME).status_code == 200
    post(site.admin, where, page=where, email="gone@shop.example", roles="owner")
    assert site.comes("s-gone")[0].get(ME).status_code == 401
    never = added(site.admin, "never", email="never@shop.example", roles="owner")
    post(site.admin, never, page=never, email="never@shop.example", roles="owner")
    site.person("s-never", "never@shop.example")
    assert site.comes("s-never")[0].get(ME).status_code == 401


@pytest.mark.parametrize(
    "attack", ["state", "no state", "nonce", "other browser", "replay", "other code", "error"]
)
def test_a_callback_that_is_not_of_this_login_lets_nobody_in(site, attack):
    """State, nonce, browser, code: each belongs to one login."""
    site.person("s-victim", "victim@shop.example")
    client = site.console.stranger()
    asked = site.asks(client)
    sent = asked if attack != "nonce" else changed(asked, nonce="another-nonce-of-mallory")
    back = site.says("s-victim", sent)
    if attack == "state":
        back = changed(back, state="a" * 16)
    elif attack == "no state":
        back = f"{CALLBACK}?code={value(back, 'code')}"
    elif attack == "other browser":
        client = site.console.stranger()
    elif attack == "replay":
        assert client.get(back).status_code == 302
        post(client, "/logout/", page=ME)
        assert client.get(ME).status_code == 401
    elif attack == "other code":
        stolen = site.says("s-victim", site.asks(site.console.stranger()))
        back = changed(back, code=value(stolen, "code"))
    elif attack == "error":
        back = f"{CALLBACK}?error=access_denied&state={value(back, 'state')}"
    answer = client.get(back)
    assert answer.status_code < 500
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "http:///evil.example",
        "javascript:alert(1)",
        "http://localhost/",
        "https:evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_a_login(site, onward):
    """By directory or by password."""
    site.person("s-lin", "lin@shop.example")
    client = site.console.stranger()
    answer = client.get(site.says("s-lin", site.asks(client, next=onward)))
    assert answer.headers["Location"] == "/"
    other = site.console.stranger()
    name = f"onward-{abs(hash(onward))}"
    with_password(site.console, site.admin, name)
    word = "a long enough word 7"
    assert post(other, LOGIN, page=LOGIN, login=name, password=word, next=onward).headers["Location"] == "/"


def test_the_directory_sends_nobody_to_another_address(site):
    """It knows one of unfelt's; and a request cannot widen what is asked for."""
    asked = site.asks(site.console.stranger(), query="?scope=admin&auth_params=prompt%3Dnone%26claims%3Dx")
    assert sorted(value(asked, "scope").split()) == ["email", "openid", "profile"]
    assert "claims" not in asked
    with httpx.Client(cookies={"who": "s-lin"}) as browser:
        told = browser.get(changed(asked, redirect_uri="https://evil.example/"))
    assert (told.status_code, "redirect_uri" in told.text) == (400, True)


def test_nobody_joins_a_second_account_to_their_own(site):
    """`process=connect` is a login like any other."""
    added(site.admin, "keeps", email="keeps@shop.example", roles="owner")
    site.person("s-keeps", "keeps@shop.example")
    site.person("s-second", "second@elsewhere.example")
    client, _answer = site.comes("s-keeps")
    back = site.says("s-second", site.asks(client, query="?process=connect"))
    client.get(back)
    assert site.comes("s-second")[0].get(ME).status_code == 401
    assert site.console.stranger().get("/accounts/house/").status_code == 403


def test_the_second_factor_is_asked_for_after_the_directory(site):
    """As after a password."""
    with_password(site.console, site.admin, "guo", email="guo@shop.example")
    client = site.console.stranger()
    post(client, LOGIN, page=LOGIN, login="guo", password="a long enough word 7")
    with_factor(client)
    site.person("s-guo", "guo@shop.example")
    client, answer = site.comes("s-guo")
    assert (answer.headers["Location"].startswith(DOOR), client.get(ME).status_code) == (True, 401)


def test_who_comes_by_the_directory_alone_shows_there_again_who_they_are(site):
    """Before a token is made in a session that is not new."""
    added(site.admin, "only", email="only@shop.example", roles="owner")
    site.person("s-only", "only@shop.example")
    client, _answer = site.comes("s-only")
    age(site.console, "only", 3600)
    form = {"title": "CI", "days": "9", "scopes": "read"}
    told = post(client, f"{ME}token/", page=ME, **form)
    assert (told.status_code, "prompt=login" in told.text, PROVE in told.text) == (403, True, False)
    client.get(site.says("s-only", site.asks(client, query="?prompt=login&next=/settings/me/")))
    assert "unfelt_" in post(client, f"{ME}token/", page=ME, **form).text
