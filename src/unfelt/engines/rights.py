"""Rights: what members may do by their roles, and tokens by their scopes.

`PARTS["rights"]` of an engine names a module with `RIGHTS`. A page, an operation and a token name a right by its
name; one that nobody registers is refused.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.values import Role as ChangeRole

Role = Literal[ChangeRole, "admin"]
ROLES: tuple[Role, ...] = (*get_args(ChangeRole), "admin")
EVERYBODY: frozenset[Role] = frozenset(ROLES)
Right = str
"""The name of a right that is registered."""


class UnknownRightError(LookupError):
    """No engine registers a right of that name; its message says which there are."""

    def __init__(self, name: str) -> None:
        said = Message("There is no right {name}. Known: {known}.", name=name, known=", ".join(rights()))
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class RightKind:
    """A right: its name in tokens and pages, what people call it, and the roles that give it.

    is_scope: a token may be given it. order: among the others, wherever they are listed.
    The playbook and the plan narrow signing and waiving further: see gates/actions.
    """

    name: Right
    label: Message
    roles: frozenset[Role]
    is_scope: bool = True
    order: int = 99

    def check(self) -> None:
        """ValueError where it is given by what is no role."""
        unknown = sorted(self.roles - EVERYBODY)
        if unknown:
            raise ValueError(
                Message("There is no role {name}. Roles: {all}", name=unknown[0], all=", ".join(ROLES))
            )


def rights() -> Mapping[Right, RightKind]:
    """Every right that an engine registers, by name and in their order."""
    found = plugins.registered("rights", "RIGHTS")
    return {one.name: one for one in sorted(found.values(), key=lambda one: (one.order, one.name))}


def registered_right(name: Right) -> RightKind:
    """The right of that name; UnknownRightError where there is none."""
    found: RightKind | None = plugins.registered("rights", "RIGHTS").get(name)
    if found is None:
        raise UnknownRightError(name)
    return found


def token_scopes() -> tuple[Right, ...]:
    """What a token may be given; `admin` only that of an admin, and for a month at most."""
    return tuple(one.name for one in rights().values() if one.is_scope)


def who_may(right: Right) -> list[Role]:
    """The roles that give a right, in their order."""
    given_by = registered_right(right).roles
    return [role for role in ROLES if role in given_by]


def as_roles(names: Iterable[object]) -> frozenset[Role]:
    """The roles among these names; what is none is left out."""
    known: Collection[object] = set(names)
    return frozenset(role for role in ROLES if role in known)
