"""A value that is not allowed."""

from unfelt.conf.language import Message


class RefusalError(ValueError):
    """A refused value: `what` is wrong, and the `remedy` (what is allowed, what to do)."""

    def __init__(self, what: Message, remedy: Message) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"
