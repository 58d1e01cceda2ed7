"""Logging in by the house's own directory: who is a member by their address comes in, nobody else does."""

from pathlib import Path

import httpx
import pytest
from directory import Directory, directory
from serving import Served, post, served

from unfelt.conf.settings import SettingsError, settings_from

pytestmark = pytest.mark.slow


def comes(console: Served, house: Directory, **who: object) -> httpx.Client:
    """Somebody's browser, after the button of the directory."""
    house.who = {"sub": str(who["email"]), "email_verified": True, **who}
    client = console.stranger()
    asked = post(client, "/accounts/oidc/house/login/", page="/accounts/login/")
    assert asked.headers["Location"].startswith(f"{house.url}/authorize?")
    back = httpx.get(asked.headers["Location"]).headers["Location"]
    client.get(back.removeprefix(console.base))
    return client


def test_a_member_comes_by_the_directory_and_nobody_else(tmp_path: Path):
    """By an address that the directory has verified; again the next day; never who was made inactive."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    with directory() as house:
        environment = {
            "UNFELT_OIDC_URL": house.url,
            "UNFELT_OIDC_CLIENT": "unfelt",
            "UNFELT_OIDC_SECRET_FILE": str(secret),
            "UNFELT_OIDC_NAME": "The house",
        }
        with served(tmp_path / "home", environment=environment) as console:
            admin = console.known(by="root")
            members = "/settings/members/"
            made = post(admin, members, page=members, name="lin", email="lin@shop.example", roles="owner")
            where = made.headers["Location"]
            assert "The house" in console.stranger().get("/accounts/login/").text
            for _day in range(2):
                lin = comes(console, house, email="lin@shop.example")
                assert (lin.get("/").status_code, ">lin<" in lin.get("/").text) == (200, True)
            assert comes(console, house, email="mallory@shop.example").get("/").status_code == 401
            unsure = comes(console, house, email="root@shop.example", email_verified=False)
            assert unsure.get("/").status_code == 401
            post(admin, where, page=where, email="lin@shop.example", roles="owner")
            assert comes(console, house, email="lin@shop.example").get("/").status_code == 401


def test_variables_that_do_not_belong_together_are_refused():
    """A directory without its secret, and mail without a sender or with a password in its address."""
    wrong = (
        {"UNFELT_OIDC_URL": "https://id.example"},
        {"UNFELT_MAIL": "smtp://mail.example"},
        {"UNFELT_MAIL": "smtp://u:p@mail.example", "UNFELT_MAIL_FROM": "u@shop.example"},
        {"UNFELT_MAIL": "mail.example", "UNFELT_MAIL_FROM": "u@shop.example"},
    )
    for variables in wrong:
        with pytest.raises(SettingsError):
            settings_from(variables)
    mail = settings_from({"UNFELT_MAIL": "smtps://u@mail.example", "UNFELT_MAIL_FROM": "u@shop.example"}).mail
    assert (mail.port, mail.user, mail.is_encrypted) == (465, "u", True)
