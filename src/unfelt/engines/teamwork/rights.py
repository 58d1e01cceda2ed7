"""Who may take part in what is said, and hand out work."""

from unfelt.conf.language import Message
from unfelt.engines.rights import EVERYBODY, RightKind

RIGHTS = (
    RightKind("comment", Message("comment"), EVERYBODY - {"auditor"}, order=2),
    RightKind("assign", Message("hand out work"), frozenset({"owner", "change_manager"}), order=4),
)
