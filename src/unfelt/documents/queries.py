"""The query that lists what a store kept: one SELECT, made of what is allowed here and nothing else.

It runs with the login that the plan names. No query becomes more than a list of promises, whatever that login may
do: no function but a few that compute, no catalog of the system, no file, no setting, no other statement.
"""

import re
from contextlib import suppress
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError

LONGEST = 10_000
DEEPEST = 30
"""Brackets within brackets."""
_ALLOWED: frozenset[type[exp.Expr]] = frozenset(
    {
        *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Distinct),
        *(exp.Limit, exp.Offset, exp.Subquery, exp.Union, exp.Except, exp.Intersect, exp.With, exp.CTE),
        *(exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null),
        *(
            exp.EQ,
            exp.NEQ,
            exp.GT,
            exp.GTE,
            exp.LT,
            exp.LTE,
            exp.And,
            exp.Or,
            exp.Not,
            exp.Is,
            exp.In,
            exp.Between,
        ),
        *(
            exp.Like,
            exp.ILike,
            exp.Exists,
            exp.Paren,
            exp.Neg,
            exp.Add,
            exp.Sub,
            exp.Mul,
            exp.Div,
            exp.Mod,
            exp.DPipe,
        ),
        *(exp.NullSafeEQ, exp.NullSafeNEQ),
        *(
            exp.Case,
            exp.If,
            exp.Coalesce,
            exp.Nullif,
            exp.Cast,
            exp.DataType,
            exp.DataTypeParam,
            exp.Lower,
            exp.Upper,
        ),
        *(
            exp.Trim,
            exp.Substring,
            exp.Concat,
            exp.Length,
            exp.Abs,
            exp.Round,
            exp.Min,
            exp.Max,
            exp.Count,
            exp.Star,
        ),
        *(exp.CurrentTimestamp, exp.CurrentDate, exp.Interval, exp.Var),
        *(exp.JSONExtract, exp.JSONExtractScalar, exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey),
        *(exp.JSONPathSubscript, exp.Replace, exp.SplitPart),
    }
)
_CAST_TO = frozenset(
    {
        *(exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT),
        *(exp.DType.DECIMAL, exp.DType.DOUBLE, exp.DType.FLOAT, exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.UUID),
        *(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.INTERVAL),
    }
)
_NAME = re.compile(r"[^\W\d][\w$ -]*")
_SYSTEM = re.compile(
    r"(pg_|sqlite_|pragma_|information_schema|mysql|sys$|dbstat|fts|json_(each|tree))", re.IGNORECASE
)
"""Names of schemas and tables that are the system's own, or functions that stand where a table does."""


def check_query(query: str, *, dialect: str) -> None:
    """The query is one SELECT of one or two columns that only lists what tables hold; else RefusalError."""
    parsed(query, dialect=dialect)


def columns_in(query: str) -> int:
    """How many columns the query lists; 0 where it is refused anyhow."""
    for dialect in ("sqlite", "postgres"):
        with suppress(RefusalError):
            return len(parsed(query, dialect=dialect).expressions)
    return 0


def hides_copies(query: str) -> bool:
    """What a store lists twice comes once from the query: it asks for distinct rows, or for groups."""
    for dialect in ("sqlite", "postgres"):
        with suppress(RefusalError):
            select = parsed(query, dialect=dialect)
            return any(select.args.get(name) for name in ("distinct", "group"))
    return True


@lru_cache(maxsize=256)
def parsed(query: str, *, dialect: str) -> exp.Select:
    """The query as a tree, if it is allowed; whoever changes it copies it first."""
    if len(query) > LONGEST or _depth(query) > DEEPEST:
        raise _refusal(Message("the query is too long or nested too deeply"))
    if any(not (one.isprintable() or one in "\t\r\n") for one in query):
        raise _refusal(Message("the query holds a character that is not seen"))
    select = _only_select(query, dialect)
    if len(select.expressions) not in (1, 2) or any(one.is_star for one in select.expressions):
        raise _refusal(Message("the query does not have one output column, or two: the promise and its value"))
    for node in select.walk():
        _check(node, dialect)
    return select


def _depth(query: str) -> int:
    deepest = depth = 0
    for one in query:
        depth += (one == "(") - (one == ")")
        deepest = max(deepest, depth)
    return deepest


def _only_select(query: str, dialect: str) -> exp.Select:
    try:
        found = sqlglot.parse(query, dialect=dialect)
        again = (
            sqlglot.parse(found[0].sql(dialect=dialect, comments=False), dialect=dialect) if found[0] else found
        )
    except (ParseError, TokenError, RecursionError):
        raise _refusal(Message("the query cannot be read as SQL")) from None
    except (ValueError, TypeError, AttributeError, IndexError, KeyError):  # A fault of the parser is no query.
        raise _refusal(Message("the query cannot be read as SQL")) from None
    if len(found) != 1 or len(again) != 1 or not isinstance(again[0], exp.Select):
        raise _refusal(Message("the query is not exactly one SELECT"))
    return again[0]


def _check(node: exp.Expr, dialect: str) -> None:
    if type(node) not in _ALLOWED:
        raise _not_allowed(node, dialect)
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        raise _not_allowed(node, dialect)
    if isinstance(node, exp.With) and node.args.get("recursive"):
        raise _not_allowed(node, dialect)
    if isinstance(node, exp.DataType) and node.this not in _CAST_TO:
        raise _not_allowed(node, dialect)
    if isinstance(node, exp.Select) and any(node.args.get(name) for name in ("into", "locks", "laterals", "hint")):
        raise _not_allowed(node, dialect)
    if isinstance(node, exp.Identifier) and not _NAME.fullmatch(node.name):
        raise _not_allowed(node, dialect)
    if isinstance(node, exp.Replace) and node.find_ancestor(exp.Replace):
        raise _not_allowed(node, dialect)  # Replaced in what was replaced, a short text becomes a long one.
    if isinstance(node, exp.Table):
        _check_table(node, dialect)


def _check_table(table: exp.Table, dialect: str) -> None:
    """A table by its name, at most with its schema; none of the system's, and nothing that only looks like one."""
    is_named = isinstance(table.this, exp.Identifier) and table.args.get("catalog") is None
    extra = {name for name, value in table.args.items() if value} - {"this", "db", "alias", "joins"}
    if not is_named or extra or any(_SYSTEM.match(one) for one in (table.name.strip(), table.db.strip())):
        raise _not_allowed(table, dialect)


def _not_allowed(node: exp.Expr, dialect: str) -> RefusalError:
    piece = " ".join(node.sql(dialect=dialect, comments=False).split())[:60]
    return _refusal(Message("{piece} is not allowed in the query", piece=piece))


def _refusal(what: Message) -> RefusalError:
    return RefusalError(
        what, Message("Allowed: a SELECT of the promises kept, such as select number from orders.")
    )
