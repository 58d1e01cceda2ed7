"""Values that name what is registered."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError


def _known(kind: str, said: Callable[[str], Message], name: str) -> str:
    known = plugins.names(kind)
    if name not in known:
        raise RefusalError(said(name), Message("Known: {known}.", known=", ".join(known)))
    return name


def _listing(kind: str) -> Any:  # noqa: ANN401
    """What the JSON Schema says: the names that are registered when it is made."""
    return Field(json_schema_extra=lambda schema: schema.update(enum=list(plugins.names(kind))))


RouterName = Annotated[
    str,
    AfterValidator(partial(_known, "router", lambda name: Message("There is no router {name}.", name=name))),
    _listing("router"),
]
"""A router that is registered."""
EvidenceKind = Annotated[
    str,
    AfterValidator(
        partial(_known, "evidence", lambda name: Message("There is no evidence of kind {kind}.", kind=name))
    ),
    _listing("evidence"),
]
"""A kind of evidence that is registered."""
