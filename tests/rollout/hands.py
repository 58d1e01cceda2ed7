"""The ways in which a person takes customers back."""

from collections.abc import Callable

from living import Library
from serving import Served


def by_command(place: Library) -> Callable[[], bool]:
    """`unfelt back` from another terminal."""
    return lambda: place.ask("back").returncode == 0


def by_page(console: Served) -> Callable[[], bool]:
    """The button of the page, by somebody who is looking at it."""
    client = console.known()
    page = "/rollouts/catalogue-1/"
    client.get(page)
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    return lambda: client.post(f"{page}back/", data=fields).status_code == 200


def by_api(console: Served) -> Callable[[], bool]:
    """A script with the installation's token."""
    client = console.stranger(Authorization=f"Bearer {console.token}")
    return lambda: client.post("/api/rollouts/catalogue-1/back/").json()["ok"]
