"""What is registered: engines and parts by their dotted names, imported when they are first asked for.

A package of somebody else adds its own by an entry point in the group `unfelt.plugins`: a module with `ENGINES`
(packages), `PARTS` (by kind and name) and `TRANSLATIONS` (the path of a .po file in it). One that cannot be used
is named by `problems`; the rest works.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from unfelt.conf.language import Message, teach

GROUP = "unfelt.plugins"
ENGINES = (
    "unfelt.engines.differences",
    "unfelt.engines.ledger",
    "unfelt.engines.people",
    "unfelt.engines.planning",
    "unfelt.engines.teamwork",
    "unfelt.rollout",
    "unfelt.web.access",
    "unfelt.web.site",
)
"""Packages whose `PARTS` name their modules: `entries`, `jobs`, and what else the house asks engines for."""
LATER = ("jobs", "pages", "api", "find", "inbox", "news", "derived")
"""What reads records, and can be imported only once they are open."""
PARTS: Mapping[str, Mapping[str, str]] = {
    "evidence": {
        "sign-off": "unfelt.engines.ledger.kinds:SignOff",
        "document": "unfelt.engines.ledger.kinds:Paper",
        "command": "unfelt.engines.ledger.programs:CommandRan",
        "probe": "unfelt.engines.ledger.kinds:Probed",
        "report": "unfelt.engines.ledger.programs:Reported",
        "rollout": "unfelt.engines.ledger.kinds:RolloutFound",
        "judgement": "unfelt.engines.ledger.kinds:Judged",
        "answers": "unfelt.engines.ledger.kinds:Answers",
        "rows": "unfelt.engines.ledger.kinds:Rows",
        "derived": "unfelt.engines.ledger.derived:Derived",
    },
    "router": {"envoy": "unfelt.adapters.routers.envoy.router:EnvoyRouter"},
    "router_handle": {"envoy": "unfelt.adapters.routers.envoy.handle:EnvoyHandle"},
    "log_form": {"envoy": "unfelt.adapters.routers.envoy.log_form:EnvoyLog"},
    "recorded_log": {
        "alb": "unfelt.adapters.sources.logs.proxies:alb",
        "apache": "unfelt.adapters.sources.logs.servers:apache_custom",
        "auto": "unfelt.adapters.sources.logs.detecting:undetected",
        "caddy": "unfelt.adapters.sources.logs.objects:caddy",
        "combined": "unfelt.adapters.sources.logs.servers:combined",
        "common": "unfelt.adapters.sources.logs.servers:common",
        "csv": "unfelt.adapters.sources.logs.tables:csv",
        "envoy_json": "unfelt.adapters.sources.logs.objects:envoy_json",
        "envoy_text": "unfelt.adapters.sources.logs.proxies:envoy_text",
        "haproxy": "unfelt.adapters.sources.logs.servers:haproxy_custom",
        "istio": "unfelt.adapters.sources.logs.proxies:istio",
        "json": "unfelt.adapters.sources.logs.objects:any_json",
        "nginx": "unfelt.adapters.sources.logs.servers:nginx",
        "parquet": "unfelt.adapters.sources.logs.tables:parquet",
        "traefik": "unfelt.adapters.sources.logs.objects:traefik",
        "vhost_combined": "unfelt.adapters.sources.logs.servers:vhost_combined",
        "w3c": "unfelt.adapters.sources.logs.w3c:w3c",
    },
    "channel": {
        "chat": "unfelt.adapters.channels.chat:ChatRobots",
        "mail": "unfelt.adapters.channels.mail:HouseMail",
    },
    "probe": {
        "dns": "unfelt.adapters.probes.names:record",
        "http": "unfelt.adapters.probes.network:page",
        "https": "unfelt.adapters.probes.network:page",
        "mail": "unfelt.adapters.probes.names:mail",
        "tcp": "unfelt.adapters.probes.network:port",
        "tls": "unfelt.adapters.probes.network:certificate",
    },
    "source": {"access_log": "unfelt.adapters.sources.live:LiveSource"},
    "source_kind": {
        "access_log": "unfelt.documents.source:AccessLog",
        "reconciliation": "unfelt.documents.source:Reconciliation",
    },
    "source_reader": {"reconciliation": "unfelt.adapters.sources.lookups:shelf_of"},
}
"""By kind and name, `module:attribute`."""
CHECKS: Mapping[str, str] = {"source_kind": "unfelt.documents.source_kinds:check_form"}
"""By kind, what looks at the name and the part of somebody else; it raises where that cannot be used."""


class UnknownPartError(LookupError):
    """There is no part of that kind and name; `message` says which there are."""

    def __init__(self, kind: str, name: str) -> None:
        self.message = Message(
            "There is no {kind} {name}. Known: {known}.",
            kind=kind,
            name=name,
            known=", ".join(engines() if kind == "engine" else names(kind)),
        )
        super().__init__(str(self.message))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is registered and cannot be used."""

    name: str
    said: Message


