"""unfelt plan"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from unfelt.cli.failures import NO, USAGE, Failure
from unfelt.cli.gating import json_option, note_judgement, record_option
from unfelt.cli.session import Session, session_options
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.catalog import Catalog
    from unfelt.documents.change import Change
    from unfelt.engines.guard.circumstances import Circumstances
    from unfelt.engines.guard.forecast import Forecast

T = TypeVar("T")


@click.command(
    help=_(
        "Forecast a rollout before it begins: customers, time and budget for the proof, what is caught by when, "
        "and what would help where it cannot be proved here. Exit code: 0 it can be proved, 1 it cannot."
    )
)
@click.argument("path", metavar="[CHANGE.YAML]", type=click.Path(path_type=Path), default="change.yaml")
@click.option("--rate", metavar="CUSTOMERS", help=_("Traffic, such as `120 customers/min` [from catalog.yaml]."))
@click.option(
    "--base",
    "bases",
    multiple=True,
    metavar="METRIC=RATE",
    help=_("How often a metric is bad on old, such as `failed=0.3%`; may be given again [1%]."),
)
@click.option(
    "--spread",
    "spreads",
    multiple=True,
    metavar="SCORE=SD",
    help=_("How much a score differs among customers, as standard deviation [as much as its mean allows]."),
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="COLUMN=VALUE=PART",
    help=_("What part of the customers a group has, such as `device=phone=30%` [all are equally large]."),
)
@click.option("--within", metavar="DURATION", help=_("How long the proof may take, such as `2h`."))
@record_option
@json_option
@session_options
def command(
    session: Session,
    *,
    path: Path,
    rate: str | None,
    bases: Sequence[str],
    spreads: Sequence[str],
    groups: Sequence[str],
    within: str | None,
    record: str | None,
    as_json: bool,
) -> None:
    """The forecast as a table and a picture, or as JSON."""
    from unfelt.cli.check import load_plan
    from unfelt.engines.guard.forecast import forecast

    loaded, catalog = load_plan(path)
    change = loaded.document
    given = replace(
        _circumstances(change, catalog, rate=rate, bases=bases, within=within),
        spread=_spreads(change, spreads),
        parts=_parts(change, groups),
    )
    found = forecast(change, given)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False))
    else:
        from rich.console import Console

        from unfelt.cli.views.forecast import forecast_view

        Console().print(forecast_view(found, given, change))
    if record:
        from unfelt.engines.ledger.kinds import Judged

        note_judgement(session, path, record, Judged(numbers=_plain(found)["numbers"], of="unfelt plan"))
    if not found.is_provable:
        raise click.exceptions.Exit(NO)


def _circumstances(
    change: "Change", catalog: "Catalog | None", *, rate: str | None, bases: Sequence[str], within: str | None
) -> "Circumstances":
    from unfelt.documents.advice import BASE_RATE, traffic_of
    from unfelt.documents.catalog import parse_traffic, per_second
    from unfelt.documents.questions import base_of, questions_of
    from unfelt.documents.units import parse_duration, parse_fraction
    from unfelt.engines.guard.circumstances import Circumstances

    metrics = change.experience.metrics
    base = {metric.id: base_of(metric, BASE_RATE) for metric in metrics}
    counted = [question.name for metric in metrics if metric.count for question in questions_of(metric)]
    known = list(dict.fromkeys((*base, *counted)))
    for text in bases:
        metric, _equals, value = text.partition("=")
        base[_known_metric(metric, known)] = read_option("--base", value, parse_fraction)
    flow = per_second(read_option("--rate", rate, parse_traffic)) if rate else traffic_of(change, catalog)
    seconds = read_option("--within", within, parse_duration).total_seconds() if within else None
    if not flow:
        said = _("How many customers come is not known. Say it: --rate '120 customers/min', or in catalog.yaml.")
        raise Failure(said, code=USAGE)
    return Circumstances(flow, base, seconds)


def _known_metric(metric: str, known: Sequence[str]) -> str:
    if metric not in known:
        said = _("The plan has no metric {metric}. It has: {known}.")
        raise Failure(said.format(metric=metric, known=", ".join(known)), code=USAGE)
    return metric


def _spreads(change: "Change", spreads: Sequence[str]) -> dict[str, float]:
    from unfelt.documents.units import parse_fraction

    scores = [metric.id for metric in change.experience.metrics if metric.score is not None]
    pairs = [text.partition("=")[::2] for text in spreads]
    return {
        _known_metric(metric, scores): read_option("--spread", value, parse_fraction) for metric, value in pairs
    }


def _parts(change: "Change", groups: Sequence[str]) -> dict[str, float]:
    """The part of each group that was said; those of one column are no more than everybody."""
    from unfelt.documents.units import parse_fraction

    known = [f"{one.by}={value}" for one in change.experience.segments for value in one.values]
    pairs = [text.rpartition("=")[::2] for text in groups]
    parts = {name: read_option("--group", value, parse_fraction) for name, value in pairs}
    columns = {name.partition("=")[0] for name in parts}
    sums = {column: sum(parts[name] for name in parts if name.partition("=")[0] == column) for column in columns}
    if not parts.keys() <= set(known) or any(total > 1 + 1e-9 for total in sums.values()) or 0 in parts.values():
        said = _("--group: each is one of {known}, more than 0%, and all of a column together at most 100%.")
        raise Failure(said.format(known=", ".join(known) or "-"), code=USAGE)
    return parts


def read_option(option: str, text: str, parse: Callable[[object], T]) -> T:
    """What the option says, or a sentence that names it."""
    from unfelt.documents.refusal import RefusalError

    try:
        return parse(text)
    except RefusalError as error:
        raise Failure(f"{option} {text!r}: {error}", code=USAGE) from error


def _plain(found: "Forecast") -> dict[str, Any]:
    return {
        "provable": found.is_provable,
        "proofs": [{**asdict(one), "margin": str(one.margin)} for one in found.proofs],
        "slowest": found.slowest.metric,
        "new": found.new,
        "seconds": found.seconds,
        "budget": found.budget,
        "caught": [asdict(one) for one in found.caught],
        "confined": [asdict(one) for one in found.confined],
        "scores": [asdict(one) for one in found.scores],
        "levers": dict(found.levers),
        "numbers": {"unresolved": float(not found.is_provable), "budget": found.budget},
    }
