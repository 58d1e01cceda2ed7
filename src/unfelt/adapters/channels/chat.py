"""Chat robots: DingTalk, Feishu, WeCom, Slack and others, each at its own service's host and nowhere else."""

import json

from unfelt.adapters.channels import ChannelError, Fetch, Means
from unfelt.adapters.channels.lines import one_line, plain_text
from unfelt.adapters.channels.robots import JSON, ROBOTS, robot_at, spoken
from unfelt.adapters.http import Answer, OutgoingError, Policy, fetch
from unfelt.conf.language import Message

KINDS = ", ".join(robot.name for robot in ROBOTS)


def is_chat(address: str) -> bool:
    """It is the address of a robot of a known kind."""
    return robot_at(address) is not None


class ChatRobots:
    """As `unfelt.adapters.channels.Channel` says: one field for all services, each known by its address."""

    label = Message("By a chat robot")
    hint = Message("DingTalk, Feishu, WeCom, Slack, …: its address as the service shows it")
    is_given = True

    def problem(self, address: str) -> Message | None:
        """It is at none of the services that are known."""
        if is_chat(address):
            return None
        return Message("That is no address of a chat robot of {kinds}, such as dingtalk://TOKEN.", kinds=KINDS)

    def send(self, address: str, *, subject: str, text: str, means: Means) -> None:
        """One message."""
        send_chat(address, subject=subject, text=text, fetch=means.fetch)


def send_chat(address: str, *, subject: str, text: str, fetch: Fetch = fetch) -> None:
    """One message; ChannelError where the robot does not take it. No network of the house is allowed to it."""
    found = robot_at(address)
    if found is None:
        raise ChannelError(Message("robots of that kind are not known here; known: {kinds}", kinds=KINDS))
    robot, parts = found
    body = spoken(robot, parts, f"{one_line(subject)}\n\n{plain_text(text)}")
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        answer = fetch("POST", robot.url(parts), policy=Policy(), body=body, headers=headers, most=65_536)
    except OutgoingError as error:
        raise ChannelError(Message("{robot}: {problem}", robot=robot.name, problem=error.said)) from None
    if not 200 <= answer.status < 300:
        said = Message("{robot}: status {status}", robot=robot.name, status=answer.status)
        raise ChannelError(said, is_answer=True)
    if not robot.is_taken(_said(answer)):
        raise ChannelError(Message("{robot} did not take it", robot=robot.name), is_answer=True)


def _said(answer: Answer) -> JSON:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
