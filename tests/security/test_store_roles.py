"""PostgreSQL as the attack surface: what a store's login may do, and what a query makes of it all the same."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from unfelt.adapters.sources import RetryableSourceError
from unfelt.adapters.sources.logins import logins_of, powers_of
from unfelt.adapters.sources.stores import Shelf, connected
from unfelt.cli import main
from unfelt.documents.load import CHANGE, load_text
from unfelt.documents.source import Store
from unfelt.rollout.reach import must_only_read
from unfelt.rollout.refusal import CannotStart

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {{id: stores, title: Split, owner: lin, tier: normal}}
experience:
  customer: cookie:uid
  columns: {{order: "response:x-order"}}
  metrics: [{{id: lost, source: orders, margin: 1%}}]
  sources:
    orders:
      kind: reconciliation
      promise: order
      old: {{database: "{old}", query: "select number from shop.orders"}}
      new: {{database: "{new}", query: "select number from shop.orders"}}
guard: {{impact_budget: 40 customers}}
"""
SERVER = """
CREATE SCHEMA shop; CREATE TABLE shop.orders (number text); CREATE SEQUENCE shop.numbers;
INSERT INTO shop.orders VALUES ('a'), ('a'), ('b'), ('c%s');
CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA shop TO reader; GRANT SELECT ON shop.orders TO reader;
CREATE ROLE boss SUPERUSER; CREATE ROLE heir LOGIN NOINHERIT; GRANT boss TO heir;
CREATE ROLE mender LOGIN IN ROLE reader; GRANT UPDATE (number) ON shop.orders TO mender;
CREATE ROLE writers; GRANT INSERT ON shop.orders TO writers;
CREATE ROLE idle LOGIN NOINHERIT IN ROLE reader, writers;
CREATE ROLE maker LOGIN IN ROLE reader; GRANT CREATE ON SCHEMA shop TO maker;
CREATE ROLE hirer LOGIN CREATEROLE; CREATE ROLE opener LOGIN; GRANT pg_read_server_files TO opener;
CREATE ROLE counter LOGIN; GRANT USAGE ON SEQUENCE shop.numbers TO counter;
CREATE ROLE spy LOGIN; GRANT SELECT ON pg_authid TO spy; CREATE ROLE lister LOGIN;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO lister; CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher;
"""
POWERS = {
    "postgres": "is a superuser",
    "heir": "is a superuser",
    "mender": "may write tables",
    "idle": "may write tables",
    "maker": "may make tables",
    "hirer": "may make roles",
    "opener": "the server's files",
    "counter": "may move sequences",
    "spy": "may read catalogs",
    "lister": "may call functions",
    "watcher": "see to everything",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with a login of each kind."""
    from databases import postgresql

    with postgresql(tmp_path_factory.mktemp("roles")) as running:
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute(SERVER.encode())
        yield running


def url(server: Any, login: str) -> str:
    """The address with that login."""
    return str(server.get_uri()).replace("postgres:@", f"{login}@").replace("//postgres@", f"//{login}@")


def test_a_login_that_only_reads_is_let_through(server):
    """Nothing is said of it, at check or before a rollout; its promises are found, each once."""
    assert powers_of(url(server, "reader")) == []
    plan = PLAN.format(old=url(server, "reader"), new=url(server, "reader"))
    must_only_read(load_text(plan, CHANGE, file="change.yaml").document)
    shelf = Shelf(Store(database=url(server, "reader"), query="select number from shop.orders"))
    assert shelf.kept(["a", "b", "c%s", "d"]) == {"a", "b", "c%s"}
    assert shelf.kept(["a", "d"], sure=True) == {"a"}


@pytest.mark.parametrize("login", POWERS)
def test_a_login_that_may_more_is_refused(server, tmp_path: Path, login):
    """By `unfelt check` with its field, and before anybody is moved; also what it may only by taking on a role."""
    plan = PLAN.format(old=url(server, login), new=url(server, "reader"))
    file = tmp_path / "change.yaml"
    file.write_text(plan)
    told = CliRunner().invoke(main, ["--lang", "en", "check", str(file)])
    assert (told.exit_code, POWERS[login] in told.output) == (1, True), told.output
    assert "experience.sources.orders.old" in told.output
    assert CliRunner().invoke(main, ["check", "--json", str(file)]).exit_code == 1
    with pytest.raises(CannotStart):
        must_only_read(load_text(plan, CHANGE, file="change.yaml").document)


def test_a_store_of_unfelt_itself_is_refused(server, tmp_path: Path, monkeypatch):
    """By `unfelt check` with its field, not by a minute without data."""
    monkeypatch.setenv("UNFELT_HOME", str(tmp_path))
    file = tmp_path / "change.yaml"
    file.write_text(PLAN.format(old=f"sqlite:///{tmp_path}/records.db", new=url(server, "reader")))
    told = CliRunner().invoke(main, ["--lang", "en", "check", str(file)])
    assert (told.exit_code, "own files" in told.output, "sources.orders.old" in told.output) == (1, True, True)


def test_a_store_that_is_away_is_a_warning_at_check_and_no_start(server, tmp_path: Path):
    """A plan is checked on a laptop too; nobody is moved before the login was looked at."""
    plan = PLAN.format(old="postgresql://reader@127.0.0.1:1/none", new=url(server, "reader"))
    file = tmp_path / "change.yaml"
    file.write_text(plan)
    told = CliRunner().invoke(main, ["--lang", "en", "check", str(file)])
    assert (told.exit_code, "could not be looked at" in told.output) == (0, True)
    (seen,) = logins_of(load_text(plan, CHANGE, file="change.yaml").document)
    assert not seen.is_refused
    with pytest.raises(CannotStart):
        must_only_read(load_text(plan, CHANGE, file="change.yaml").document)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO shop.orders VALUES ('x')",
        "SELECT nextval('shop.numbers')",
        "CREATE TEMP TABLE a (b int)",
        "SELECT lo_import('/etc/hostname')",
        "SET TRANSACTION READ WRITE",
    ],
)
def test_the_connection_itself_only_reads(server, statement):
    """Whatever came through, and even as a superuser with options of its own in the address."""
    own = url(server, "postgres")
    own += ("&" if "?" in own else "?") + "options=-c%20default_transaction_read_only%3Doff"
    with pytest.raises(RetryableSourceError), connected(own, patience=2.0) as store:
        store.execute(f"SELECT 1; {statement}")
    with psycopg.connect(server.get_uri()) as plain:
        assert plain.execute("SELECT count(*) FROM shop.orders").fetchone() == (4,)


def test_a_query_that_takes_long_is_ended(server):
    """By the store itself, within its patience."""
    with suppress(RetryableSourceError), connected(url(server, "reader"), patience=0.2) as store:
        store.execute("SELECT pg_sleep(60)")
        raise AssertionError("it was not ended")
