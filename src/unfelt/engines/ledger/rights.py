"""Who may sign, waive, and read the ledger."""

from unfelt.conf.language import Message
from unfelt.engines.rights import EVERYBODY, RightKind

RIGHTS = (
    RightKind("sign", Message("sign and bring evidence"), EVERYBODY - {"auditor", "admin"}, order=5),
    RightKind("waive", Message("waive"), frozenset({"owner", "change_manager", "approver"}), order=6),
    RightKind("audit", Message("read the ledger"), frozenset({"auditor", "change_manager", "admin"}), order=9),
)
