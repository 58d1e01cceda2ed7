"""The query that lists what a store kept: one SELECT with one column."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError


def check_query(query: str, *, dialect: str) -> None:
    """The query is one SELECT with one output column; the source that runs it looks closer before it starts."""
    try:
        found = sqlglot.parse(query, dialect=dialect)
    except (ParseError, TokenError, RecursionError):
        raise _refusal(Message("the query cannot be read as SQL")) from None
    if len(found) != 1 or not isinstance(found[0], exp.Select):
        raise _refusal(Message("the query is not exactly one SELECT"))
    if len(found[0].expressions) != 1 or found[0].expressions[0].is_star:
        raise _refusal(Message("the query does not have exactly one output column"))


def _refusal(what: Message) -> RefusalError:
    return RefusalError(
        what, Message("Allowed: a SELECT of the promises kept, such as select number from orders.")
    )
