"""The kinds of chat robots that are known: each has its service's own host, and nobody else's.

An address is spelled as the service shows it, or in the short form that Apprise made usual.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Parts = Mapping[str, str]
JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Robot:
    """One kind: the spellings of its address, the URL it is sent to, the message, and whether it was taken."""

    name: str
    forms: tuple[re.Pattern[str], ...]
    url: Callable[[Parts], str]
    message: Callable[[Parts, str], JSON]
    is_taken: Callable[[JSON], bool] = lambda _answer: True
    most: int = 2_000
    """Characters of a message."""


def robot_at(address: str) -> tuple[Robot, Parts] | None:
    """The kind of robot at the address and what the address says; None for any other address."""
    for robot in ROBOTS:
        for form in robot.forms:
            found = form.fullmatch(address)
            if found is not None:
                return robot, {name: part or "" for name, part in found.groupdict().items()}
    return None


def _forms(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.ASCII) for text in texts)


def _code(answer: JSON, *names: str) -> bool:
    """Each of the numbers that the service answers with, where it does, is 0."""
    return all(answer.get(name, 0) == 0 for name in names) and any(name in answer for name in names)


def _dingtalk(parts: Parts) -> str:
    url = f"https://oapi.dingtalk.com/robot/send?access_token={parts['token']}"
    if not parts.get("secret"):
        return url
    moment = str(round(time.time() * 1000))
    made = hmac.new(parts["secret"].encode(), f"{moment}\n{parts['secret']}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={moment}&sign={quote(base64.b64encode(made), safe='')}"


def _feishu(parts: Parts) -> str:
    return f"https://open.feishu.cn/open-apis/bot/v2/hook/{parts['token']}"


def _lark(parts: Parts) -> str:
    return f"https://open.larksuite.com/open-apis/bot/v2/hook/{parts['token']}"


def _text(_parts: Parts, text: str) -> JSON:
    return {"msgtype": "text", "text": {"content": text}}


def _feishu_text(_parts: Parts, text: str) -> JSON:
    return {"msg_type": "text", "content": {"text": text}}


def _teams(parts: Parts) -> str:
    version = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0"
    return (
        f"https://{parts['host']}/workflows/{parts['workflow']}/triggers/manual/paths/invoke"
        f"?{version}&sig={parts['sig']}"
    )


def _card(_parts: Parts, text: str) -> JSON:
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text, "wrap": True}],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


_TOKEN = r"(?P<token>[A-Za-z0-9_-]{1,128})"  # noqa: S105  (a pattern)
_KEY = r"(?P<key>[A-Za-z0-9_-]{1,128})"
_HOST = r"(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.logic\.azure\.com)(?::443)?"
_SLACK = r"(?P<a>[A-Z0-9]{1,32})/(?P<b>[A-Z0-9]{1,32})/(?P<c>[A-Za-z0-9]{1,64})"
_DISCORD = r"(?P<id>[0-9]{1,32})/" + _TOKEN
_LONG = r"(?P<token>[A-Za-z0-9_-]{1,128}(?:%3D|=)?)"
_GOOGLE = r"(?P<space>[A-Za-z0-9_-]{1,64})"

ROBOTS = (
    Robot(
        "DingTalk",
        _forms(
            rf"dingtalk://(?:(?P<secret>[A-Za-z0-9]{{1,128}})@)?{_TOKEN}/?",
            rf"https://oapi\.dingtalk\.com/robot/send\?access_token={_TOKEN}(?:&secret=(?P<secret>[A-Za-z0-9]{{1,128}}))?",
        ),
        _dingtalk,
        _text,
        lambda answer: _code(answer, "errcode"),
    ),
    Robot(
        "Feishu",
        _forms(rf"feishu://{_TOKEN}/?", rf"https://open\.feishu\.cn/open-apis/bot/v2/hook/{_TOKEN}/?"),
        _feishu,
        _feishu_text,
        lambda answer: _code(answer, "code", "StatusCode"),
    ),
    Robot(
        "Lark",
        _forms(rf"lark://{_TOKEN}/?", rf"https://open\.larksuite\.com/open-apis/bot/v2/hook/{_TOKEN}/?"),
        _lark,
        _feishu_text,
        lambda answer: _code(answer, "code", "StatusCode"),
    ),
    Robot(
        "WeCom",
        _forms(rf"wecombot://{_KEY}/?", rf"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key={_KEY}"),
        lambda parts: f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={parts['key']}",
        _text,
        lambda answer: _code(answer, "errcode"),
        most=650,  # 2,048 bytes.
    ),
    Robot(
        "Slack",
        _forms(rf"slack://(?:[\w-]+@)?{_SLACK}/?", rf"https://hooks\.slack\.com/services/{_SLACK}/?"),
        lambda parts: f"https://hooks.slack.com/services/{parts['a']}/{parts['b']}/{parts['c']}",
        lambda _parts, text: {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")},
    ),
    Robot(
        "Telegram",
        _forms(r"tgram://(?P<bot>[0-9]{1,20}:[A-Za-z0-9_-]{1,128})/(?P<chat>-?[0-9]{1,20}|@\w{1,64})/?"),
        lambda parts: f"https://api.telegram.org/bot{parts['bot']}/sendMessage",
        lambda parts, text: {"chat_id": parts["chat"], "text": text, "disable_web_page_preview": True},
        lambda answer: answer.get("ok") is True,
    ),
    Robot(
        "Discord",
        _forms(rf"discord://{_DISCORD}/?", rf"https://discord(?:app)?\.com/api/webhooks/{_DISCORD}/?"),
        lambda parts: f"https://discord.com/api/webhooks/{parts['id']}/{parts['token']}",
        lambda _parts, text: {"content": text, "allowed_mentions": {"parse": []}},
        most=1_900,
    ),
    Robot(
        "Microsoft Teams",
        _forms(
            rf"workflows?://{_HOST}/(?P<workflow>[A-Za-z0-9]{{1,64}})/(?P<sig>[A-Za-z0-9_-]{{1,128}})/?",
            rf"https://{_HOST}/workflows/(?P<workflow>[A-Za-z0-9]{{1,64}})/triggers/manual/paths/invoke"
            r"\?(?:[A-Za-z0-9=&.%-]*&)?sig=(?P<sig>[A-Za-z0-9_-]{1,128})",
        ),
        _teams,
        _card,
    ),
    Robot(
        "Google Chat",
        _forms(
            rf"gchat://{_GOOGLE}/{_KEY}/{_LONG}/?",
            rf"https://chat\.googleapis\.com/v1/spaces/{_GOOGLE}/messages\?key={_KEY}&token={_LONG}",
        ),
        lambda parts: (
            f"https://chat.googleapis.com/v1/spaces/{parts['space']}/messages?key={parts['key']}&token={parts['token']}"
        ),
        lambda _parts, text: {"text": text},
    ),
)
"""All kinds. A robot at a host of one's own is reached by a webhook, which an admin adds."""


def spoken(robot: Robot, parts: Parts, text: str) -> bytes:
    """The message as it is sent, cut where the service would not take more."""
    cut = text if len(text) <= robot.most else text[: robot.most - 1] + "…"
    return json.dumps(robot.message(parts, cut), ensure_ascii=False).encode()
