"""Ways to reach people and machines: mail, chat robots, addresses on the web."""

from unfelt.conf.language import Message


class ChannelError(Exception):
    """It was not taken; the text says why, without secrets and without what the other side answered.

    is_answer: the other side was there and did not want this one thing.
    """

    def __init__(self, said: Message, *, is_answer: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.is_answer = is_answer

    def __str__(self) -> str:
        return str(self.said)
