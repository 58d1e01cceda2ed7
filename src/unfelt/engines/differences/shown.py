"""The differences of a rollout as they are shown: the newest status, with who accepted what on record."""

from collections.abc import Mapping
from typing import Any

from unfelt.engines.differences.actions import on_record
from unfelt.engines.differences.standing import key_of
from unfelt.records.models import Rollout

NOTHING: Mapping[str, Any] = {"lines": [], "more": 0, "waiting": 0}


def differences_of(rollout: Rollout) -> dict[str, Any]:
    """Lines, how many more there are, and how many wait for a person; what was accepted since the look is."""
    shown = {**NOTHING, **rollout.status.get("differing", {})}
    if not shown["lines"]:
        return shown
    standing = on_record(rollout.id, named=True)
    waiting = {key_of(body["feature"]) for body in standing.waiting()}
    lines = [_line(line, standing.accepted, waiting) for line in shown["lines"]]
    return {**shown, "lines": lines, "waiting": sum(line["waits"] for line in lines)}


def _line(line: Mapping[str, Any], accepted: Mapping[Any, Mapping[str, Any]], waiting: set[Any]) -> dict[str, Any]:
    keys = [key_of(feature) for feature in line["features"]]
    body = next((accepted[key] for key in keys if key in accepted), None)
    return {
        **line,
        "waits": any(key in waiting for key in keys),
        "accepted": body and {"by": body["by"], "reason": body["reason"]},
    }
