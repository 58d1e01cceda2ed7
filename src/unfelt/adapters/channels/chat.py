"""Chat robots, by Apprise: DingTalk, Feishu, WeCom, Slack and many others, each by an address of its own form."""

from unfelt.adapters.channels import ChannelError


def is_chat(address: str) -> bool:
    """Apprise knows what kind of robot that is."""
    from apprise import Apprise  # Seldom needed, and slow to load.

    return bool(Apprise().add(address))


def send_chat(address: str, *, subject: str, text: str) -> None:
    """One message; ChannelError where the robot does not take it."""
    from apprise import Apprise, NotifyFormat

    robot = Apprise()
    if not robot.add(address):
        raise ChannelError("the address of the chat robot is of no known form")
    if not robot.notify(title=subject, body=text, body_format=NotifyFormat.TEXT):
        raise ChannelError("the chat robot did not take it")
