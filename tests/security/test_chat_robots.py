"""A member's chat address leads to the host of a known service and nowhere else, whatever it holds."""

import base64
import hashlib
import hmac
import json
from contextlib import nullcontext
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.chat import is_chat, send_chat
from unfelt.adapters.channels.robots import ROBOTS, robot_at
from unfelt.adapters.http import Answer

SERVICES = {
    *("oapi.dingtalk.com", "open.feishu.cn", "open.larksuite.com", "qyapi.weixin.qq.com", "hooks.slack.com"),
    *("api.telegram.org", "discord.com", "chat.googleapis.com", "prod-1.westus.logic.azure.com"),
}
KNOWN = (
    "dingtalk://abc123",
    "dingtalk://SECabc@abc123/",
    "https://oapi.dingtalk.com/robot/send?access_token=abc123",
    "feishu://0a1b2c3d-aaaa-bbbb",
    "https://open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-aaaa-bbbb",
    "lark://0a1b2c3d-aaaa",
    "https://open.larksuite.com/open-apis/bot/v2/hook/0a1b2c3d",
    "wecombot://693a91f6-7xxx",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "slack://bot@T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "tgram://123456789:ABCdef-hij/-1001234",
    "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "workflows://prod-1.westus.logic.azure.com:443/643e69f83c8944/KODuebWbDGYFr0z0eu",
    "https://prod-1.westus.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu",
    "gchat://AAAAxyz/AIzaSy-key/token_1%3D",
    "https://chat.googleapis.com/v1/spaces/AAAAxyz/messages?key=AIzaSy-key&token=token_1%3D",
)
HOSTILE = (
    *(
        "json://127.0.0.1:9/?method=DELETE&+X-Header=1",
        "form://10.0.0.1/?-a=b",
        "xml://host/",
        "apprise://host/token",
    ),
    *("syslog://", "syslog://host", "rsyslog://host", "windows://", "dbus://", "gnome://", "glib://", "macosx://"),
    *(
        "mailto://user:pass@host",
        "mailtos://host?smtp=127.0.0.1",
        "smtp://host",
        "mqtt://host/topic",
        "irc://host/#c",
    ),
    *("mmost://host/token", "rocket://u:p@host/#c", "ntfy://host/topic", "gotify://host/token", "bark://host/key"),
    *(
        "matrix://u:p@host",
        "nctalk://u:p@host/room",
        "hassio://host/token",
        "synology://host/token",
        "xmpp://u:p@host",
    ),
    *(
        "signal://host/1/2",
        "gelf://host",
        "growl://host",
        "ncloud://u:p@host/to",
        "kodi://host",
        "pover://u@token",
    ),
    *(
        "workflows://127.0.0.1:443/a/b",
        "workflows://logic.azure.com.evil.example/a/b",
        "workflows://.logic.azure.com/a/b",
    ),
    *("workflows://evil.example/a.logic.azure.com/b", "workflows://a@b.logic.azure.com/a/b"),
    *(
        "workflows://x.logic.azure.com:80/a/b",
        "slack://T1/A1/abc?template=/etc/passwd",
        "slack://T1/A1/abc?verify=no",
    ),
    *(
        "discord://1/abc?template=/etc/passwd",
        "discord://1/abc?avatar_url=http://10.0.0.1/",
        "dingtalk://abc?to=1",
    ),
    *(
        "dingtalk://abc/../../x",
        "dingtalk://abc%2F..",
        "feishu://a/../b",
        "feishu://a?x=1",
        "feishu://a#b",
        "feishu://",
    ),
    *(
        "tgram://1:a/1?template=/etc/passwd",
        "tgram://1:a/../2",
        "https://open.feishu.cn.evil.example/open-apis/bot/v2/hook/a",
    ),
    *(
        "https://open.feishu.cn@evil.example/open-apis/bot/v2/hook/a",
        "http://open.feishu.cn/open-apis/bot/v2/hook/a",
    ),
    *(
        "https://open.feishu.cn:8443/open-apis/bot/v2/hook/a",
        "https://hooks.slack.com/services/T1/A1/abc\n",
        "\nfeishu://a",
    ),
    *(
        "feishu://a\r\nX: 1",
        "feishu://ａ",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "nonsense",
    ),
)


