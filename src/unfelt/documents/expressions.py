"""What metrics may say: one scalar SQL expression over the columns of the experience table."""

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token

from unfelt.conf.language import Message
from unfelt.documents.expression_rules import (
    BOOLEAN,
    REFUSED_TOKENS,
    YES_OR_NO,
    ExpressionError,
    check_depth,
    check_text,
    check_tree,
    refused,
    shortened,
    spelled,
    syntax_fault,
    too_deep,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that passed: only allowed nodes, the same when parsed again."""

    text: str
    canonical: str
    """DuckDB SQL with every column name quoted and no comment."""
    columns: frozenset[str]


@lru_cache(maxsize=1024)
def parse_bad(text: str) -> Expression:
    """The expression in the text, or ExpressionError naming the piece that is not allowed.

    >>> parse_bad("status>=500 and path like '/pay%'").canonical
    '"status" >= 500 AND "path" LIKE \\'/pay%\\''
    """
    found, root = _parsed(text)
    if not isinstance(root, BOOLEAN):
        raise ExpressionError(
            Message(
                "`{piece}` is not a yes-or-no question. Compare it with something, such as `{piece} > 0`.",
                piece=shortened(spelled(root)),
            ),
            piece=shortened(spelled(root)),
        )
    return found


@lru_cache(maxsize=1024)
def parse_amount(text: str) -> Expression:
    """The number that the text asks for, or ExpressionError naming the piece that is not allowed.

    >>> parse_amount("duration_ms / 1000").canonical
    '"duration_ms" / 1000'
    """
    found, root = _parsed(text)
    if isinstance(root, YES_OR_NO) or (isinstance(root, exp.Literal) and root.is_string):
        raise ExpressionError(
            Message(
                "`{piece}` is not a number. Write one such as `duration_ms`, or a question under `bad`.",
                piece=shortened(spelled(root)),
            ),
            piece=shortened(spelled(root)),
        )
    return found


def _parsed(text: str) -> tuple[Expression, exp.Expr]:
    """The expression, and what it is without brackets around it."""
    check_text(text)
    try:
        tree = _only_statement(text)
        check_tree(tree)
        canonical = tree.sql(dialect="duckdb", identify=True, comments=False)
        again = _only_statement(canonical)
        check_tree(again)
    except RecursionError:
        raise too_deep(text) from None
    if again.sql(dialect="duckdb", identify=True, comments=False) != canonical:
        raise refused(shortened(text))
    columns = frozenset(column.name for column in tree.find_all(exp.Column))
    return Expression(text, canonical, columns), tree.unnest()


def _only_statement(text: str) -> exp.Expr:
    """The one expression that the text holds, as a tree."""
    tokens = _tokens(text)
    for token in tokens:
        if token.token_type in REFUSED_TOKENS:
            raise refused(REFUSED_TOKENS[token.token_type], column=token.start + 1)
        if token.comments:
            raise ExpressionError(
                Message("The expression holds a comment. Write it as a YAML comment beside the expression."),
                piece=shortened(f"-- {token.comments[0].strip()}"),
            )
    check_depth(text, tokens)
    try:
        found = sqlglot.Dialect.get_or_raise("duckdb").parse_into(exp.Condition, text)
    except ParseError as error:
        raise syntax_fault(text, error) from None
    except (ValueError, TypeError, AttributeError, IndexError, KeyError):  # a parser bug must not reach the person
        raise refused(shortened(text)) from None
    if len(found) != 1 or found[0] is None:
        raise ExpressionError(
            Message(
                "One expression is due and {n} were found. Join conditions by `and` or `or`, without `;`.",
                n=len(found),
            ),
            piece=shortened(text),
        )
    return found[0]


def _tokens(text: str) -> list[Token]:
    try:
        tokens = sqlglot.tokenize(text, dialect="duckdb")
    except TokenError:
        raise ExpressionError(
            Message(
                "The text {piece} cannot be read: a quote is opened and never closed.",
                piece=f"`{shortened(text)}`",
            ),
            piece=shortened(text),
        ) from None
    if not tokens:
        raise ExpressionError(
            Message("The expression is empty. Write what is bad for a customer, such as `status >= 500`."),
            piece=text,
        )
    return tokens
