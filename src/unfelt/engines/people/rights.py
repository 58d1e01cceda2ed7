"""What somebody may do, by the roles that they hold: pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from unfelt.documents.values import Role as ChangeRole

Role = Literal[ChangeRole, "admin"]
ROLES: tuple[Role, ...] = (*get_args(ChangeRole), "admin")
Right = Literal["read", "comment", "write", "assign", "sign", "waive", "move", "back", "audit", "admin"]
RIGHTS: Mapping[Right, frozenset[Role]] = {
    "read": frozenset(ROLES),
    "comment": frozenset(ROLES) - {"auditor"},
    "write": frozenset({"requester", "owner", "change_manager"}),
    "assign": frozenset({"owner", "change_manager"}),
    "sign": frozenset(ROLES) - {"auditor", "admin"},
    "waive": frozenset({"owner", "change_manager", "approver"}),
    "move": frozenset({"operator"}),
    "back": frozenset(ROLES) - {"auditor"},
    "audit": frozenset({"auditor", "change_manager", "admin"}),
    "admin": frozenset({"admin"}),
}
"""Which roles give a right. The playbook and the plan narrow signing and waiving further: see gates/actions."""
SCOPES: tuple[Right, ...] = (
    *("read", "comment", "write", "assign", "sign", "waive", "move", "back", "audit", "admin"),
)
"""What a token may be given; `admin` only that of an admin, and for a month at most."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody, with the roles that they hold everywhere and in each team, their own and as a deputy.

    scopes: what a token lets them do at most; None for a person at a browser.
    """

    name: str
    everywhere: frozenset[Role] = frozenset()
    teams: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    scopes: frozenset[Right] | None = None

    def roles(self, team: str) -> frozenset[Role]:
        """Their roles for what belongs to that team; a change of no team is of all of them."""
        if team:
            return self.everywhere | self.teams.get(team, frozenset())
        return self.everywhere.union(*self.teams.values())

    def may(self, right: Right, team: str = "") -> bool:
        """Whether one of those roles gives the right, and the token does not withhold it.

        >>> lin = Reader("lin", teams={"shop": frozenset({"owner"})})
        >>> lin.may("write", "shop"), lin.may("read", "bank"), lin.may("move", "shop")
        (True, False, False)
        """
        within = self.scopes is None or right in self.scopes
        return within and not RIGHTS[right].isdisjoint(self.roles(team))

    def in_house(self, right: Right) -> bool:
        """Whether a role that is held everywhere gives the right: for what is no team's, such as a request.

        >>> Reader("lin", teams={"shop": frozenset({"owner"})}).in_house("write")
        False
        """
        return Reader(self.name, self.everywhere, scopes=self.scopes).may(right)

    @property
    def sees_all(self) -> bool:
        """Every team's changes are open to them."""
        return bool(self.everywhere)

    def sees(self, team: str) -> bool:
        """What belongs to that team is open to them, whatever a token lets them do with it."""
        return bool(self.roles(team))


def who_may(right: Right) -> list[Role]:
    """The roles that give a right, in their order."""
    return [role for role in ROLES if role in RIGHTS[right]]


def as_roles(names: Iterable[object]) -> frozenset[Role]:
    """The roles among these names; what is none is left out."""
    known: Collection[object] = set(names)
    return frozenset(role for role in ROLES if role in known)
