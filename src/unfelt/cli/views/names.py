"""What states, decisions and entries of the log are called, in the reader's language."""

from unfelt.conf.language import _, language
from unfelt.documents.catalog import Title


def titled(title: Title) -> str:
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


def entry_name(kind: str) -> str:
    """What an entry of the ledger is about, for people; a kind that is not ours stays as it is."""
    known = {
        "evidence": _("evidence"),
        "planned": _("plan saved"),
        "tier_lowered": _("taken less carefully"),
        "tier_agreed": _("taking it less carefully agreed to"),
        "waiver": _("waiver"),
        "waiver asked": _("waiver asked for"),
        "waiver declined": _("waiver declined"),
        "assigned": _("handed over"),
        "commented": _("comment"),
        "lesson drawn": _("lesson"),
        "action done": _("action done"),
        "change asked": _("request"),
        "request planned": _("request planned"),
        "request declined": _("request declined"),
        "approval asked": _("approval asked for"),
        "approval declined": _("approval declined"),
        "model_approved": _("change model approved"),
        "came": _("login"),
        "member added": _("member added"),
        "member changed": _("member changed"),
        "membership": _("roles in a team"),
        "team added": _("team added"),
        "deputy": _("deputy named"),
        "deputy ended": _("deputy ended"),
        "token made": _("token made"),
        "token revoked": _("token revoked"),
        "left": _("logout"),
        "invited": _("link made"),
        "account opened": _("account opened by another"),
        "sessions ended": _("sessions ended"),
        "password changed": _("password changed"),
        "second factor": _("second factor changed"),
        "directory joined": _("joined to the directory"),
        "machine token": _("token of the installation"),
        "webhook added": _("webhook added"),
        "webhook ended": _("webhook ended"),
        "webhook passed over": _("entry passed over by a webhook"),
        "house named": _("house named"),
        "forgotten": _("name erased"),
        "covered": _("rows covered"),
        "restored": _("restored from a backup"),
        "begun": _("rollout begun"),
        "decision": _("decision"),
        "gate": _("gate"),
        "moved": _("customers moved"),
        "seal": _("seal"),
        "segments": _("segments fixed"),
        "key": _("key"),
        "told": _("told"),
        "upgraded": _("guard upgraded"),
        "budget_reset": _("budget reset"),
    }
    return known.get(kind) or _entries().get(kind, kind)


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
