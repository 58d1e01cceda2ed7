"""What somebody may do, by the roles that they hold: pure. And the rights that go with being a member."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unfelt.conf.language import Message
from unfelt.engines.rights import EVERYBODY, Right, RightKind, Role, registered_right

RIGHTS = (
    RightKind("read", Message("read"), EVERYBODY, order=1),
    RightKind("admin", Message("change settings"), frozenset({"admin"}), order=10),
)


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
        return within and not registered_right(right).roles.isdisjoint(self.roles(team))

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
