"""Values that name what is registered."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError


def _names(*kinds: str) -> tuple[str, ...]:
    return tuple(name for kind in kinds for name in plugins.names(kind))


def _listed(*kinds: str) -> Any:  # noqa: ANN401  (what pydantic keeps of a field)
    """In the schema: the names of all that is registered, when it is asked for."""

    def list_them(schema: dict[str, Any]) -> None:
        schema["enum"] = list(_names(*kinds))

    return Field(json_schema_extra=list_them)


def _known(said: Callable[[str], Message], *kinds: str) -> Callable[[str], str]:
    """Takes a name that is registered as one of the kinds; RefusalError with `said` and those that are."""

    def check(name: str) -> str:
        known = _names(*kinds)
        if name not in known:
            raise RefusalError(said(name), Message("Known: {known}.", known=", ".join(known)))
        return name

    return check


def _no_router(name: str) -> Message:
    return Message("There is no router {name}.", name=name)


def _no_form(name: str) -> Message:
    return Message("No log has the form {name}.", name=name)


def _no_evidence(name: str) -> Message:
    return Message("There is no evidence of kind {kind}.", kind=name)


RouterName = Annotated[str, AfterValidator(_known(_no_router, "router")), _listed("router")]
"""A router that is registered."""
LogFormat = Annotated[
    str,
    AfterValidator(_known(_no_form, "log_form", "recorded_log")),
    _listed("log_form", "recorded_log"),
]
"""A form of a router's own log, or of recorded logs, that is registered."""
EvidenceKind = Annotated[str, AfterValidator(_known(_no_evidence, "evidence")), _listed("evidence")]
"""A kind of evidence that is registered."""
