"""The console as a process of its own, and a browser's part without a browser."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from blank import begin_with_tables

from unfelt.engines.rights import ROLES
from unfelt.web.access.links import make_link


@dataclass(frozen=True)
class Served:
    """A console that runs."""

    home: Path
    base: str
    first_link: str
    clients: list[httpx.Client] = field(default_factory=list)
    """Closed with it."""
    environment: dict[str, str] = field(default_factory=dict)
    """Of commands over the same records."""

    def link(self, *, by: str = "ann", roles: Sequence[str] = ROLES) -> str:
        """Another link to it; who is no member yet becomes one with these roles."""
        return f"{self.base}/login/{make_link(self.home, by=by, roles=roles)}/"

    def stranger(self, **headers: str) -> httpx.Client:
        """Somebody whom it does not know."""
        client = httpx.Client(base_url=self.base, headers={"Accept-Language": "en", **headers}, timeout=30)
        self.clients.append(client)
        return client

    def known(self, *, by: str = "ann", roles: Sequence[str] = ROLES, **headers: str) -> httpx.Client:
        """Somebody who came by a link."""
        client = self.stranger(**headers)
        link = self.link(by=by, roles=roles).removeprefix(self.base)
        post(client, link, page=link)
        return client

    @property
    def token(self) -> str:
        """Of its API."""
        self.stranger().get("/api/rollouts/")
        return (self.home / "keys" / "api.token").read_text()


def post(client: httpx.Client, path: str, *, page: str, **fields: str) -> httpx.Response:
    """The form on that page, sent as a browser would."""
    client.get(page)
    return client.post(path, data={"csrfmiddlewaretoken": client.cookies["csrftoken"], **fields})


@contextmanager
def served(
    home: Path, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> Iterator[Served]:
    """`unfelt serve` over that home, where the plans lie if that is said, until the block ends."""
    command = [sys.executable, "-m", "unfelt", "serve", "--home", str(home), "--listen", "127.0.0.1:0", *arguments]
    local = {"UNFELT_NETWORKS": "local=127.0.0.1/32"}  # What is looked at and called is on this machine.
    more = {**local, **os.environ, **(environment or {}), **_database()}
    if "UNFELT_DATABASE" not in more and "--example" not in arguments:
        begin_with_tables((cwd or Path()) / home)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd, env=more)
    link = next(line for line in process.stdout if "/login/" in line).split()[-1]
    console = Served(home, link[: link.index("/login/")], link, environment=more)
    try:
        yield console
    finally:
        for client in console.clients:
            client.close()
        process.terminate()
        process.wait(30)
        process.stdout.close()


def _database() -> dict[str, str]:
    """A database of its own at the server that UNFELT_TEST_SERVER names; without one, the home's SQLite."""
    server = os.environ.get("UNFELT_TEST_SERVER", "")
    if not server:
        return {}
    import psycopg

    name = f"unfelt_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return {"UNFELT_DATABASE": urlsplit(server)._replace(path=f"/{name}").geturl()}


def write_paper(home: Path, *options: str) -> None:
    """A rollout on paper is in the records of that home."""
    begin_with_tables(home)
    subprocess.run(paper(home, *options), check=True)


def paper(home: Path, *options: str) -> list[str]:
    """The command that writes one."""
    return [sys.executable, "-m", "unfelt.testing.paper", str(home), *options]
