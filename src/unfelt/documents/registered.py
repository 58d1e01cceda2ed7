"""Values that name what is registered."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
)

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError


def _known_router(name: str) -> str:
    known = plugins.names("router")
    if name not in known:
        raise RefusalError(
            Message("There is no router {name}.", name=name), Message("Known: {known}.", known=", ".join(known))
        )
    return name


RouterName = Annotated[
    str,
    AfterValidator(_known_router),
    Field(json_schema_extra=lambda schema: schema.update(enum=list(plugins.names("router")))),
]
"""A router that is registered."""
