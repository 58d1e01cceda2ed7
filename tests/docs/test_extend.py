"""docs/how-to/extend.md: what it describes is built as it stands there, installed, and checked."""

import re
from pathlib import Path

import pytest
from foreign_package import installed, said

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "extend.md"
BLOCK = re.compile(r"^```(?:python|po)\n# (\S+)\n(.*?)^```", re.M | re.S)
USE = """
import sys
from pathlib import Path
from unfelt.conf import plugins
from unfelt.conf.language import in_language
from unfelt.adapters.routers.handles import handle
from unfelt.engines.ledger.entry_kinds import label_of
made = plugins.part("router", "maple")(None, Path(sys.argv[1]), lease_address=("127.0.0.1", 1))
with in_language("zh"):
    print(type(handle(Path(sys.argv[1]))).__name__, label_of("apple picked"))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where the package of the page is installed."""
    return installed(tmp_path, dict(BLOCK.findall(PAGE.read_text("utf-8"))))


def test_the_check_of_the_page_passes_where_its_package_is_installed(site: Path):
    """With ours."""
    assert "3 passed" in said(site, "-m", "pytest", "-p", "no:cacheprovider", "test_maple.py")


MEMBER = """
from unfelt.adapters.channels.registered import by_channel, given_channels
from unfelt.conf.language import in_language
with in_language("zh"):
    print(*(f"{name}: {one.label}" for name, one in given_channels().items()), sep=", ")
print(dict(by_channel("dingtalk://t0k3n\\npager://k3y7")))
"""


def test_a_member_may_choose_the_channel_of_the_page(site: Path):
    """Beside ours, and each address goes to its own channel."""
    expected = "chat: 通过聊天机器人, pager: 通过寻呼机\n{'chat': 'dingtalk://t0k3n', 'pager': 'pager://k3y7'}\n"
    assert said(site, "-c", MEMBER) == expected


def test_router_and_engine_of_the_page_are_used(site: Path):
    """The router's directory leads to its handle; the entry has its Chinese label."""
    assert said(site, "-c", USE, str(site / "router")) == "MapleHandle 采摘苹果\n"


@pytest.mark.parametrize(
    ("path", "before", "after", "fault"),
    [
        ("maple/router.py", "def take_back(", "def take_them_back(", "router_handle maple: it has no take_back()"),
        ("maple/router.py", "def watched(", "def seen(", "router maple: it has no watched()"),
        (
            "maple/router.py",
            'log_form = "maple"',
            'log_form = "oak"',
            "router maple: its log_form 'oak' is not registered",
        ),
        ("maple/router.py", "def is_line(", "def reads(", "log_form maple: it has no is_line()"),
        ("maple/zh.po", 'msgstr "采摘苹果"', 'msgstr ""', "entry apple picked: its label"),
        (
            "maple/zh.po",
            'msgstr "通过寻呼机"',
            'msgstr ""',
            "channel pager: its label 'By pager' has no Chinese text",
        ),
        ("maple/pager.py", "def problem(", "def refuses(", "channel pager: it has no problem()"),
        (
            "maple/orchard/entries.py",
            'holds=("tree",)',
            'holds=("picker",)',
            "a member is declared twice",
        ),
        ("maple/orchard/entries.py", "KINDS = (PICKED,)", "", "engine orchard: its entries have no KINDS"),
        (
            "maple/__init__.py",
            '    "router_handle": {"maple": "maple.router:MapleHandle"},\n',
            "",
            "it has no router_handle",
        ),
    ],
)
def test_what_does_not_hold_is_named(site: Path, path: str, before: str, after: str, fault: str):
    """Each contract can be broken."""
    text = (site / path).read_text("utf-8")
    assert before in text
    (site / path).write_text(text.replace(before, after), "utf-8")
    assert fault in said(site, "-c", "from unfelt.testing.contracts import faults; print(faults())")
