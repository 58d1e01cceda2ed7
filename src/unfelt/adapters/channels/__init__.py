"""Ways to reach people and machines: mail, chat robots, addresses on the web."""


class ChannelError(Exception):
    """It was not taken; the text says why, without secrets."""
