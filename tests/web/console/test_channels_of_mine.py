"""How a member is told: each channel has its field and its check, a plug-in's as well as ours."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from foreign_package import installed
from serving import Served, post, served

pytestmark = pytest.mark.slow

ME, FORM = "/settings/me/", "/settings/me/telling/"
USUAL = {"every": "0", "zone": "UTC", "language": "en"}
ROBOT = "dingtalk://SECabc@token1"
PAGER = """\
from unfelt.conf.language import Message
class Pager:
    label, hint, is_given = Message("By pager"), Message("pager://KEY"), True
    def problem(self, address):
        return None if address.startswith("pager://") else Message("A pager has an address such as pager://k3y7.")
    def send(self, address, *, subject, text, means): ...
"""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console where somebody's pagers are installed."""
    place = tmp_path_factory.mktemp("pagers")
    files = {"maple/__init__.py": "PARTS = {'channel': {'pager': 'maple.pager:Pager'}}\n", "maple/pager.py": PAGER}
    where = {"PYTHONPATH": str(installed(place / "site", files))}
    with served(Path(place) / "home", environment=where) as running:
        yield running


def test_addresses_are_kept_by_channel_and_each_can_be_left_out_again(console):
    """Each stands in its own field."""
    ann = console.known(by="root")
    both = {"way:chat": ROBOT, "way:pager": "pager://k3y7"}
    assert post(ann, FORM, page=ME, **USUAL, **both).status_code == 302
    page = ann.get(ME).text
    assert ("By a chat robot" in page, "By pager" in page) == (True, True)
    assert (f'name="way:chat" type="text" value="{ROBOT}"' in page) is True
    assert ('name="way:pager" type="text" value="pager://k3y7"' in page) is True
    post(ann, FORM, page=ME, **USUAL, **{"way:pager": "pager://k3y7"})
    page = ann.get(ME).text
    assert (ROBOT in page, "pager://k3y7" in page) == (False, True)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("way:chat", "json://10.0.0.1/", "That is no address of a chat robot of DingTalk"),
        ("way:pager", "4711", "A pager has an address such as pager://k3y7."),
        ("way:pager", "pager://k3y7\nhttps://10.0.0.1/", "An address has neither spaces nor line breaks."),
    ],
)
def test_what_is_no_address_is_said_at_its_field(console, field, typed, said):
    """In the words of the channel."""
    answer = post(console.known(by="root"), FORM, page=ME, **USUAL, **{field: typed})
    text = html.unescape(answer.text)
    assert (answer.status_code, said in text, f'id="wrong-{field}"' in text) == (409, True, True)
