"""What the environment says."""

from pathlib import Path

import pytest

from unfelt.conf.settings import Settings, SettingsError, settings_from


def test_an_empty_environment_has_settings():
    """Without a word from the environment: here, in SQLite, in English."""
    assert settings_from({}) == Settings(home=Path(".unfelt"), database=None, language="en")


def test_the_environment_is_read():
    """Home, database and language come from variables of unfelt."""
    given = {"UNFELT_HOME": "/srv/unfelt", "UNFELT_DATABASE": "postgresql://db/x", "UNFELT_LANG": "zh"}
    own = {"UNFELT_PLAYBOOK": "own.yaml"}
    assert settings_from(given | own) == Settings(Path("/srv/unfelt"), "postgresql://db/x", "zh", Path("own.yaml"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"UNFELT_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US"}, "zh_CN.UTF-8"),
        ({"LC_ALL": "", "LANG": "zh_TW"}, "zh_TW"),
    ],
)
def test_the_first_language_named_wins(given, expected):
    """unfelt's own variable comes before those of the system; an empty one does not count."""
    assert settings_from(given).language == expected


def test_who_is_trusted_and_for_how_long_is_read():
    """Proxies by address or network, an idle time in minutes or hours, an address without a path."""
    given = {
        "UNFELT_PROXY": "127.0.0.1, 10.0.0.0/8",
        "UNFELT_SESSION_IDLE": "30m",
        "UNFELT_URL": "https://u.example/",
    }
    found = settings_from(given)
    assert ([str(one) for one in found.proxies], found.idle) == (["127.0.0.1/32", "10.0.0.0/8"], 1800)
    assert (found.url, settings_from({}).idle, settings_from({}).proxies) == ("https://u.example", 8 * 3600, ())


@pytest.mark.parametrize(
    "given",
    [
        {"UNFELT_PROXY": "everybody"},
        {"UNFELT_PROXY": "10.0.0.1/8"},
        {"UNFELT_SESSION_IDLE": "0h"},
        {"UNFELT_SESSION_IDLE": "13h"},
        {"UNFELT_SESSION_IDLE": "forever"},
        {"UNFELT_URL": "unfelt.example"},
        {"UNFELT_URL": "https://u.example/console"},
    ],
)
def test_what_is_neither_is_refused(given):
    """The start stops with what is allowed."""
    with pytest.raises(SettingsError):
        settings_from(given)
