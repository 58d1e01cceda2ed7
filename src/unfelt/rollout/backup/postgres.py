"""PostgreSQL by its own programs: `pg_dump` and `pg_restore`, which never see a password among their arguments."""

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from unfelt.conf.language import Message
from unfelt.rollout.backup import BackupError

WORKFLOWS = "dbos"
"""The schema of the rollouts' workflows: none of them goes on after a restore."""


def dump(url: str, into: Path) -> None:
    """The records as they are at one moment."""
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--exclude-schema={WORKFLOWS}", f"--file={into}")


def load(url: str, dumped: Path) -> None:
    """All of it or nothing is in the database, which has to be empty."""
    _run(
        "pg_restore",
        url,
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        str(dumped),
        into=True,
    )


def _run(program: str, url: str, *options: str, into: bool = False) -> None:
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    said = {
        "PGHOST": unquote(query.get("host", parts.hostname or "")),
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path[1:],
    }
    environment = {**os.environ, **{name: value for name, value in said.items() if value}}
    named = (f"--dbname={said['PGDATABASE']}",) if into else ()
    try:
        ran = subprocess.run(
            [program, *named, *options], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(
            Message("{program} is not there: install the client programs of PostgreSQL.", program=program)
        ) from error
    if ran.returncode:
        raise BackupError(Message("{program}: {problem}", program=program, problem=ran.stderr.strip()[-500:]))
