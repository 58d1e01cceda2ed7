"""Why a rollout does not begin."""

from unfelt.conf.language import Message


class CannotStart(Exception):  # noqa: N818  (reads as what it says)
    """The rollout may not begin, and says why and what to do; nobody was moved."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why
