"""Who may move customers on, and take them back."""

from unfelt.conf.language import Message
from unfelt.engines.rights import EVERYBODY, RightKind

RIGHTS = (
    RightKind("move", Message("move customers on"), frozenset({"operator"}), order=7),
    RightKind("back", Message("take customers back"), EVERYBODY - {"auditor"}, order=8),
)
