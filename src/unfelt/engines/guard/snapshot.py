"""The guard's memory as bytes, exactly: the same memory gives the same bytes, and the bytes the same memory."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from unfelt.conf.language import _
from unfelt.engines.guard.decision import GuardError

VERSION = 5
"""Another one remembers other things, or makes other decisions of the same inputs."""
_MARK = b"unfelt guard\n"


class OtherGuardError(GuardError):
    """The memory of another version of the guard."""


def pack(memory: Any, *, about: dict[str, Any]) -> bytes:  # noqa: ANN401  (any frozen dataclass of arrays and scalars)
    """A line of JSON that says what follows, then the arrays as they lie in memory (little-endian)."""
    arrays: list[bytes] = []
    body = _write(memory, arrays)
    head = json.dumps({"version": VERSION, "about": about, "body": body}, sort_keys=True, ensure_ascii=True)
    return b"".join([_MARK, head.encode(), b"\n", *arrays])


def unpack(data: bytes, like: Any, *, about: dict[str, Any]) -> Any:  # noqa: ANN401
    """The memory that `pack` wrote; `like` gives its shape. Refused when it belongs to another plan."""
    if not data.startswith(_MARK):
        raise GuardError(_("These bytes are not the memory of a guard. Start the rollout anew."))
    head, raw = data[len(_MARK) :].split(b"\n", 1)
    found = json.loads(head)
    if found["version"] != VERSION:
        raise OtherGuardError(
            _("This memory is that of guard version {other}, and this is version {own}.").format(
                other=found["version"], own=VERSION
            )
        )
    if found["about"] != json.loads(json.dumps(about)):
        raise GuardError(
            _(
                "This memory of the guard belongs to another plan or other segment values. "
                "Go back and start the rollout anew: evidence is never carried to another plan."
            )
        )
    return _read(found["body"], like, raw)


def about(data: bytes) -> dict[str, Any]:
    """What the bytes say they belong to."""
    if not data.startswith(_MARK):
        raise GuardError(_("These bytes are not the memory of a guard. Start the rollout anew."))
    result: dict[str, Any] = json.loads(data[len(_MARK) :].split(b"\n", 1)[0])["about"]
    return result


def _write(value: Any, arrays: list[bytes]) -> Any:  # noqa: ANN401
    if dataclasses.is_dataclass(value):
        return {field.name: _write(getattr(value, field.name), arrays) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        place = sum(map(len, arrays))
        arrays.append(np.ascontiguousarray(value, dtype="<f8").tobytes())
        return {"at": place, "shape": list(value.shape)}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return {"float": value.hex()} if isinstance(value, float) else value


def _read(body: Any, like: Any, raw: bytes) -> Any:  # noqa: ANN401
    if isinstance(body, dict) and "shape" in body:
        count = int(np.prod(body["shape"], dtype=int))
        return np.frombuffer(raw, "<f8", count, body["at"]).reshape(body["shape"]).copy()
    if isinstance(body, dict) and "time" in body:
        return datetime.fromisoformat(body["time"])
    if isinstance(body, dict) and "float" in body:
        return float.fromhex(body["float"])
    if isinstance(body, dict):
        return _rebuild(body, like, raw)
    return body


def _rebuild(body: dict[str, Any], like: Any, raw: bytes) -> Any:  # noqa: ANN401
    parts: Iterator[tuple[str, Any]] = (
        (field.name, _read(body[field.name], getattr(like, field.name), raw)) for field in dataclasses.fields(like)
    )
    return type(like)(**dict(parts))
