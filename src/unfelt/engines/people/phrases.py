"""Words for roles and rights, in the reader's language."""

from unfelt.conf.language import _
from unfelt.engines.rights import rights


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
    """What somebody or a token may do, for people; of a right that nobody registers any more, its name."""
    known = rights().get(right)
    return str(known.label) if known else right
