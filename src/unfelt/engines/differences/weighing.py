"""Which differences a customer can meet, and so hold a promotion: pure."""

from unfelt.adapters.sources.unregistered import ANYWHERE
from unfelt.engines.differences.judge import Shown

SAME = frozenset({"200", "206", "304"})
"""Answers that a customer does not tell apart: the whole, a part, or what they have already."""
UNMET = frozenset(
    {
        *("accept-ranges", "age", "alt-svc", "connection", "content-encoding", "content-length", "date", "etag"),
        *("expires", "keep-alive", "last-modified", "server", "server-timing", "transfer-encoding", "vary", "via"),
        *("x-cache", "x-powered-by", "x-request-id", "x-runtime", "x-served-by", "x-trace-id", "traceparent"),
    }
)
"""Headers of an answer that no customer meets."""


def can_be_met(one: Shown, *, is_timed: bool) -> bool:
    """Whether it holds a promotion; is_timed: a metric of the plan reads how long answers take.

    Not so: sizes alone, answers that came sooner, headers that nobody sees, routes that old does not have and that
    customers of new come to besides, and what is as good as before.
    """
    kind, value = one.feature.kind, one.feature.value
    if kind == "header":
        return value.partition("=")[0] not in UNMET
    if kind == "status":
        return value not in SAME
    if kind == "ms":
        return one.is_more and not is_timed
    if kind == "visit":
        return one.old > 0
    if kind == "times":
        return one.feature.route == ANYWHERE or one.old > 0
    return kind in ("redirect", "type", "flag", "shape")
