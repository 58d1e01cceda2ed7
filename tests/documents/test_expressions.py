"""What `bad` may say, and what it may not."""

import re

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from unfelt.documents.expression_rules import DEEPEST, ExpressionError
from unfelt.documents.expressions import parse_bad

PIECES = (
    *(
        "status",
        "path",
        '"odd name"',
        "'text'",
        "'it''s'",
        "500",
        "1.5",
        "true",
        "null",
        "(",
        ")",
        ",",
        "and",
        "or",
    ),
    *(
        "not",
        "in",
        "between",
        "like",
        "ilike",
        "is",
        "case",
        "when",
        "then",
        "else",
        "end",
        ">=",
        "=",
        "<>",
        "+",
        "-",
    ),
    *(
        "*",
        "/",
        "//",
        "%",
        "||",
        "::",
        "int",
        "lower(",
        "abs(",
        "coalesce(",
        "regexp_matches(",
        "try_cast(",
        " as ",
    ),
    *(
        "select",
        "from",
        "count(",
        "over",
        "exists",
        "--",
        "/*",
        "*/",
        ";",
        "?",
        "$1",
        "read_csv(",
        "[",
        "]",
        "{",
        "~",
    ),
)


def canonical(text: str) -> str:
    return parse_bad(text).canonical


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse_bad(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status>=500", '"status" >= 500'),
        ("path = '/checkout' and duration_ms > 800", '"path" = \'/checkout\' AND "duration_ms" > 800'),
        ("status in (500, 502)", '"status" IN (500, 502)'),
        ("status not between 200 and 299", 'NOT "status" BETWEEN 200 AND 299'),
        ("order_no is not null", 'NOT "order_no" IS NULL'),
        ("try_cast(total as double) < 0", 'TRY_CAST("total" AS DOUBLE) < 0'),
        ("regexp_matches(path, '^/pay')", "REGEXP_MATCHES(\"path\", '^/pay')"),
        ("case when a then b else false end", 'CASE WHEN "a" THEN "b" ELSE FALSE END'),
        ("- - a > 1", '- -"a" > 1'),
    ],
)
def test_allowed_expressions_have_one_canonical_form(text, expected):
    """Allowed SQL comes out quoted, spaced and free of doubt."""
    assert canonical(text) == expected


def test_columns_are_named():
    """An expression knows the columns that it reads."""
    assert parse_bad("status >= 500 or lower(path) like '%pay%'").columns == {"status", "path"}


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("count(status) > 1", "COUNT(status)"),
        ("(select 1) = status", "(SELECT 1)"),
        ("status in (select 1)", "status IN (SELECT 1)"),
        ("sum(status) over () > 1", "SUM(status) OVER ()"),
        ("other.status > 1", "other.status"),
        ("status = ?", "?"),
        ("status::int > 1", "::"),
        ("path ~ 'x'", "~"),
        ("getenv('HOME') = 'x'", "getenv(…)"),
        ("columns(*) > 1", "COLUMNS(*)"),
        ("now() > time", "now(…)"),
        ("try_cast(a as blob) is null", "BLOB"),
        ("regexp_matches(path, pattern)", "REGEXP_MATCHES(path, pattern)"),
        ("status + 1", "status + 1"),
        ("status = 1 -- or 2", "-- or 2"),
        ("status >= 500 or", "or"),
        ("grant all to me", "grant"),
        ("a = 1; drop table b", "drop"),
    ],
)
def test_a_refusal_names_the_piece(text, piece):
    """What is not allowed is refused, and the offending piece is named."""
    assert refused(text).piece == piece


def test_a_syntax_error_says_where():
    """The place of a syntax error counts characters of the whole text, from 1."""
    assert refused("status = 1\nand path path").column == 21


@pytest.mark.parametrize("text", ["", "   ", "'open", "a;b", "(" * 99 + "a" + ")" * 99, "x" * 5000, "a = '\x00'"])
def test_nothing_and_too_much_are_refused(text):
    """Empty, open-ended, several, too deep, too long and invisible texts are all refused."""
    assert isinstance(refused(text), ExpressionError)


def test_depth_up_to_the_limit_is_read():
    """Parentheses are read up to the stated depth."""
    assert parse_bad("(" * DEEPEST + "a" + ")" * DEEPEST).columns == {"a"}


def _holds(text: str) -> None:
    """Whatever comes in is refused, or is the same again and holds nothing forbidden."""
    try:
        found = parse_bad(text)
    except ExpressionError:
        return
    assert canonical(found.canonical) == found.canonical
    tree = parse_one(found.canonical, dialect="duckdb")
    assert not list(tree.find_all(exp.Query, exp.AggFunc, exp.Window, exp.Star, exp.Placeholder, exp.Anonymous))
    assert parse_bad(found.canonical).columns == found.columns


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_refused_or_stable(text):
    """Any text at all either raises ExpressionError or has a stable canonical form."""
    _holds(text)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_heap_of_sql_is_refused_or_stable(text):
    """Any heap of SQL words either raises ExpressionError or has a stable canonical form."""
    _holds(text)


_scalars = st.recursive(
    st.sampled_from(["status", "path", '"odd "" name"', "500", "1.5", "'it''s'", "''", "null"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "||", "%"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(st.sampled_from(["lower", "abs", "length", "-"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
    ),
    max_leaves=4,
)
_booleans = st.recursive(
    st.tuples(_scalars, st.sampled_from(["=", "<>", "<", ">=", "is distinct from", "like"]), _scalars).map(
        " ".join
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map(lambda text: f"not ({text})"),
        inner.map(lambda text: f"case when {text} then true end"),
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_booleans)
def test_generated_expressions_keep_their_meaning(database, text):
    """DuckDB reads the canonical form of an allowed expression as the very tree of the original text."""
    assert _tree(database, parse_bad(text).canonical) == _tree(database, text)


def _tree(database, sql: str) -> str:
    (serialised,) = database.execute("select json_serialize_sql($1)::varchar", [f"select {sql} from t"]).fetchone()
    return re.sub(r'"query_location(_length)?":\d+', "", serialised)
