"""What states, decisions and entries of the log are called, in the reader's language."""

from unfelt.conf.language import _


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
