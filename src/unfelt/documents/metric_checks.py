"""What must fit together within a metric."""

from collections.abc import Iterator, Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.findings import Finding, attempt, listed, mapping, unknown
from unfelt.documents.problems import Path
from unfelt.documents.queries import columns_in
from unfelt.documents.source_kinds import finds_what_is_bad
from unfelt.documents.units import format_fraction, parse_fraction
from unfelt.kernel.tally import ANYTHING, OLD_QUANTILES

REQUESTS = "requests"
SAYING = ("bad", "slow", "count", "score")
"""How a metric says what is bad."""


def check_metric(metric: Mapping[str, Any], here: Path, sources: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in one metric that does not fit together."""
    if metric.get("id") == ANYTHING:
        yield Finding(
            (*here, "id"),
            Message("this name means all metrics together"),
            Message("Call the metric something else."),
        )
    source = metric.get("source", REQUESTS)
    known = (REQUESTS, *sources)
    if isinstance(source, str) and source not in known:
        yield unknown((*here, "source"), source, known, Message("there is no such source"))
    elif isinstance(source, str):
        yield from _bad(metric, here, reconciles=finds_what_is_bad(mapping(sources.get(source)).get("kind")))


def _bad(metric: Mapping[str, Any], here: Path, *, reconciles: bool) -> Iterator[Finding]:
    said = [name for name in SAYING if metric.get(name) is not None]
    if not said and not reconciles:
        yield Finding(
            (*here, "bad"),
            Message("the metric does not say what is bad"),
            Message(
                "Add `bad:` with an expression such as status >= 500, or `slow:`, `count:`, `score:`, or the "
                "`source` of a reconciliation."
            ),
        )
    if said and reconciles:
        yield Finding(
            (*here, said[0]),
            Message("a reconciliation finds by itself what is bad"),
            Message("Delete `{name}`, or the `source` of this metric.", name=said[0]),
        )
    if len(said) > 1:
        yield Finding(
            (*here, said[1]),
            Message("the metric says twice what is bad"),
            Message("Keep one of {names}, or make it two metrics.", names=", ".join(said)),
        )
    yield from _proof(metric, here)
    if metric.get("score") is not None and str(metric.get("margin")).strip().endswith("x"):
        yield Finding(
            (*here, "margin"),
            Message("the margin of a score is a difference of means"),
            Message("Write it in percent of the whole range: 2% for 0.02."),
        )


def _proof(metric: Mapping[str, Any], here: Path) -> Iterator[Finding]:
    if metric.get("proof") is None:
        return
    if metric.get("slow") is None:
        yield Finding(
            (*here, "proof"),
            Message("only a metric with `slow` has quantiles"),
            Message("Delete `proof`, or say with `slow:` what takes how long."),
        )
    quantile = attempt(parse_fraction, metric["proof"])
    if quantile is not None and quantile not in OLD_QUANTILES:
        allowed = ", ".join(format_fraction(one) for one in OLD_QUANTILES)
        yield Finding(
            (*here, "proof"),
            Message("nobody looks at this quantile"),
            Message("Allowed: {allowed}.", allowed=allowed),
        )


def check_affecting(metrics: object, here: Path) -> Iterator[Finding]:
    """Something must count towards the budget."""
    some = [mapping(metric) for metric in listed(metrics)]
    if some and all(metric.get("score") is not None for metric in some):
        yield Finding(
            here,
            Message("nothing counts towards the impact budget: scores say how bad, not whether"),
            Message("Add a metric with `bad`, such as the score beyond which a customer is affected."),
        )


def check_values(sources: Mapping[str, Any], here: Path) -> Iterator[Finding]:
    """Where a reconciliation compares values, both queries list them, and nowhere else."""
    for name, source in sources.items():
        given = mapping(source)
        for arm in ("old", "new"):
            query = mapping(given.get(arm)).get("query")
            columns = columns_in(query) if isinstance(query, str) else 0
            path = (*here, name, arm, "query")
            if columns == 1 and given.get("value") is not None:
                yield Finding(
                    path,
                    Message("the query does not list the value that was promised"),
                    Message("Add it as the second column: select number, total from orders."),
                )
            if columns == 2 and given.get("value") is None:
                yield Finding(
                    path,
                    Message("the query lists a value, and nothing says what was promised"),
                    Message("Name the column of the experience that holds it: `value: total`."),
                )
