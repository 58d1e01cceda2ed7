"""Words for roles and rights, in the reader's language."""

from unfelt.conf.language import _


def role_name(role: str) -> str:
    """A role for people."""
    return {
        "requester": _("requester"),
        "owner": _("owner"),
        "change_manager": _("change manager"),
        "operator": _("operator"),
        "approver": _("approver"),
        "auditor": _("auditor"),
        "agent": _("agent"),
        "handler": _("handler"),
        "admin": _("admin"),
    }[role]


def right_name(right: str) -> str:
    """What somebody or a token may do, for people."""
    return {
        "read": _("read"),
        "comment": _("comment"),
        "write": _("write plans"),
        "assign": _("hand out work"),
        "sign": _("sign and bring evidence"),
        "waive": _("waive"),
        "move": _("move customers on"),
        "back": _("take customers back"),
        "audit": _("read the ledger"),
        "admin": _("change settings"),
    }[right]
