"""Expressions and queries that try to leave: two thousand from a grammar, each refused, or evaluated and harmless.

What is taken is run where it would be run. A canary lies in a file, in another table and in the settings: nothing
that comes back holds it, nothing is written, and no function is called but those that the page of the plan names.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from unfelt.adapters.sources import RetryableSourceError
from unfelt.adapters.sources.stores import Shelf
from unfelt.documents.expression_rules import ExpressionError
from unfelt.documents.expressions import parse_amount, parse_bad
from unfelt.documents.queries import parsed
from unfelt.documents.refusal import RefusalError
from unfelt.documents.source import Store

COUNT = 1_000
"""Of each: expressions, and queries."""
CANARY = "canary-7f3a"
CALLS = (
    *("read_csv('{f}')", "read_text('{f}')", "read_blob('{f}')", "read_parquet('{f}')", "read_json('{f}')"),
    *(
        "glob('/*')",
        "getenv('HOME')",
        "current_setting('home_directory')",
        "query('select 1')",
        "query_table('s')",
    ),
    *("pg_read_file('{f}')", "pg_ls_dir('/')", "lo_import('{f}')", "dblink('x','y')", "pg_sleep(9)", "version()"),
    *("set_config('a','b',false)", "nextval('n')", "currval('n')", "load_extension('x')", "readfile('{f}')"),
    *(
        "writefile('{w}','x')",
        "zeroblob(1e9)",
        "randomblob(1e9)",
        "repeat('x',1000000000)",
        "generate_series(1,9e9)",
    ),
    *(
        "list_transform([1], x -> x)",
        "list_filter([1], lambda x: x)",
        "range(1000000000)",
        "unnest([1,2])",
        "hash(1)",
    ),
    *(
        "sqlite_version()",
        "pragma_table_info('s')",
        "duckdb_settings()",
        "json_each('[]')",
        "xmlparse(document 'x')",
    ),
    *(
        "query_to_xml('select 1',true,true,'')",
        "copy_to('{w}')",
        "http_get('http://127.0.0.1:9')",
        "random()",
        "now()",
    ),
)
SCALARS = (
    *("status", "path", "1", "'a'", "null", "true", '"path"', "lower(path)", "status + 1", "duration_ms", "'{f}'"),
    *("U&'\\0041'", "$$a$$", "$tag$a$tag$", "E'\\x41'", "X'41'", "'a''b'", '"a""b"', "'\u2019'", "\uff07a\uff07"),
    *(
        "(select secret from s)",
        "(select max(secret) from s)",
        "(table s)",
        "s.secret",
        "main.s.secret",
        "*",
        "s.*",
    ),
    *("$1", "?", ":a", "@a", "{{1: 2}}", "[1, 2]", "{{'a': 1}}", "row(1)", "array[1]", "columns('.*')", "#1"),
    *("interval '1' day", "date '2026-01-01'", "cast(path as json)", "path::regclass", "try_cast(path as blob)"),
    *("current_user", "session_user", "current_catalog", "rowid", "ctid", "tableoid", "xmin", "sqlite_master.sql"),
)
WRAPS = (
    *(
        "{a} = {b}",
        "({a})",
        "not {a}",
        "{a} and {b}",
        "{a} or {b}",
        "{a} in ({b}, {a})",
        "{a} is null",
        "{a} || {b}",
    ),
    *("case when {a} then {b} else {a} end", "coalesce({a}, {b})", "{a} between {b} and {a}", "{a} like {b}"),
    *("exists ({a})", "{a} in (select {b})", "{a} in (select secret from s)", "lower({a})", "if({a}, {b}, {a})"),
    *("{a} -- {b}", "{a} /* {b} */", "/*! {a} */ {b}", "{a}; {b}", "{a}; drop table s", "{a} union select {b}"),
    *("{a} ~ {b}", "{a} similar to {b}", "regexp_matches({a}, {b})", "{a}::{b}", "{a} at time zone {b}", "{a}[1]"),
    *("{a} over ()", "sum({a})", "count(*)", "{a} collate {b}", "{a}.{b}", "try({a})", "{a} -> {b}", "x -> {a}"),
    *(
        "{a}\n{b}",
        "{a}\u200b",
        "{a}\u00a0= {b}",
        "{a}\u3000= {b}",
        "\uff08{a}\uff09",
        "{a} \uff1d {b}",
        "{a}\x00{b}",
    ),
    *("struct_extract({a}, {b})", "try_cast({a} as varchar)", "nullif({a}, {b})", "{a} is not distinct from {b}"),
)
FROMS = (
    *("orders", "orders, s", "s", "orders o join s on true", "(select secret as number from s) q", "main.orders"),
    *("'{f}'", '"{f}"', "read_csv('{f}')", "pg_shadow", "pg_catalog.pg_authid", "information_schema.tables"),
    *(
        "sqlite_master",
        "SQLITE_SCHEMA",
        "pragma_database_list",
        "pragma_table_info('s')",
        "generate_series(1, 9) g",
    ),
    *(
        "orders, lateral (select 1) l",
        "only orders",
        "orders tablesample system (1)",
        "(values (1)) v",
        "temp.orders",
    ),
    *("rows from (pg_ls_dir('/'))", "json_each('[1]')", "dblink('a','b') as t(x int)", "unnest(array[1])", "[s]"),
)
TAILS = (
    *("", " where {a}", " where {a} = {b}", " group by {a}", " order by {a}", " limit 1", " for update", "; {a}"),
    *(
        " union select {a}",
        " union all select secret from s",
        " into outfile '{w}'",
        " into t",
        " returning {a}",
        ";",
    ),
    *(
        " where number in (select {a})",
        " having {a}",
        " window w as (order by {a})",
        " offset {a}",
        " fetch first 1",
    ),
    *(
        "; attach '{w}' as b",
        "; pragma writable_schema = 1",
        "; vacuum into '{w}'",
        "; copy s to '{w}'",
        " -- {a}",
    ),
)
HEADS = (
    *("select {a} from {t}", "select number from {t}", "with q as (select {a} from {t}) select number from q"),
    *("with recursive q(number) as (select 1 union all select number + 1 from q) select number from q"),
    *("with q as (delete from s returning secret) select secret from q", "copy {t} to '{w}'", "attach '{w}' as a"),
    *(
        "insert into s select {a}",
        "pragma table_info(s)",
        "explain select {a}",
        "values ({a})",
        "table {t}",
        "{a}",
    ),
    *(
        "create table x as select {a}",
        "select distinct {a} from {t}",
        "select (select {a} from {t})",
        "set a = {a}",
    ),
    *(
        "select {a}, {b} from {t}",
        "select * from {t}",
        "select count(*) from {t}",
        "do $$ begin end $$",
        "call f()",
    ),
)
HARMLESS = frozenset(
    [
        "lower",
        "upper",
        "length",
        "left",
        "right",
        "abs",
        "round",
        "floor",
        "ceil",
        "coalesce",
        "nullif",
        "if",
        "starts_with",
        "ends_with",
        "contains",
        "regexp_matches",
        "try_cast",
        "case",
        "cast",
        "like",
        "trim",
        "substring",
        "concat",
        "replace",
        "split_part",
        "min",
        "max",
        "count",
    ]
)


def scalar(chance: random.Random, depth: int = 0) -> str:
    """An expression that is none of ours, or hides something in one that is."""
    if depth > 3 or chance.random() < 0.3:
        return chance.choice((*SCALARS, *CALLS))
    made = chance.choice(WRAPS)
    return made.replace("{a}", scalar(chance, depth + 1)).replace("{b}", scalar(chance, depth + 1))


def query(chance: random.Random) -> str:
    """A query of that kind; half of each part are such as a plan has."""

    def part(of: tuple[str, ...], *, plain: int) -> str:
        return chance.choice(of[:plain] if chance.random() < 0.5 else of)

    made = part(HEADS, plain=2) + part(TAILS, plain=6)
    columns = ["number", "status", "lower(number)", "'a'", scalar(chance, 2)]
    for hole in ("{a}", "{b}"):
        made = made.replace(hole, chance.choice(columns))
    return made.replace("{t}", part(FROMS, plain=4))


def placed(text: str, place: Path) -> str:
    """With the files that it would read or write."""
    text = text.replace("{{", "{").replace("}}", "}")
    return text.replace("{f}", str(place / "canary.csv")).replace("{w}", str(place / "written"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file that nobody may read."""
    here = tmp_path_factory.mktemp("escapes")
    (here / "canary.csv").write_text(f"secret\n{CANARY}\n")
    return here


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Where expressions are evaluated: the table of experience, and another one."""
    with duckdb.connect() as made:
        made.execute("CREATE TABLE s (secret VARCHAR)")
        made.execute("INSERT INTO s VALUES ($1)", [CANARY])
        made.execute("CREATE TABLE t AS SELECT 200 AS status, '/pay' AS path, 'GET' AS method, 1.5 AS duration_ms")
        yield made


@pytest.mark.parametrize("read", [parse_bad, parse_amount])
def test_expressions_stay_within_their_row(read, place, engine):
    """Refused, or evaluated over the columns of one row by functions of the list alone."""
    chance, taken = random.Random(f"13 {read.__name__}"), 0
    for _number in range(COUNT // 2):
        text = placed(scalar(chance), place)
        try:
            found = read(text)
        except ExpressionError:
            continue
        taken += 1
        tree = sqlglot.parse_one(found.canonical, dialect="duckdb")
        assert not list(tree.find_all(exp.Query, exp.Table, exp.Anonymous, exp.Lambda, exp.Star, exp.Parameter)), (
            text
        )
        with suppress(duckdb.Error):  # A column that is not there, a text that is no number.
            rows = engine.execute(f"SELECT {found.canonical} FROM t").fetchall()
            assert (len(rows), CANARY in str(rows)) == (1, False), text
    assert sorted(path.name for path in place.iterdir()) == ["canary.csv"]
    assert taken > 5, "the grammar makes nothing that is taken: it proves too little"


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_queries_list_promises_and_do_nothing_else(dialect, place):
    """Refused, or one SELECT over named tables, by functions of the list alone."""
    chance, taken = random.Random(f"13 {dialect}"), 0
    database = place.parent / f"{place.name}-{dialect}.db"
    with closing(sqlite3.connect(database)) as store:
        store.execute("CREATE TABLE orders (number TEXT, status INT, path TEXT)")
        store.execute("CREATE TABLE s (secret TEXT)")
        store.execute("INSERT INTO orders VALUES ('a', 1, '/pay')")
        store.commit()
    before = database.read_bytes()
    for _number in range(COUNT // 2):
        text = placed(query(chance), place)
        try:
            found = parsed(text, dialect=dialect)
        except RefusalError:
            continue
        taken += 1
        spelled = found.sql(dialect=dialect)
        assert len(sqlglot.parse(spelled, dialect=dialect)) == 1
        assert {table.name.lower() for table in found.find_all(exp.Table)} <= {"orders", "s", "q", "only"}, text
        assert {node.sql_name().lower() for node in found.find_all(exp.Func)} <= {
            *HARMLESS,
            *("and", "or", "exists", "current_timestamp", "json_extract", "json_extract_scalar", "current_date"),
        }, text
        if dialect == "sqlite":
            with suppress(RetryableSourceError):
                assert Shelf(Store(database=f"sqlite:///{database}", query=text)).kept(["a"]) <= {"a"}
    assert database.read_bytes() == before
    assert sorted(path.name for path in place.iterdir()) == ["canary.csv"]
    assert taken > 5, "the grammar makes nothing that is taken: it proves too little"


SQL = [
    "SELECT load_extension('x')",
    "SELECT name FROM sqlite_master",
    "SELECT name FROM pragma_table_info('orders')",
    "ATTACH 'x.db' AS other",
    "PRAGMA writable_schema = 1",
    "SELECT hex(zeroblob(100000000))",
    "DELETE FROM orders",
    "VACUUM INTO 'x.db'",
    "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT n FROM a",
]


@pytest.mark.parametrize("statement", SQL)
def test_sqlite_itself_refuses_what_came_through(tmp_path, statement):
    """The second wall: whatever the parser would let through, the store asks before each thing that it does."""
    database = tmp_path / "orders.db"
    with closing(sqlite3.connect(database)) as store:
        store.execute("CREATE TABLE orders (number TEXT)")
    shelf = Shelf(Store(database=f"sqlite:///{database}", query="select number from orders"))
    with pytest.raises(RetryableSourceError):
        shelf._ask_sqlite(statement, [])
    assert [path.name for path in tmp_path.iterdir()] == ["orders.db"]


def test_a_plan_does_not_read_what_unfelt_keeps(tmp_path, monkeypatch):
    """Not its records, by whatever way the address leads there."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "records.db").touch()
    monkeypatch.setenv("UNFELT_HOME", str(home))
    for path in (home / "records.db", tmp_path / "x" / ".." / "home" / "records.db"):
        shelf = Shelf(Store(database=f"sqlite:///{path}", query="select name from records_member"))
        with pytest.raises(RetryableSourceError, match=r"unfelt's own|unfelt 自己"):
            shelf.kept(["a"])


@pytest.mark.parametrize(("place", "is_ours"), [("x.db", True), ("keys/x.db", True), ("shop-1/old.db", False)])
def test_an_installation_is_known_by_its_keys(tmp_path, place, is_ours):
    """One that no setting names too; what others put beside its directories is theirs."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "shop-1").mkdir()
    (tmp_path / "keys" / "signing.pem").touch()
    with closing(sqlite3.connect(tmp_path / place)) as store:
        store.execute("CREATE TABLE orders (number TEXT)")
    shelf = Shelf(Store(database=f"sqlite:///{tmp_path / place}", query="select number from orders"))
    with pytest.raises(RetryableSourceError, match="own") if is_ours else nullcontext():
        assert shelf.kept(["a"]) == set()
