"""What the commands that touch records have in common: where the installation is, and its database."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from unfelt.cli.failures import UNDETERMINED, USAGE, Failure
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.records.models import Rollout

T = TypeVar("T")
_SAID: set[str] = set()


@dataclass(frozen=True, slots=True)
class Session:
    """One installation, as a command uses it."""

    home: Path
    database: str

    @property
    def workflow_database(self) -> str:
        """Workflows lie beside the records: a file of their own in SQLite, the same PostgreSQL otherwise."""
        if self.database.startswith("sqlite:"):
            return f"sqlite:///{(self.home / 'workflows.db').resolve()}"
        return self.database.replace("postgres://", "postgresql://", 1)

    def connect(self, *, migrate: bool = True) -> None:
        """The records can be read and written; a sentence ends the command where they do not answer."""
        with answering(self):
            self.connect_or_raise(migrate=migrate)

    def connect_or_raise(self, *, migrate: bool = True) -> None:
        """The records can be read and written; raises what Django raises where they do not answer."""
        from unfelt.conf.database import connect
        from unfelt.rollout.places import Places

        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        connect(self.database, migrate=migrate, keys=Places(self.home).keys)

    def rollout(self, name: str | None, *, migrate: bool = True) -> "Rollout":
        """The rollout of that id or change; without a name the newest one."""
        self.connect(migrate=migrate)
        with answering(self):
            return self._rollout(name)

    def _rollout(self, name: str | None) -> "Rollout":
        from unfelt.records.models import Rollout

        rows = Rollout.objects.order_by("began")
        found: Rollout | None = (rows.filter(id=name) or rows.filter(change=name)).last() if name else rows.last()
        if found is None:
            known = ", ".join(sorted(set(Rollout.objects.values_list("change", flat=True)))) or "–"
            unknown = _("No rollout {name} in {home}. Known changes: {known}. Begin one: unfelt run change.yaml")
            raise Failure(unknown.format(name=name or "", home=self.home, known=known), code=USAGE)
        return found


@contextmanager
def answering(session: Session) -> Iterator[None]:
    """Within the block, records that do not answer end the command in a sentence."""
    from django.db import Error

    try:
        yield
    except Error as error:
        where = session.database.rpartition("@")[2]  # Never a password.
        said = _("The records in {where} do not answer: {problem}. Nobody was moved by this; try again.")
        problem = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Failure(said.format(where=where, problem=problem), code=UNDETERMINED) from error


def say_if_mission() -> None:
    """A line on standard error where the store, which is open, is a mission store."""
    from unfelt.engines.ledger.phrases import MISSION_SAID
    from unfelt.records.business_time import is_mission

    if is_mission():
        click.echo(str(MISSION_SAID), err=True)


def say_left_out() -> None:
    """A line for each plug-in that cannot be used and was not named yet."""
    from unfelt.conf import plugins

    for problem in plugins.problems():
        if problem.name not in _SAID:
            _SAID.add(problem.name)
            click.echo(_("warning: {problem}").format(problem=problem.said), err=True)


def session_options(function: Callable[..., T]) -> Callable[..., T]:
    """Adds `--home` and `--database`; the command gets a Session as its first argument."""

    @click.option("--home", type=click.Path(path_type=Path), help=_("Directory of this installation [.unfelt]."))
    @click.option("--database", metavar="URL", help=_("Records elsewhere: postgresql://USER:PASSWORD@HOST/NAME."))
    @functools.wraps(function)
    def wrapped(*, home: Path | None, database: str | None, **options: object) -> T:
        from unfelt.conf.database import home_database
        from unfelt.conf.settings import settings

        say_left_out()
        place = home or settings().home
        return function(Session(place, database or settings().database or home_database(place)), **options)

    return wrapped
