"""What the environment says."""

from pathlib import Path

import pytest

from unfelt.conf.settings import Settings, settings_from


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