@dataclass(frozen=True, slots=True)
class _Registry:
    engines: Mapping[str, ModuleType]
    parts: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...]
    translations: tuple[tuple[str, str], ...] = ()
    late: dict[tuple[str, str], Problem] = field(default_factory=dict)
    """What was found when a module was asked for, by engine and what it was asked as."""


def part(kind: str, name: str) -> Any:  # noqa: ANN401  (each kind has its own)
    """The part of that kind and name; UnknownPartError where there is none."""
    found = PARTS.get(kind, {}).get(name) or _registry().parts.get(kind, {}).get(name)
    if found is None:
        raise UnknownPartError(kind, name)
    return resolved(found)


def names(kind: str) -> tuple[str, ...]:
    """The names of every part of that kind."""
    return tuple(sorted(_registry().parts.get(kind, {})))


def engines() -> tuple[str, ...]:
    """The names of every engine."""
    return tuple(_registry().engines)


def engine(name: str) -> ModuleType:
    """The package of that engine; UnknownPartError where there is none."""
    found = _registry().engines.get(name)
    if found is None:
        raise UnknownPartError("engine", name)
    return found


def modules(what: str) -> Iterator[tuple[str, ModuleType]]:
    """By name of engine, the module that it names in its `PARTS` as that."""
    for name, engine in _registry().engines.items():
        dotted = getattr(engine, "PARTS", {}).get(what)
        if dotted:
            yield name, import_module(dotted)


def commands() -> Mapping[str, str]:
    """The commands of engines by name, each by the module that holds it as `command`: their `COMMANDS`.

    It is a mapping in the package itself, which imports nothing: a command is imported when it is asked for.
    """
    found: dict[str, str] = {}
    for name, engine in _registry().engines.items():
        for command, module in getattr(engine, "COMMANDS", {}).items():
            if command in found:
                said = Message("there is a command {name} already", name=command)
                _registry().late[name, "commands"] = _left_out(name, ValueError(said))
            found.setdefault(command, module)
    return found


def folders(name: str) -> list[Path]:
    """The folders of that name that lie in the packages of engines."""
    places = [Path(place) / name for engine in _registry().engines.values() for place in engine.__path__]
    return [place for place in places if place.is_dir()]


@cache
def registered(what: str, attribute: str) -> Mapping[str, Any]:
    """By name, everything that engines list under that attribute of the module that they name as `what`.

    ValueError where two of ours have one name. What a plug-in lists and cannot be used is left out, and a problem.
    """
    found: dict[str, Any] = {}
    for engine, package in _registry().engines.items():
        dotted = getattr(package, "PARTS", {}).get(what)
        if not dotted:
            continue
        try:
            found |= _listed(getattr(import_module(dotted), attribute), found)
        except Exception as error:
            if package.__name__ in ENGINES:
                raise
            _registry().late[engine, what] = _left_out(engine, error)
    return found


