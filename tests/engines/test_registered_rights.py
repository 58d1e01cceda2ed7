"""Rights as engines register them: who holds which, beside a table that is written by hand."""

import pytest

from unfelt.conf.language import Message
from unfelt.engines.people.phrases import right_name
from unfelt.engines.people.rights import Reader
from unfelt.engines.rights import ROLES, RightKind, UnknownRightError, rights, token_scopes, who_may
from unfelt.web.access.tokens import MACHINE

NOT_AUDITOR = [role for role in ROLES if role != "auditor"]
HELD_BY = {
    "read": list(ROLES),
    "comment": NOT_AUDITOR,
    "write": ["requester", "owner", "change_manager"],
    "assign": ["owner", "change_manager"],
    "sign": [role for role in NOT_AUDITOR if role != "admin"],
    "waive": ["owner", "change_manager", "approver"],
    "move": ["operator"],
    "back": NOT_AUDITOR,
    "audit": ["change_manager", "auditor", "admin"],
    "admin": ["admin"],
}


def test_roles_give_the_rights_of_the_table():
    """And no other right is there, in this order."""
    assert {name: who_may(name) for name in rights()} == HELD_BY
    assert tuple(rights()) == tuple(HELD_BY)


def test_a_token_may_be_given_each_of_them():
    """What is given is narrowed by what its member may do."""
    assert token_scopes() == tuple(HELD_BY)


def test_what_the_installation_may_do_is_registered():
    """Its token reads, and takes back."""
    assert MACHINE.scopes == {"read", "back"} <= rights().keys()


def test_a_right_that_nobody_registers_is_refused_with_those_that_are():
    """Not taken for one that nobody holds."""
    with pytest.raises(UnknownRightError, match=r"There is no right prune\. Known: read, comment, "):
        Reader("lin", frozenset(ROLES)).may("prune")


def test_a_right_that_a_token_kept_and_nobody_registers_any_more_has_its_name():
    """Its package was taken out; the token is still listed."""
    assert (right_name("prune"), right_name("move")) == ("prune", "move customers on")


def test_a_right_is_given_by_roles_alone():
    """One that is given by what is no role is refused."""
    with pytest.raises(ValueError, match=r"There is no role gardener\. Roles: requester, "):
        RightKind("prune", Message("prune"), frozenset({"gardener"})).check()
