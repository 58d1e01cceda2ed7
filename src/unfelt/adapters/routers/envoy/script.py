"""What the Lua filter is told: the plan's customers, columns and exceptions, as a Lua table before the script."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from unfelt.adapters.pseudonyms import pseudonym
from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.place import HEARTBEAT, Place
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.change import Change

CUSTOMER_KINDS = ("header", "claim", "cookie")
COLUMN_KINDS = ("header", "response", "cookie", "query")
LINE = ("time", "type", "id", "customer", "arm", "served", "attempts", "epoch", "phase", "share", "method", "path")
LINE_END = ("status", "duration_ms", "flags", "bytes")
BUILT_IN = frozenset((*LINE, *LINE_END))
"""The fields every line has; a column of the plan cannot have such a name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the log line and where its value comes from."""

    name: str
    kind: str
    source: str


def customers(change: "Change") -> tuple[tuple[str, str], ...]:
    """Where a customer's id is looked for, in order: ids of who is logged in stand before cookies."""
    given = change.experience.customer
    return tuple(_split(one, CUSTOMER_KINDS) for one in ((given,) if isinstance(given, str) else given))


def columns(change: "Change") -> tuple[Column, ...]:
    """The extra fields of a log line: the plan's, `device`, and `x-<by>` for a segment that has no column."""
    found = {"device": Column("device", "device", "")}
    for segment in change.experience.segments:
        if segment.by not in BUILT_IN and segment.by != "device":
            found[segment.by] = Column(segment.by, "header", f"x-{segment.by}")
    for name, source in change.experience.columns.items():
        if name in BUILT_IN:
            raise RouterError(
                _(
                    "The column {name!r} has the name of a field that every log line has. Call it something else."
                ).format(name=name)
            )
        found[name] = Column(name, *_split(source, COLUMN_KINDS))
    return tuple(found.values())


def _split(text: str, kinds: Sequence[str]) -> tuple[str, str]:
    kind, colon, name = text.partition(":")
    if kind not in kinds or not colon or not name:
        raise RouterError(
            _("The router cannot read {text!r}. It can read: {kinds}.").format(
                text=text, kinds=", ".join(f"{kind}:NAME" for kind in kinds)
            )
        )
    return kind, name.lower() if kind in {"header", "response"} else name


def script(change: "Change", place: Place, *, secret: bytes) -> str:
    """The Lua source for this plan; customers named in it stand there as pseudonyms."""
    rollout = change.rollout
    who = customers(change)
    plan = {
        "secret": str(place.secret),
        # Another secret means another script, and so an Envoy that is started anew and not adopted.
        "of_secret": sha256(secret).hexdigest()[:16],
        "heartbeat": HEARTBEAT,
        "customer": [{"kind": kind, "name": name} for kind, name in who],
        "secure": "; Secure" if rollout and rollout.tls else "",
        "mint": next((name for kind, name in who if kind == "cookie"), None),
        "follow": rollout is None or rollout.anonymous == "follow",
        "columns": [asdict(column) for column in columns(change) if column.kind != "response"],
        "pinned": {pseudonym(secret, one): True for one in (rollout.pinned if rollout else ())},
        "excluded": {pseudonym(secret, one): True for one in (rollout.excluded if rollout else ())},
    }
    source = (files(__package__) / "assign.lua").read_text(encoding="utf-8")
    return f"local PLAN = {lua(plan)}\n{source}"


def lua(value: Any) -> str:  # noqa: ANN401  (anything JSON can hold)
    """The value as a Lua literal."""
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + "".join(_character(byte) for byte in value.encode()) + '"'
        case Mapping():
            return "{" + ",".join(f"[{lua(key)}]={lua(one)}" for key, one in value.items()) + "}"
        case Sequence():
            return "{" + ",".join(lua(one) for one in value) + "}"
    return repr(value)


def _character(byte: int) -> str:
    plain = 32 <= byte < 127 and byte not in b'"\\'
    return chr(byte) if plain else f"\\{byte:03d}"
