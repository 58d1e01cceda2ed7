"""Entries about members, teams, deputies, tokens and how people log in."""

from unfelt.conf.language import Message
from unfelt.engines.ledger.entry_kinds import EntryKind

WHOM = ("by", "person")

MEMBER_ADDED = EntryKind("member added", Message("member added"), WHOM, ("roles",), at_once=True)
MEMBER_CHANGED = EntryKind(
    "member changed", Message("member changed"), WHOM, ("roles", "active", "address"), at_once=True
)
INVITED = EntryKind("invited", Message("link made"), WHOM, at_once=True)
ACCOUNT_OPENED = EntryKind(
    "account opened", Message("account opened by another"), WHOM, ("second_factor_ended",), at_once=True
)
SESSIONS_ENDED = EntryKind("sessions ended", Message("sessions ended"), WHOM)
PASSWORD_CHANGED = EntryKind("password changed", Message("password changed"), WHOM, ("way",), at_once=True)
SECOND_FACTOR = EntryKind("second factor", Message("second factor changed"), WHOM, ("what",), at_once=True)
DIRECTORY_JOINED = EntryKind("directory joined", Message("joined to the directory"), WHOM, at_once=True)
MACHINE_TOKEN = EntryKind("machine token", Message("token of the installation"), ("by",), ("what",), at_once=True)
HOUSE_NAMED = EntryKind("house named", Message("house named"), ("by", "contact"), ("name",))
TEAM_ADDED = EntryKind("team added", Message("team added"), ("by",), ("team",), at_once=True)
MEMBERSHIP = EntryKind("membership", Message("roles in a team"), WHOM, ("team", "roles"), at_once=True)
DEPUTY = EntryKind("deputy", Message("deputy named"), (*WHOM, "deputy"), ("since", "until"), at_once=True)
DEPUTY_ENDED = EntryKind("deputy ended", Message("deputy ended"), (*WHOM, "deputy"), at_once=True)
TOKEN_MADE = EntryKind("token made", Message("token made"), WHOM, ("token", "scopes"), at_once=True)
TOKEN_REVOKED = EntryKind("token revoked", Message("token revoked"), WHOM, ("token",), at_once=True)
LOGGED_IN = EntryKind("came", Message("login"), ("by",), ("way",))
LOGGED_OUT = EntryKind("left", Message("logout"), ("by",))
KINDS = (
    *(MEMBER_ADDED, MEMBER_CHANGED, INVITED, ACCOUNT_OPENED, SESSIONS_ENDED, PASSWORD_CHANGED, SECOND_FACTOR),
    *(DIRECTORY_JOINED, MACHINE_TOKEN, HOUSE_NAMED, TEAM_ADDED, MEMBERSHIP, DEPUTY, DEPUTY_ENDED, TOKEN_MADE),
    *(TOKEN_REVOKED, LOGGED_IN, LOGGED_OUT),
)
