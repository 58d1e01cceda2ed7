"""Why a rollout does not begin."""

from unfelt.conf.refusal import NotDoneError


class CannotStart(NotDoneError):  # noqa: N818  (reads as what it says)
    """The rollout may not begin, and says why and what to do; nobody was moved."""
