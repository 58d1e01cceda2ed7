"""Expressions in which what is no number is missing: NaN and infinity compare with nothing."""

from functools import lru_cache

import sqlglot
from sqlglot import exp


@lru_cache(maxsize=1024)
def answerable(canonical: str) -> str:
    """The expression of a plan with NULL for each text that is no finite number, and for what is divided by zero.

    DuckDB takes NaN for larger than all numbers, so that `NaN < 0.95` would be a no.

    >>> answerable('"a" / "b" > 1')
    '"a" / NULLIF("b", 0) > 1'
    """
    tree = sqlglot.parse_one(canonical, dialect="duckdb")
    return tree.transform(_finite).sql(dialect="duckdb")


def _finite(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.TryCast) and node.to.this == exp.DType.DOUBLE:
        is_finite = exp.Anonymous(this="isfinite", expressions=[node.copy()])
        return exp.Paren(this=exp.Case(ifs=[exp.If(this=is_finite, true=node.copy())]))
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        found = node.copy()
        found.set("expression", exp.Nullif(this=found.expression, expression=exp.Literal.number(0)))
        return found
    return node
