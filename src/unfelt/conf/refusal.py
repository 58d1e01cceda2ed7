"""A value that is not allowed, and an act that is not done."""

from unfelt.conf.language import Message


class RefusalError(ValueError):
    """A refused value: `what` is wrong, and the `remedy` (what is allowed, what to do)."""

    field = ""

    def __init__(self, what: Message, remedy: Message) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


class NotDoneError(Exception):
    """What was asked for is not done: `message` says why, and what to do; `field` where, in what was given."""

    field = ""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
