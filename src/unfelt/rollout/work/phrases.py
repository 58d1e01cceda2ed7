"""Words for where runs of jobs stand."""

from unfelt.conf.language import _


def run_state(state: str, *, is_being_cancelled: bool = False) -> str:
    """Where a run stands, in a word."""
    if state == "running" and is_being_cancelled:
        return _("is being cancelled")
    return {
        "queued": _("waits"),
        "running": _("runs"),
        "done": _("done"),
        "failed": _("has failed"),
        "cancelled": _("cancelled"),
    }[state]