def _listed(listed: Iterable[Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those by name; ValueError where a name is taken, or the place that something says it `takes`.

    What has a `check` is asked: it raises where it cannot be used as it stands.
    """
    found: dict[str, Any] = {}
    places = {one.takes for one in known.values() if hasattr(one, "takes")}
    for one in listed:
        if one.name in known or one.name in found:
            raise ValueError(Message("the name {name} is taken", name=one.name))
        if hasattr(one, "takes") and one.takes in places:
            raise ValueError(Message("the address {address} is taken", address=one.takes))
        if hasattr(one, "check"):
            one.check()
        places.add(getattr(one, "takes", None))
        found[one.name] = one
    return found


def problems() -> tuple[Problem, ...]:
    """What is registered and cannot be used, with the reason, as far as it was asked for."""
    registry = _registry()
    return (*registry.problems, *registry.late.values())


def _left_out(name: str, error: Exception) -> Problem:
    """In words that are chosen later: whoever translates asks this registry for the texts of plug-ins."""
    known = error.args[0] if error.args and isinstance(error.args[0], Message) else None
    why = known or f"{type(error).__name__}: {error}"
    said = Message("the plug-in {name} cannot be used and is left out: {problem}", name=name, problem=why)
    return Problem(name, said)


def resolved(dotted: str) -> Any:  # noqa: ANN401
    """What `module:attribute` names."""
    module, _colon, attribute = dotted.partition(":")
    return getattr(import_module(module), attribute)


def forget() -> None:
    """The registry is read anew when it is next asked: another plug-in was installed."""
    _registry.cache_clear()
    registered.cache_clear()


@cache
def _registry() -> _Registry:
    """Ours, which must be there, and those of others, which may not be."""
    engines = {dotted.rpartition(".")[2]: import_module(dotted) for dotted in ENGINES}
    parts = {kind: dict(some) for kind, some in PARTS.items()}
    found: list[Problem] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            theirs = _read(entry.load(), engines, parts)
        except Exception as error:  # noqa: BLE001  (whatever a stranger's module raises)
            found.append(_left_out(entry.name, error))
        else:
            engines |= theirs.engines
            for package, path in theirs.translations:
                teach(package, path)
            for kind, some in theirs.parts.items():
                parts.setdefault(kind, {}).update(some)
    return _Registry(engines, parts, tuple(found))


def _usable(kind: str, name: str, found: object) -> None:
    if kind in CHECKS:
        resolved(CHECKS[kind])(name, found)


def _must_be_there(module: str) -> None:
    """ModuleNotFoundError otherwise; it is not imported."""
    if find_spec(module) is None:
        raise ModuleNotFoundError(f"No module named {module!r}")


def _read(
    module: ModuleType, engines: Mapping[str, ModuleType], parts: Mapping[str, Mapping[str, str]]
) -> _Registry:
    """What a plug-in adds; ValueError where a name of it is taken. Each of its parts must be there."""
    added = {dotted.rpartition(".")[2]: import_module(dotted) for dotted in getattr(module, "ENGINES", ())}
    more: Mapping[str, Mapping[str, str]] = getattr(module, "PARTS", {})
    for kind, some in more.items():
        taken = sorted(some.keys() & parts.get(kind, {}).keys())
        if taken:
            raise ValueError(Message("there is a {kind} {name} already", kind=kind, name=taken[0]))
        for name, dotted in some.items():
            _usable(kind, name, resolved(dotted))
    taken = sorted(added.keys() & engines.keys())
    if taken:
        raise ValueError(Message("there is an engine {name} already", name=taken[0]))
    for engine in added.values():
        for what, dotted in getattr(engine, "PARTS", {}).items():
            _must_be_there(dotted) if what in LATER else import_module(dotted)
    path = getattr(module, "TRANSLATIONS", "")
    if path and not (files(module.__name__) / path).is_file():
        raise ValueError(Message("there is no file {name}", name=path))
    return _Registry(added, more, (), ((module.__name__, path),) if path else ())