class Service:
    """Answers for a robot's service, and keeps what it was sent."""

    def __init__(self, status: int = 200, **said: object) -> None:
        self.answer, self.asked = Answer(status, {}, json.dumps(said).encode()), []

    def __call__(self, method: str, url: str, **more: object) -> Answer:
        self.asked.append((method, url, more))
        return self.answer


@pytest.mark.parametrize("address", KNOWN)
def test_a_known_robot_is_sent_one_message_at_its_own_service(address):
    """By POST over TLS, with no header of the member's, and only to public addresses."""
    service = Service(ok=True, errcode=0, code=0)
    send_chat(address, subject="A\r\nB", text="what <waits> & where", fetch=service)
    ((method, url, more),) = service.asked
    assert (method, urlsplit(url).scheme, urlsplit(url).port) == ("POST", "https", None)
    assert urlsplit(url).netloc in SERVICES
    assert (more["policy"].networks, more["policy"].redirects) == ((), 0)
    assert list(more["headers"]) == ["Content-Type"]
    assert "A B" in json.dumps(json.loads(more["body"]))


@pytest.mark.parametrize("address", HOSTILE)
def test_any_other_address_is_refused_and_nothing_is_sent(address):
    """Neither when it is wished nor when it was stored before."""
    service = Service()
    assert not is_chat(address)
    with pytest.raises(ChannelError, match="not known"):
        send_chat(address, subject="s", text="t", fetch=service)
    assert service.asked == []


_piece = st.text(alphabet="/:@?#&=%.\\\r\n -_+abcAZ019ａ。", max_size=24)
_form = st.sampled_from([*KNOWN, *(f"{one.split('://')[0]}://" for one in KNOWN)])


@given(_form, _piece, st.integers(0, 90))
def test_whatever_is_put_into_an_address_it_leads_to_a_service(form, piece, where):
    """At any place in it."""
    found = robot_at(form[:where] + piece + form[where:])
    if found is not None:
        robot, parts = found
        place = urlsplit(robot.url(parts))
        assert place.scheme == "https"
        assert place.netloc in SERVICES or place.netloc.endswith(".logic.azure.com")
        assert place.username is None
        assert ".." not in place.path


@pytest.mark.parametrize(
    ("address", "said", "is_taken"),
    [
        ("dingtalk://a", {"errcode": 0, "errmsg": "ok"}, True),
        ("dingtalk://a", {"errcode": 310000, "errmsg": "keywords not in content"}, False),
        ("wecombot://a", {"errcode": 93000}, False),
        ("feishu://a", {"code": 19001}, False),
        ("feishu://a", {"StatusCode": 0, "code": 0}, True),
        ("feishu://a", {}, False),
        ("tgram://1:a/1", {"ok": False}, False),
        ("slack://T/A/a", {}, True),
    ],
)
def test_a_status_of_200_that_says_no_is_a_no(address, said, is_taken):
    """Several services answer so; what they say is not shown."""
    with nullcontext() if is_taken else pytest.raises(ChannelError, match=r"^[A-Za-z]+ did not take it$"):
        send_chat(address, subject="s", text="t", fetch=Service(**said))


def test_a_status_is_named_and_the_body_is_not():
    """404 and the page that came with it."""
    with pytest.raises(ChannelError) as refused:
        send_chat("feishu://a", subject="s", text="t", fetch=Service(404, secret="page"))
    assert str(refused.value) == "Feishu: status 404"


def test_a_message_for_dingtalk_is_signed_with_the_secret():
    """As its documentation says: HMAC-SHA256 of time and secret."""
    service = Service(errcode=0)
    send_chat("dingtalk://SECabc@token1", subject="s", text="t", fetch=service)
    query = parse_qs(urlsplit(service.asked[0][1]).query)
    ((moment,), (sign,), (token,)) = (query[name] for name in ("timestamp", "sign", "access_token"))
    made = hmac.new(b"SECabc", f"{moment}\nSECabc".encode(), hashlib.sha256).digest()
    assert (token, sign) == ("token1", base64.b64encode(made).decode())


def test_a_long_message_is_cut():
    """To what each service takes."""
    for robot in ROBOTS:
        service = Service(ok=True, errcode=0, code=0)
        address = next(one for one in KNOWN if robot_at(one)[0] is robot)
        send_chat(address, subject="字", text="字" * 10_000, fetch=service)
        assert service.asked[0][2]["body"].decode().count("字") <= robot.most
