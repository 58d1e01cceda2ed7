"""What the environment says; nothing else reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation and the language of its reader."""

    home: Path
    """UNFELT_HOME: where records, experience and routers are kept; `.unfelt` here if unset."""
    database: str | None
    """UNFELT_DATABASE: where records are kept instead, `postgresql://USER:PASSWORD@HOST/NAME`."""
    language: str
    """UNFELT_LANG, else LC_ALL, LC_MESSAGES, LANG: Chinese for tags that begin with `zh`, else English."""
    playbook: Path | None = None
    """UNFELT_PLAYBOOK: the file with the controls that changes are asked for; those of unfelt if unset."""
    programme: Path | None = None
    """UNFELT_PROGRAMME: the file with recurring work; `programme.yaml` beside the plan if unset."""


LANGUAGE_VARIABLES = ("UNFELT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables; an empty variable counts as unset.

    >>> settings_from({"LANG": "zh_CN.UTF-8"}).language
    'zh_CN.UTF-8'
    """
    language = next((environment[name] for name in LANGUAGE_VARIABLES if environment.get(name)), "en")
    return Settings(
        home=Path(environment.get("UNFELT_HOME") or ".unfelt"),
        database=environment.get("UNFELT_DATABASE") or None,
        language=language,
        playbook=_path(environment.get("UNFELT_PLAYBOOK")),
        programme=_path(environment.get("UNFELT_PROGRAMME")),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def settings() -> Settings:
    """The settings of this process."""
    import os

    return settings_from(os.environ)
