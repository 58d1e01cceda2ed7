"""Who may write plans."""

from unfelt.conf.language import Message
from unfelt.engines.rights import RightKind

RIGHTS = (
    RightKind("write", Message("write plans"), frozenset({"requester", "owner", "change_manager"}), order=3),
)
