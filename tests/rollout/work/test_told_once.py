"""Workers that tell members: by a mail server that keeps what it takes, with kill -9 in the middle."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from several import House, here, until

from unfelt.testing.ports import free_port

pytestmark = pytest.mark.slow
PEOPLE = tuple(f"m{n}@shop.example" for n in range(6))
MEMBERS = f"""
from datetime import UTC, datetime, timedelta
from unfelt.engines.people.actions import add_member
from unfelt.engines.teamwork.actions import assign
then = datetime.now(UTC) - timedelta(minutes=2)
for address in {PEOPLE!r}:
    member = add_member(address.partition("@")[0], by="root", at=then, roles=("owner",), email=address)
    Telling.objects.filter(member=member).update(told_at=then)
    assign("split", member.name, member, due=None, by="root", at=then + timedelta(minutes=1))
"""
BEFORE = """
import sys
from unfelt.conf.database import connect
connect(sys.argv[1], migrate=False)
from django.core.management import call_command
call_command("migrate", "records", "0014", verbosity=0, interactive=False)
"""


class Sink:
    """Keeps to whom it took a mail; before it says so, it does what the test wants."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.meanwhile: Callable[[str], None] = lambda _to: None

    async def handle_DATA(self, _server, _session, envelope) -> str:
        """One mail."""
        self.taken.append(envelope.rcpt_tos[0])
        self.meanwhile(envelope.rcpt_tos[0])
        return "250 taken"


@contextmanager
def sink() -> Iterator[tuple[Sink, dict[str, str]]]:
    """It, and the settings that name it."""
    kept, port = Sink(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield kept, {"UNFELT_MAIL": f"smtp://127.0.0.1:{port}", "UNFELT_MAIL_FROM": "unfelt@shop.example"}
    finally:
        server.stop()


def test_two_workers_tell_each_member_once(home: Path):
    """As two consoles did not: each told everybody."""
    with sink() as (kept, settings):
        house: House = here(home)
        house.environment = settings
        house.does(MEMBERS)
        with house.worker("notifications"), house.worker("notifications"):
            until(lambda: len(kept.taken) >= len(PEOPLE))
            house.does("import time; time.sleep(5)")  # Two more looks of each.
    assert Counter(kept.taken) == Counter(PEOPLE)


def test_a_worker_killed_between_two_letters_loses_none_and_doubles_at_most_the_one_in_flight(home: Path):
    """The letter goes first, then that it went is put on record: at least once."""
    with sink() as (kept, settings):
        house = here(home)
        house.environment = settings
        house.does(MEMBERS)
        with house.worker("notifications") as first:

            def kill(_to: str) -> None:
                if len(kept.taken) == 3:
                    os.kill(first.pid, signal.SIGKILL)

            kept.meanwhile = kill
            first.wait(30)
        in_flight = kept.taken[-1]
        with house.worker("notifications"):
            until(lambda: set(kept.taken) == set(PEOPLE))
    counted = Counter(kept.taken)
    assert {to: n for to, n in counted.items() if n != 1} == {in_flight: 2}


def test_records_without_the_tables_get_them_and_are_told_from(home: Path):
    """An installation of before, by `unfelt worker --once`."""
    house = House(f"sqlite:///{(home / 'records.db').resolve()}", home)
    subprocess.run([sys.executable, "-c", BEFORE, house.database], check=True)
    with sink() as (kept, settings):
        house.environment = settings
        command = [sys.executable, "-m", "unfelt", "--lang", "en", "worker", "--once", "--home", str(home)]
        ran = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        house.does(MEMBERS)

        def told() -> bool:
            """Two seconds after the look before."""
            subprocess.run(command, env={**os.environ, **settings}, capture_output=True, check=True)
            return bool(kept.taken)

        until(told)
    assert sorted(kept.taken) == sorted(PEOPLE)
