"""unfelt check"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import NO
from unfelt.conf.language import _, ngettext

if TYPE_CHECKING:
    from unfelt.documents.advice import Advice, Outlook
    from unfelt.documents.catalog import Catalog
    from unfelt.documents.change import Change
    from unfelt.documents.load import Loaded
    from unfelt.documents.problems import Problem
    from unfelt.documents.revision import Revision


@click.command(
    help=_(
        "Check a plan: all that is wrong at once, or its digest and what it will measure. "
        "Exit code: 0 it holds, 1 it does not, 2 wrong use, 3 could not be determined."
    )
)
@click.argument("path", metavar="[CHANGE.YAML]", type=click.Path(path_type=Path), default="change.yaml")
@click.option("--expand", is_flag=True, help=_("Print the full plan, defaults filled in: what is hashed."))
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for machines."))
@click.option(
    "--schema",
    type=click.Choice(["change", "catalog", "playbook", "programme", "model"]),
    help=_("Print the JSON Schema of such a document, for editors."),
)
def command(*, path: Path, expand: bool, as_json: bool, schema: str | None) -> None:
    """A plan that holds, or everything that is wrong with it."""
    if schema:
        _print_schema(schema)
    elif as_json:
        _check_for_machines(path, expand=expand)
    else:
        _check(path, expand=expand)


def _print_schema(kind: str) -> None:
    from unfelt.documents.load import KINDS
    from unfelt.documents.schema import json_schema

    model = next(one.model for one in KINDS.values() if one.name == kind)
    click.echo(json.dumps(json_schema(model), ensure_ascii=False, indent=2))


def _check(path: Path, *, expand: bool) -> None:
    from unfelt.documents.advice import outlook, warnings_of
    from unfelt.documents.load import load_other
    from unfelt.documents.revision import expanded, revise

    other = load_other(path)
    if other is not None:
        said = _("{file} holds. Digest {digest}").format(file=path, digest=revise(other).digest)
        click.echo(json.dumps(expanded(other), ensure_ascii=False, indent=2) if expand else said)
        return
    loaded, catalog = load_plan(path)
    if expand:
        click.echo(json.dumps(expanded(loaded.document), ensure_ascii=False, indent=2))
    else:
        lines = _summary(loaded.document, revise(loaded.document), outlook(loaded.document, catalog))
        click.echo("\n".join([*lines, *_blind_spots(loaded.document)]))
    for advice in warnings_of(loaded.document, catalog):
        click.echo(_sentence(advice, loaded), err=True)
    logins = _logins(loaded.document)
    for advice, is_refused in logins:
        click.echo(_sentence(advice, loaded, is_error=is_refused), err=True)
    if any(is_refused for _advice, is_refused in logins):
        raise click.exceptions.Exit(NO)


def _check_for_machines(path: Path, *, expand: bool) -> None:
    from unfelt.documents.advice import warnings_of
    from unfelt.documents.load import load_other
    from unfelt.documents.problems import DocumentErrors, dotted
    from unfelt.documents.revision import expanded, revise

    found: dict[str, Any]
    try:
        other = load_other(path)
        if other is not None:
            found = {"ok": True, "digest": revise(other).digest, "warnings": []}
            click.echo(json.dumps(found | ({"document": expanded(other)} if expand else {})))
            return
        loaded, catalog = load_plan(path)
    except DocumentErrors as errors:
        click.echo(
            json.dumps({"ok": False, "errors": [one.plain() for one in errors.problems]}, ensure_ascii=False)
        )
        raise click.exceptions.Exit(NO) from None
    logins = _logins(loaded.document)
    refused = [advice for advice, is_refused in logins if is_refused]
    found = {"ok": not refused, "digest": revise(loaded.document).digest}
    found["harms"] = _harms(loaded.document)
    found["warnings"] = [
        {"field": dotted(advice.path), "line": loaded.raw.place(advice.path).line, "message": str(advice.message)}
        for advice in (*warnings_of(loaded.document, catalog), *(one for one, _is_refused in logins))
    ]
    click.echo(json.dumps(found | ({"change": expanded(loaded.document)} if expand else {}), ensure_ascii=False))
    if refused:
        raise click.exceptions.Exit(NO)


def _blind_spots(change: "Change") -> list[str]:
    """Which kinds of harm no metric would see, and which only some of the time."""
    from unfelt.adapters.sources.harms import sights_of

    sights = sights_of(change)
    unseen = "; ".join(str(one.harm.said) for one in sights if one.is_unseen)
    partial = "; ".join(f"{one.harm.said} [{', '.join(one.by)}]" for one in sights if one.is_partial)
    lines = [_("No metric of this plan would see: {harms}").format(harms=unseen)] if unseen else []
    return lines + ([_("Seen only in part: {harms}").format(harms=partial)] if partial else [])


def _harms(change: "Change") -> list[dict[str, Any]]:
    from unfelt.adapters.sources.harms import sights_of

    return [
        {
            "harm": one.harm.id,
            "said": str(one.harm.said),
            "seen": "no" if one.is_unseen else "partly" if one.is_partial else "yes",
            "by": list(one.by),
        }
        for one in sights_of(change)
    ]


def _logins(change: "Change") -> "list[tuple[Advice, bool]]":
    """What the logins of its stores may do and should not, and whether that is refused."""
    from unfelt.documents.advice import Advice

    if not change.experience.sources:
        return []
    from unfelt.adapters.sources.logins import logins_of

    return [(Advice(one.path, one.said), one.is_refused) for one in logins_of(change)]


def load_plan(path: Path) -> "tuple[Loaded[Change], Catalog | None]":
    """The plan and the catalog in its directory, if there is one; the errors of both at once."""
    from unfelt.documents.load import CHANGE, load, load_catalog
    from unfelt.documents.problems import DocumentErrors

    beside = path.parent / "catalog.yaml"
    wrong: tuple[Problem, ...] = ()
    catalog = None
    try:
        catalog = load_catalog(beside) if beside.exists() else None
    except DocumentErrors as errors:
        wrong = errors.problems
    try:
        loaded = load(path, CHANGE)
    except DocumentErrors as errors:
        raise DocumentErrors((*errors.problems, *wrong)) from None
    if wrong:
        raise DocumentErrors(wrong)
    return loaded, catalog


def _summary(change: "Change", revision: "Revision", outlook: "Outlook | None") -> list[str]:
    from unfelt.documents.units import format_duration, format_fraction

    guard, metrics = change.guard, change.experience.metrics
    lines = [
        _("{title}: the plan holds. Digest {digest}").format(title=change.change.title, digest=revision.digest),
        ngettext("{n} experience metric:", "{n} experience metrics:", len(metrics)).format(n=len(metrics)),
        *(
            _("  {metric}: margin {margin}, observed {observe}").format(
                metric=metric.id,
                margin=metric.margin,
                observe=format_duration(
                    metric.observe if metric.observe is not None else change.experience.observe
                ),
            )
            for metric in metrics
        ),
        *(_segment_line(segment.by, segment.margin) for segment in change.experience.segments),
        _("Impact budget {budget} customers; false alarm {false_alarm}, missed harm {missed_harm}").format(
            budget=guard.impact_budget,
            false_alarm=format_fraction(guard.false_alarm),
            missed_harm=format_fraction(guard.missed_harm),
        ),
    ]
    if change.rollout is None:
        lines.append(_("No rollout: this plan is for judging recorded experience."))
    return lines + ([_outlook_line(outlook)] if outlook else [])


def _segment_line(by: str, margin: object) -> str:
    if margin is None:
        return _("  by {column}: every group can send the change back").format(column=by)
    return _("  by {column}: every group must be proved within {margin}").format(column=by, margin=margin)


def _outlook_line(outlook: "Outlook") -> str:
    from unfelt.documents.advice import BASE_RATE
    from unfelt.documents.units import format_fraction

    return _(
        "Forecast, if {rate} meet something bad on old and new is as good: about {customers} customers, "
        "{minutes} min; {metric} takes longest, segments take longer still"
    ).format(
        rate=format_fraction(BASE_RATE),
        customers=round(outlook.customers),
        minutes=max(1, round(outlook.seconds / 60)),
        metric=outlook.metric,
    )


def _sentence(advice: "Advice", loaded: "Loaded[Change]", *, is_error: bool = False) -> str:
    from unfelt.documents.problems import dotted

    place = loaded.raw.place(advice.path)
    if is_error:
        said = _("{file}:{line}: refused: {field}: {message}")
        return said.format(
            file=loaded.raw.file, line=place.line, field=dotted(advice.path), message=advice.message
        )
    return _("{file}:{line}: warning: {field}: {message}").format(
        file=loaded.raw.file, line=place.line, field=dotted(advice.path), message=advice.message
    )
