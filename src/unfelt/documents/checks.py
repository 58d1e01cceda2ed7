"""What must fit together within a document, looked for in the data as written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.problems import Path
from unfelt.documents.refusal import RefusalError
from unfelt.documents.units import parse_duration, parse_fraction
from unfelt.kernel.tally import ANYTHING

REQUESTS = "requests"
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


@dataclass(frozen=True, slots=True)
class Finding:
    """Two parts of the document that do not fit together."""

    path: Path
    what: Message
    remedy: Message


def check_change(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in a change that does not fit together."""
    experience, guard, rollout = (_mapping(data.get(key)) for key in ("experience", "guard", "rollout"))
    yield from _unique(data.get("needs"), ("needs",), "id")
    yield from _unique_texts(data.get("touches"), ("touches",))
    yield from _needs(data, experience)
    yield from _experience(experience)
    yield from _customer(experience, has_rollout=data.get("rollout") is not None)
    yield from _peaks(guard)
    if data.get("rollout") is not None:
        yield from _windows(experience)
        yield from _columns(experience)
        yield from _rollout(rollout)


def check_catalog(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything in a catalog that does not fit together."""
    yield from _unique(data.get("touchpoints"), ("touchpoints",), "name")


def _experience(experience: Mapping[str, Any]) -> Iterator[Finding]:
    here: Path = ("experience",)
    yield from _unique(experience.get("metrics"), (*here, "metrics"), "id")
    yield from _unique(experience.get("segments"), (*here, "segments"), "by")
    yield from _ascending(experience.get("later"), (*here, "later"), parse_duration)
    for number, segment in enumerate(_list(experience.get("segments"))):
        yield from _segment(_mapping(segment), (*here, "segments", number))
    sources = _mapping(experience.get("sources"))
    for number, metric in enumerate(_list(experience.get("metrics"))):
        if isinstance(metric, dict):
            yield from _metric(metric, (*here, "metrics", number), sources)
    if REQUESTS in sources and _mapping(sources[REQUESTS]).get("kind", "access_log") != "access_log":
        yield Finding(
            (*here, "sources", REQUESTS, "kind"),
            Message("`requests` is the access log"),
            Message("Call the other source something else."),
        )


def _metric(metric: Mapping[str, Any], here: Path, sources: Mapping[str, Any]) -> Iterator[Finding]:
    if metric.get("id") == ANYTHING:
        yield Finding(
            (*here, "id"),
            Message("this name means all metrics together"),
            Message("Call the metric something else."),
        )
    source = metric.get("source", REQUESTS)
    known = (REQUESTS, *sources)
    if isinstance(source, str) and source not in known:
        yield _unknown((*here, "source"), source, known, Message("there is no such source"))
    elif isinstance(source, str):
        yield from _bad(metric, here, reconciles=_mapping(sources.get(source)).get("kind") == "reconciliation")


def _bad(metric: Mapping[str, Any], here: Path, *, reconciles: bool) -> Iterator[Finding]:
    if metric.get("bad") is None and not reconciles:
        yield Finding(
            (*here, "bad"),
            Message("the metric does not say what is bad"),
            Message("Add `bad:` with an expression such as status >= 500, or the `source` of a reconciliation."),
        )
    if metric.get("bad") is not None and reconciles:
        yield Finding(
            (*here, "bad"),
            Message("a reconciliation finds by itself what is bad"),
            Message("Delete `bad`, or the `source` of this metric."),
        )


def _segment(segment: Mapping[str, Any], here: Path) -> Iterator[Finding]:
    yield from _unique_texts(segment.get("values"), (*here, "values"))
    by = segment.get("by")
    if by in _NO_GROUPS:
        yield Finding(
            (*here, "by"),
            Message("customers cannot be grouped by this column"),
            Message("Write one such as device, region, or a name in `experience.columns`."),
        )
    if "other" in _list(segment.get("values")):
        yield Finding(
            (*here, "values"),
            Message("`other` is the group of all other values"),
            Message("Delete it from the list."),
        )


def _windows(experience: Mapping[str, Any]) -> Iterator[Finding]:
    metrics = enumerate(_list(experience.get("metrics")))
    places: list[tuple[Path, Any]] = [(("experience", "observe"), experience.get("observe"))]
    places += [(("experience", "metrics", n, "observe"), _mapping(metric).get("observe")) for n, metric in metrics]
    for path, text in places:
        duration = _attempt(parse_duration, text)
        if duration is not None and not duration:
            yield Finding(
                path,
                Message("customers of a rollout must be observed for some time"),
                Message("Write a length such as 60s; 0s is for plans used only for judging."),
            )


def _columns(experience: Mapping[str, Any]) -> Iterator[Finding]:
    columns = _mapping(experience.get("columns"))
    for name in columns:
        if name in LOG_FIELDS:
            yield Finding(
                ("experience", "columns", name),
                Message("every log line has a field of this name"),
                Message("Call the column something else. Taken: {taken}.", taken=", ".join(LOG_FIELDS)),
            )
    segments = [_mapping(segment).get("by") for segment in _list(experience.get("segments"))]
    known = (*columns, *(by for by in segments if isinstance(by, str)), "device", *LOG_FIELDS)
    for name, source in _mapping(experience.get("sources")).items():
        promise = _mapping(source).get("promise")
        if isinstance(promise, str) and promise not in known:
            path = ("experience", "sources", name, "promise")
            yield _unknown(path, promise, tuple(columns) or known, Message("there is no such column"))


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
    known = tuple(dict.fromkeys(_texts(experience.get("metrics"), "id").values()))
    for number, need in enumerate(_list(data.get("needs"))):
        metric = _mapping(_mapping(need).get("expect")).get("metric")
        if isinstance(metric, str) and metric not in known:
            yield _unknown(
                ("needs", number, "expect", "metric"), metric, known, Message("there is no such metric")
            )


def _peaks(guard: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _unique(guard.get("must_see"), ("guard", "must_see"), "name")
    for number, peak in enumerate(_list(guard.get("must_see"))):
        begin, end = _mapping(peak).get("from"), _mapping(peak).get("to")
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
    first, largest = (_attempt(parse_fraction, rollout.get(key)) for key in ("first_share", "largest_share"))
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
    yield from _ascending(steps, ("rollout", "promoting"), parse_fraction)
    shares = [_attempt(parse_fraction, step) for step in _list(steps)]
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


def _unique(items: object, path: Path, key: str) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, text in _texts(items, key).items():
        if text in seen:
            yield Finding(
                (*path, number, key),
                Message("this name is there twice"),
                Message("The other is item {n} of the list. Rename one of them.", n=seen[text] + 1),
            )
        seen.setdefault(text, number)


def _unique_texts(items: object, path: Path) -> Iterator[Finding]:
    texts = _list(items)
    for number, text in enumerate(texts):
        if text in texts[:number]:
            yield Finding((*path, number), Message("this is there twice"), Message("Delete one of the two."))


def _ascending(items: object, path: Path, parse: Any) -> Iterator[Finding]:  # noqa: ANN401  (any parser of units)
    values = [_attempt(parse, item) for item in _list(items)]
    for number, (before, value) in enumerate(pairwise(values), 1):
        if before is not None and value is not None and value <= before:
            yield Finding(
                (*path, number),
                Message("it is not above the item before it"),
                Message("Write them from small to large."),
            )


def _unknown(path: Path, name: str, known: Sequence[str], what: Message) -> Finding:
    near = get_close_matches(name, known, n=3)
    if near:
        return Finding(path, what, Message("Did you mean {near}?", near=", ".join(near)))
    return Finding(path, what, Message("There are: {known}.", known=", ".join(known) or "–"))


def _attempt(parse: Any, text: object) -> Any:  # noqa: ANN401  (what the parser gives)
    """The value, or None where the field's own check has already complained."""
    try:
        return parse(text) if isinstance(text, str) else None
    except RefusalError:
        return None


def _address(url: object) -> str | None:
    return url.rstrip("/").partition("://")[2].lower() if isinstance(url, str) else None


def _texts(items: object, key: str) -> dict[int, str]:
    found = {number: _mapping(item).get(key) for number, item in enumerate(_list(items))}
    return {number: text for number, text in found.items() if isinstance(text, str)}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
