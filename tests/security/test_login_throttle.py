"""Passwords cannot be tried for long, and nobody is locked out by somebody else who tries."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from accounting import LOGIN, ME, WORD, logged_in, with_password
from postbox import postbox
from serving import Served, post, served

from unfelt.web.access.throttle import ADDRESS, PAIR, Throttle, password_keys, wait

RESET = "/accounts/password/reset/"
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def box():
    """A mail server."""
    with postbox() as found:
        yield found


@pytest.fixture(scope="module")
def console(box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console behind a proxy at 127.0.0.1."""
    environment = {"UNFELT_MAIL": f"smtp://127.0.0.1:{box[1]}", "UNFELT_MAIL_FROM": "unfelt@shop.example"}
    home = tmp_path_factory.mktemp("throttle") / "home"
    with served(home, environment={**environment, "UNFELT_PROXY": "127.0.0.1"}) as running:
        yield running


@pytest.fixture(scope="module")
def admin(console: Served) -> httpx.Client:
    """Somebody with every role."""
    return console.known(by="root")


def at(address: str) -> dict[str, str]:
    """From there, as the proxy says."""
    return {"X-Forwarded-For": address}


def came(console: Served, name: str, word: str, address: str) -> bool:
    """Whether that lets in."""
    return logged_in(console, name, word, **at(address))[1].status_code == 302


@slow
def test_wrong_passwords_from_elsewhere_lock_nobody_out_and_are_told(console, admin):
    """Twenty from four places; the right one comes in at once from its own, and says how many there were."""
    with_password(console, admin, "lin")
    for number in range(20):
        assert not came(console, "lin", f"wrong word {number:05d}", f"203.0.113.{number % 4}")
    client, answer = logged_in(console, "lin", WORD, **at("198.51.100.1"))
    assert answer.status_code == 302
    assert "20 logins in your name have failed" in client.get(ME).text
    post(client, f"{ME}seen/", page=ME)
    assert "in your name" not in client.get(ME).text


@slow
def test_after_five_from_one_place_the_right_one_waits_for_a_pause_and_is_let_in(console, admin):
    """What is said is how long."""
    with_password(console, admin, "wang")
    for number in range(5):
        came(console, "wang", f"wrong word {number:05d}", "203.0.113.50")
    begun = time.monotonic()
    told = logged_in(console, "wang", WORD, **at("203.0.113.50"))[1]
    assert "Too many failed tries from here. The next one is taken in" in told.text
    while not came(console, "wang", WORD, "203.0.113.50"):
        assert time.monotonic() - begun < 60
        time.sleep(1)


@slow
def test_many_at_once_are_as_many_as_one_after_the_other(console, admin):
    """Of twenty sent together at most five are looked at, so the right one among them is luck at best."""
    with_password(console, admin, "zhou")
    clients = [console.stranger(**at("203.0.113.60")) for _one in range(20)]
    for client in clients:
        client.get(LOGIN)

    def attempt(client: httpx.Client) -> bool:
        fields = {
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
            "login": "zhou",
            "password": "wrong word 123",
        }
        return "Too many failed tries" in client.post(LOGIN, data=fields).text

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, clients)) >= 15


@slow
def test_nobody_but_the_proxy_says_from_where_somebody_comes(tmp_path, console):
    """Without UNFELT_PROXY a forged header changes nothing: five and a pause."""
    with served(tmp_path / "home") as plain:
        for number in range(5):
            logged_in(plain, "nobody", f"wrong word {number:05d}", **at(f"203.0.113.{number}"))
        assert "Too many failed tries" in logged_in(plain, "nobody", WORD, **at("198.51.100.7"))[1].text
    forged = {"X-Forwarded-For": "1.2.3.4, 203.0.113.77"}
    for number in range(5):
        logged_in(
            console, "forger", f"wrong word {number:05d}", **{"X-Forwarded-For": f"1.2.3.{number}, 203.0.113.77"}
        )
    assert "Too many failed tries" in logged_in(console, "forger", WORD, **forged)[1].text


@slow
def test_neither_words_nor_time_tell_who_is_a_member(console, admin):
    """A member with a password, one without, and nobody: the same page, and about as long."""
    with_password(console, admin, "here", email="here@shop.example")
    post(admin, "/settings/members/", page="/settings/members/", name="linked", email="linked@shop.example")
    names = ("here", "linked", "nobody-at-all")
    took: dict[str, list[float]] = {name: [] for name in names}
    said = set()
    for number in range(4):
        for name in names:
            client = console.stranger(**at(f"192.0.2.{number}"))
            client.get(LOGIN)
            fields = {
                "csrfmiddlewaretoken": client.cookies["csrftoken"],
                "login": name,
                "password": "wrong word 123",
            }
            begun = time.perf_counter()
            answer = client.post(LOGIN, data=fields)
            took[name].append(time.perf_counter() - begun)
            said.add((answer.status_code, answer.text.count("not correct")))
    assert len(said) == 1
    middle = [statistics.median(times) for times in took.values()]
    assert max(middle) < 3 * min(middle), middle  # Without the work for nobody it is a fiftieth.


@slow
def test_mails_for_a_new_password_are_few_and_say_nothing_about_who_is_there(console, admin, box):
    """Three an hour to one address, from wherever they are asked for; the page is the same for nobody's."""
    with_password(console, admin, "mei", email="mei@shop.example")
    answers = []
    for number in range(6):
        for address in ("mei@shop.example", "nobody@shop.example"):
            client = console.stranger(**at(f"192.0.2.{100 + number}"))
            answers.append((number, post(client, RESET, page=RESET, email=address).status_code))
    assert answers == [(number, 302 if number < 3 else 429) for number in range(6) for _address in range(2)]
    end = time.monotonic() + 20
    while len(mails(box)) < 3 and time.monotonic() < end:
        time.sleep(0.2)
    assert len(mails(box)) == 3


def mails(box) -> list:
    """Those to her in which a password can be chosen."""
    return [text for to, _subject, text in box[0].mails if to == ["mei@shop.example"] and RESET in text]


@slow
def test_links_cannot_be_guessed_for_long(console):
    """From one place sixty in ten minutes."""
    client = console.stranger(**at("203.0.113.99"))
    client.get("/login/guess/")
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    answers = [client.post(f"/login/guess-{number}/", data=fields).status_code for number in range(70)]
    assert (answers[:60], set(answers[60:])) == ([401] * 60, {429})


def test_each_failure_more_waits_twice_as_long_and_none_waits_longer_than_the_most():
    """The right one is always let through at the end: nothing is locked."""
    waits = [wait([0.0] * number, PAIR, now=0.0) for number in range(4, 14)]
    assert waits == [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 900.0, 900.0] or waits[-1] == PAIR.most
    assert waits == sorted(waits)


def test_a_good_try_frees_the_pair_but_not_the_address():
    """Somebody with an account of their own does not buy more tries at another's by logging in between."""
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    mine = password_keys("mallory", "203.0.113.1")
    for number in range(ADDRESS.free):
        theirs = password_keys(f"victim-{number}", "203.0.113.1")
        assert throttle.take(theirs) == 0.0
        if not throttle.take(mine):
            throttle.forgive(mine)
    assert throttle.take(password_keys("one-more", "203.0.113.1")) > 0.0
    assert throttle.take(password_keys("one-more", "198.51.100.1")) == 0.0
