"""What states, decisions and entries of the log are called, in the reader's language."""

from typing import TYPE_CHECKING

from unfelt.conf.language import _, language

if TYPE_CHECKING:
    from unfelt.documents.catalog import Title


def titled(title: "Title") -> str:
    """The title in the reader's language."""
    return title.zh if language() == "zh-hans" else title.en


def name_of(word: str) -> str:
    """The word for people; a name that is not ours (a person's) stays as it is."""
    return {**_states(), **_actions(), **_entries()}.get(word, word)


def state_name(state: str) -> str:
    """A state of a rollout for people."""
    return _states()[state]


def action_name(action: str) -> str:
    """A decision of the guard for people."""
    return _actions()[action]


def _states() -> dict[str, str]:
    return {
        "prepared": _("prepared"),
        "baseline": _("baseline"),
        "watching": _("watching"),
        "held": _("hold"),
        "promoting": _("promoting"),
        "soaking": _("soak"),
        "done": _("done"),
        "back": _("back"),
        "spent": _("budget spent"),
        "unmeasured": _("unmeasured"),
    }


def _actions() -> dict[str, str]:
    return {
        "widen": _("widen"),
        "hold": _("hold"),
        "back": _("back"),
        "promote": _("promote"),
        "spent": _("budget spent"),
        "unmeasured": _("unmeasured"),
    }


def _entries() -> dict[str, str]:
    return {
        "guard": _("guard"),
        "lapse": _("lease lapsed"),
        "proposal": _("proposed"),
        "confirmed": _("agreed"),
        "taken_back": _("taken back by hand"),
        "pinned": _("pinned"),
        "unpinned": _("no longer pinned"),
    }


def gate_name(gate: str) -> str:
    """A gate for people."""
    return {
        "plan": _("Gate plan"),
        "ready": _("Gate ready"),
        "go": _("Gate go"),
        "proof": _("Gate proof"),
        "close": _("Gate close"),
        "programme": _("Programme"),
    }[gate]


def standing_name(state: str) -> str:
    """Where a control stands, for people."""
    return {
        "pass": _("passed"),
        "signed": _("signed, not measured"),
        "waived": _("waived"),
        "not_applicable": _("does not apply"),
        "fail": _("failed"),
        "inconclusive": _("not decided"),
        "not_run": _("not run"),
        "stale": _("stale"),
        "expired": _("expired"),
        "missing": _("missing"),
    }[state]


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


def kind_name(kind: str) -> str:
    """A kind of evidence for people; the word to type is the English one."""
    return {
        "sign-off": _("sign-off"),
        "document": _("document"),
        "command": _("command"),
        "probe": _("probe"),
        "report": _("report"),
        "rollout": _("rollout"),
        "judgement": _("judgement"),
        "answers": _("answers"),
        "rows": _("rows"),
    }[kind]


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
