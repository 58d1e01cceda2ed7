"""What must fit together within a document, looked for in the data as written."""

from collections.abc import Iterator, Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.findings import (
    Finding,
    ascending,
    attempt,
    listed,
    mapping,
    texts,
    unique,
    unique_texts,
    unknown,
)
from unfelt.documents.metric_checks import REQUESTS, check_affecting, check_metric, check_values
from unfelt.documents.problems import Path
from unfelt.documents.section_checks import check_sections
from unfelt.documents.units import parse_duration, parse_fraction

LOG_FIELDS = (
    *("time", "type", "id", "customer", "arm", "served", "attempts", "epoch", "phase", "share", "method", "path"),
    *("status", "duration_ms", "flags", "bytes"),
)
"""What every line of the router's log holds; no other column may have such a name."""
_NO_GROUPS = (
    "time",
    "type",
    "id",
    "customer",
    "arm",
    "served",
    "attempts",
    "epoch",
    "phase",
    "share",
    "duration_ms",
)


def check_change(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in a change that does not fit together."""
    experience, guard, rollout = (mapping(data.get(key)) for key in ("experience", "guard", "rollout"))
    yield from unique(data.get("needs"), ("needs",), "id")
    yield from unique_texts(data.get("touches"), ("touches",))
    yield from _needs(data, experience)
    yield from _experience(experience)
    yield from _customer(experience, has_rollout=data.get("rollout") is not None)
    yield from _peaks(guard)
    yield from check_sections(data)
    if data.get("rollout") is not None:
        yield from _windows(experience)
        yield from _columns(experience)
        yield from _rollout(rollout)


def check_catalog(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in a catalog that does not fit together."""
    yield from unique(data.get("touchpoints"), ("touchpoints",), "name")


def check_programme(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in a programme that does not fit together."""
    yield from unique(data.get("work"), ("work",), "control")


def check_playbook(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in a playbook that does not fit together."""
    yield from unique(data.get("areas"), ("areas",), "id")
    for number, area in enumerate(listed(data.get("areas"))):
        path: Path = ("areas", number, "controls")
        controls = mapping(area).get("controls")
        yield from unique(controls, path, "id")
        for place, control in enumerate(listed(controls)):
            yield from _control(mapping(control), mapping(area).get("id"), (*path, place))


def _control(control: Mapping[str, Any], area: object, here: Path) -> Iterator[Finding]:
    name = control.get("id")
    if isinstance(name, str) and isinstance(area, str) and not name.startswith(f"{area}."):
        yield Finding(
            (*here, "id"),
            Message("the name is not that of its area"),
            Message("Begin it with {area}. and a name of its own.", area=area),
        )
    kinds = listed(control.get("evidence"))
    measured = {"go", "proof"}.intersection(gate for gate in listed(control.get("gates")) if isinstance(gate, str))
    if kinds == ["sign-off"] and measured:
        yield Finding(
            (*here, "evidence"),
            Message("nothing at go or proof rests on a signature alone"),
            Message("Add a kind that measures, such as probe, command or report, before sign-off."),
        )
    yield from unique_texts(kinds, (*here, "evidence"))
    yield from unique_texts(control.get("gates"), (*here, "gates"))


def _experience(experience: Mapping[str, Any]) -> Iterator[Finding]:
    here: Path = ("experience",)
    yield from unique(experience.get("metrics"), (*here, "metrics"), "id")
    yield from unique(experience.get("segments"), (*here, "segments"), "by")
    yield from ascending(experience.get("later"), (*here, "later"), parse_duration)
    for number, segment in enumerate(listed(experience.get("segments"))):
        yield from _segment(mapping(segment), (*here, "segments", number))
    sources = mapping(experience.get("sources"))
    yield from check_values(sources, (*here, "sources"))
    yield from check_affecting(experience.get("metrics"), (*here, "metrics"))
    for number, metric in enumerate(listed(experience.get("metrics"))):
        if isinstance(metric, dict):
            yield from check_metric(metric, (*here, "metrics", number), sources)
    if REQUESTS in sources and mapping(sources[REQUESTS]).get("kind", "access_log") != "access_log":
        yield Finding(
            (*here, "sources", REQUESTS, "kind"),
            Message("`requests` is the access log"),
            Message("Call the other source something else."),
        )


def _segment(segment: Mapping[str, Any], here: Path) -> Iterator[Finding]:
    yield from unique_texts(segment.get("values"), (*here, "values"))
    by = segment.get("by")
    if by in _NO_GROUPS:
        yield Finding(
            (*here, "by"),
            Message("customers cannot be grouped by this column"),
            Message("Write one such as device, region, or a name in `experience.columns`."),
        )
    if "other" in listed(segment.get("values")):
        yield Finding(
            (*here, "values"),
            Message("`other` is the group of all other values"),
            Message("Delete it from the list."),
        )


def _windows(experience: Mapping[str, Any]) -> Iterator[Finding]:
    metrics = enumerate(listed(experience.get("metrics")))
    places: list[tuple[Path, Any]] = [(("experience", "observe"), experience.get("observe"))]
    places += [(("experience", "metrics", n, "observe"), mapping(metric).get("observe")) for n, metric in metrics]
    for path, text in places:
        duration = attempt(parse_duration, text)
        if duration is not None and not duration:
            yield Finding(
                path,
                Message("customers of a rollout must be observed for some time"),
                Message("Write a length such as 60s; 0s is for plans used only for judging."),
            )


def _columns(experience: Mapping[str, Any]) -> Iterator[Finding]:
    columns = mapping(experience.get("columns"))
    for name in columns:
        if name in LOG_FIELDS:
            yield Finding(
                ("experience", "columns", name),
                Message("every log line has a field of this name"),
                Message("Call the column something else. Taken: {taken}.", taken=", ".join(LOG_FIELDS)),
            )
    segments = [mapping(segment).get("by") for segment in listed(experience.get("segments"))]
    known = (*columns, *(by for by in segments if isinstance(by, str)), "device", *LOG_FIELDS)
    for name, source in mapping(experience.get("sources")).items():
        for field in ("promise", "value"):
            column = mapping(source).get(field)
            if isinstance(column, str) and column not in known:
                path = ("experience", "sources", name, field)
                yield unknown(path, column, tuple(columns) or known, Message("there is no such column"))


def _customer(experience: Mapping[str, Any], *, has_rollout: bool) -> Iterator[Finding]:
    given = experience.get("customer")
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str) and one.startswith("column:") and has_rollout:
            yield Finding(
                ("experience", "customer"),
                Message("a rollout cannot know customers by a column of recorded data"),
                Message(
                    "Write cookie:NAME, header:NAME or claim:NAME, or leave `rollout` out to judge recorded data."
                ),
            )


def _needs(data: Mapping[str, Any], experience: Mapping[str, Any]) -> Iterator[Finding]:
    known = tuple(dict.fromkeys(texts(experience.get("metrics"), "id").values()))
    for number, need in enumerate(listed(data.get("needs"))):
        metric = mapping(mapping(need).get("expect")).get("metric")
        if isinstance(metric, str) and metric not in known:
            yield unknown(("needs", number, "expect", "metric"), metric, known, Message("there is no such metric"))


def _peaks(guard: Mapping[str, Any]) -> Iterator[Finding]:
    yield from unique(guard.get("must_see"), ("guard", "must_see"), "name")
    for number, peak in enumerate(listed(guard.get("must_see"))):
        begin, end = mapping(peak).get("from"), mapping(peak).get("to")
        if begin is not None and begin == end:
            yield Finding(
                ("guard", "must_see", number, "to"),
                Message("it ends when it begins"),
                Message("Write another time, or leave this part of the day out: all hours count anyway."),
            )


def _rollout(rollout: Mapping[str, Any]) -> Iterator[Finding]:
    old, new = (_address(rollout.get(key)) for key in ("old", "new"))
    if old and old == new:
        yield Finding(
            ("rollout", "new"), Message("old and new are the same address"), Message("Give each version its own.")
        )
    listen = rollout.get("listen", "127.0.0.1:8080")
    for key, address in (("old", old), ("new", new)):
        if address and isinstance(listen, str) and address == listen:
            yield Finding(
                ("rollout", key),
                Message("the router itself listens on this address"),
                Message("Give `listen` or the version another port."),
            )
    yield from _shares(rollout)


def _shares(rollout: Mapping[str, Any]) -> Iterator[Finding]:
    first, largest = (attempt(parse_fraction, rollout.get(key)) for key in ("first_share", "largest_share"))
    if first == 0:
        yield Finding(("rollout", "first_share"), Message("nobody would be on new"), Message("Allowed: above 0%."))
    if largest is not None and not 0 < largest < 1:
        yield Finding(
            ("rollout", "largest_share"),
            Message("without customers on both versions there is nothing to compare"),
            Message("Allowed: above 0% and below 100%; 50% is the fastest proof."),
        )
    if (0.01 if first is None else first) > (0.5 if largest is None else largest):
        yield Finding(
            ("rollout", "first_share" if "first_share" in rollout else "largest_share"),
            Message("the first share is above the largest before promotion"),
            Message("Allowed: `first_share` (1% if left out) up to `largest_share` (50%)."),
        )
    yield from _promoting(rollout, 0.5 if largest is None else largest)


def _promoting(rollout: Mapping[str, Any], largest: float) -> Iterator[Finding]:
    if "promoting" not in rollout:
        return
    steps = rollout["promoting"]
    yield from ascending(steps, ("rollout", "promoting"), parse_fraction)
    shares = [attempt(parse_fraction, step) for step in listed(steps)]
    if isinstance(steps, list) and not steps:
        yield Finding(
            ("rollout", "promoting"), Message("the list is empty"), Message("Write for example [75%, 100%].")
        )
    elif shares and shares[0] is not None and shares[0] <= largest:
        yield Finding(
            ("rollout", "promoting", 0),
            Message("a step after promotion is not above the largest share before it"),
            Message("Allowed: above `largest_share`."),
        )


def _address(url: object) -> str | None:
    return url.rstrip("/").partition("://")[2].lower() if isinstance(url, str) else None
