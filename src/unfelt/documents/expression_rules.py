"""What an expression may hold: by its text, its tokens and its tree."""

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from unfelt.conf.language import Message

LONGEST = 4000


DEEPEST = 15


FUNCTIONS = (
    *("lower", "upper", "length", "left", "right", "abs", "round", "floor", "ceil", "coalesce", "nullif", "if"),
    *("starts_with", "ends_with", "contains", "regexp_matches", "try_cast"),
)


TYPES = ("boolean", "integer", "bigint", "double", "varchar", "date", "timestamp")


_TWO = frozenset({"this", "expression"})


_ONE = frozenset({"this"})


# Which parts each allowed kind of node may have; a part that is not named here is refused, whatever it is.
_PARTS: dict[type[exp.Expr], frozenset[str]] = {
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or), _TWO),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ, exp.Like, exp.ILike, exp.Is), _TWO),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe), _TWO),
    **dict.fromkeys((exp.Left, exp.Right, exp.StartsWith, exp.EndsWith, exp.Contains, exp.Nullif), _TWO),
    **dict.fromkeys((exp.Not, exp.Neg, exp.Paren, exp.Column, exp.Lower, exp.Upper, exp.Length, exp.Abs), _ONE),
    **dict.fromkeys((exp.Floor, exp.Ceil), _ONE),
    **dict.fromkeys((exp.Literal, exp.Identifier, exp.Boolean, exp.Null, exp.DataType), frozenset()),
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Round: frozenset({"this", "decimals"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.RegexpLike: frozenset({"this", "expression", "flag"}),
    exp.TryCast: frozenset({"this", "to"}),
}


YES_OR_NO = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.Like, exp.ILike, exp.Is),
    *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between, exp.StartsWith, exp.EndsWith, exp.Contains),
    *(exp.RegexpLike, exp.Boolean),
)


BOOLEAN = (*YES_OR_NO, exp.Column, exp.Case, exp.If, exp.Coalesce, exp.TryCast)


_CAST_TO = {
    exp.DType.BOOLEAN: "boolean",
    exp.DType.INT: "integer",
    exp.DType.BIGINT: "bigint",
    exp.DType.DOUBLE: "double",
    exp.DType.TEXT: "varchar",
    exp.DType.VARCHAR: "varchar",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMP: "timestamp",
}


REFUSED_TOKENS = {TokenType.TILDE: "~", TokenType.DCOLON: "::", TokenType.HINT: "/*+"}


_NEVER = (exp.Query, exp.AggFunc, exp.Window, exp.Star, exp.Placeholder, exp.Parameter, exp.DDL, exp.Anonymous)


class ExpressionError(ValueError):
    """An expression that is refused: `message` says why, `piece` is the offending part, `column` counts from 1."""

    def __init__(self, message: Message, *, piece: str, column: int | None = None) -> None:
        super().__init__(message)
        self.message, self.piece, self.column = message, piece, column

    def __str__(self) -> str:
        return str(self.message)


def check_text(text: str) -> None:
    if len(text) > LONGEST:
        raise ExpressionError(
            Message("The expression has {n} characters. Allowed: {most}.", n=len(text), most=LONGEST),
            piece=shortened(text),
        )
    for place, letter in enumerate(text, 1):
        if not (letter.isprintable() or letter in " \t\n\r\u3000"):
            raise ExpressionError(
                Message(
                    "The expression holds the invisible character {code}. Delete it.", code=f"U+{ord(letter):04X}"
                ),
                piece=repr(letter),
                column=place,
            )


def check_depth(text: str, tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth > DEEPEST:
            raise too_deep(text)


def too_deep(text: str) -> ExpressionError:
    return ExpressionError(
        Message(
            "The expression is nested too deeply. Allowed: {most} levels; make it several metrics.", most=DEEPEST
        ),
        piece=shortened(text),
    )


def syntax_fault(text: str, error: ParseError) -> ExpressionError:
    first = error.errors[0] if error.errors else {}
    piece = str(first.get("highlight") or "")
    before = sum(len(line) + 1 for line in text.split("\n")[: int(first.get("line") or 1) - 1])
    column = max(before + int(first.get("col") or 0) - max(len(piece), 1) + 1, 1)
    return ExpressionError(
        Message(
            "The expression cannot be read at `{piece}` (character {column}): something is missing or misplaced "
            "there. Example: `status >= 500`.",
            piece=shortened(piece) or "…",
            column=column,
        ),
        piece=piece,
        column=column,
    )


def check_tree(tree: exp.Expr) -> None:
    for node in tree.walk():
        _check_node(node)


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, _NEVER) or type(node) not in _PARTS:
        raise refused(_named(node), column=_column(node))
    allowed = _PARTS[type(node)]
    if any(key not in allowed for key, _ in _children(node)):
        raise refused(shortened(spelled(node)), column=_column(node))
    _check_details(node)


def _check_details(node: exp.Expr) -> None:
    if isinstance(node, exp.In) and not node.expressions:
        raise refused(shortened(spelled(node)))
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Identifier):
        raise refused(shortened(spelled(node)))
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null | exp.Boolean):
        raise refused(shortened(spelled(node)))
    if isinstance(node, exp.RegexpLike):
        _check_pattern(node)
    if isinstance(node, exp.DataType) and node.this not in _CAST_TO:
        raise ExpressionError(
            Message(
                "The type {piece} is not allowed in try_cast. Allowed: {allowed}.",
                piece=f"`{shortened(spelled(node))}`",
                allowed=", ".join(TYPES),
            ),
            piece=shortened(spelled(node)),
        )


def _check_pattern(node: exp.RegexpLike) -> None:
    if not all(isinstance(part, exp.Literal) and part.is_string for key, part in _children(node) if key != "this"):
        raise ExpressionError(
            Message(
                "The pattern in `{piece}` must be a quoted text, such as `regexp_matches(path, '^/pay')`.",
                piece=shortened(spelled(node)),
            ),
            piece=shortened(spelled(node)),
        )


def _children(node: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for key, value in node.args.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, exp.Expr):
                yield key, part


def refused(piece: str, *, column: int | None = None) -> ExpressionError:
    return ExpressionError(
        Message(
            "`{piece}` is not allowed here. Allowed: columns, texts in single quotes, numbers, true, false, null, "
            "comparisons, and, or, not, in (…), between, like, ilike, is null, + - * / // %, ||, case, and the "
            "functions {functions}.",
            piece=piece,
            functions=", ".join(FUNCTIONS),
        ),
        piece=piece,
        column=column,
    )


def _named(node: exp.Expr) -> str:
    """A function by its name, anything else by its text."""
    if isinstance(node, exp.Anonymous):
        return shortened(f"{str(node.this).lower()}(…)")
    return shortened(spelled(node))


def spelled(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb", comments=False)


def _column(node: exp.Expr) -> int | None:
    start = node.meta.get("start")
    return start + 1 if isinstance(start, int) else None


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
