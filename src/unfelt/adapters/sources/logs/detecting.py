"""Which format a log has, by its lines."""

from collections.abc import Sequence

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.examples import masked
from unfelt.adapters.sources.logs.form import RecordedForm, Sample, Written
from unfelt.conf import plugins
from unfelt.conf.language import Message

AUTO = "auto"
KIND = "recorded_log"
LOOKS = 100
"""So many lines, of all that are at hand, say which format it is."""
_FIRST = (
    "w3c",
    "vhost_combined",
    "combined",
    "common",
    "istio",
    "envoy_text",
    "haproxy",
    "alb",
    "traefik",
    "caddy",
    "envoy_json",
)
"""In this order where lines are of several, the narrower first; then all others by name, `json` last."""


def form_named(name: str, written: Written) -> RecordedForm:
    """The format of that name; SourceError where it needs a notation that is not given."""
    made: RecordedForm = plugins.part(KIND, name)(written)
    return made


def undetected(_written: Written) -> RecordedForm:
    """What `auto` stands for is found out by the lines."""
    raise SourceError(Message("The format auto is found out by the lines of a log."))


def candidates(written: Written) -> list[RecordedForm]:
    """Every format that needs no more than was said, the narrower ones first."""
    found = []
    others = [name for name in plugins.names(KIND) if name not in (*_FIRST, AUTO, "json")]
    for name in (*_FIRST, *others, "json"):
        try:
            found.append(form_named(name, written))
        except SourceError:
            continue
    return found


def detect(sample: Sample, written: Written, *, name: str) -> RecordedForm:
    """The format of most lines, or SourceError with one of them."""
    lines = [line for line in sample.lines if not line.startswith("#")] or list(sample.lines)
    lines = lines[:: len(lines) // LOOKS + 1]
    best, most = None, 0
    for form in candidates(written):
        is_extended = form.name == "w3c" and any(line.lower().startswith("#fields:") for line in sample.directives)
        score = len(lines) if is_extended else sum(map(form.knows, lines))
        if score > most:
            best, most = form, score
    if best is None or 2 * most <= len(lines):
        raise SourceError(
            Message(
                "{file} has no format that is known: {n} of {lines} of its first lines are {format}, none is "
                "more. A line is such as {example}. Say how it is written: format: json with keys:, or format: "
                "nginx, apache, haproxy or envoy_text with notation: and the string from the server's "
                "configuration.",
                file=name,
                n=most,
                lines=len(lines),
                format=best.name if best else "-",
                example=masked(lines[0]) if lines else "",
            )
        )
    return best


def nearest(lines: Sequence[str], form: RecordedForm) -> Message | None:
    """What most of the lines are instead; None where that is nothing known."""
    for other in candidates(Written()):
        if other.name != form.name and 2 * sum(map(other.knows, lines)) > len(lines):
            if other.name == "vhost_combined":
                return Message(
                    "They begin with the name of a host and look like {format}: write format: {format} in the "
                    "source.",
                    format=other.name,
                )
            return Message("They look like {format}: write format: {format} in the source.", format=other.name)
    return None
