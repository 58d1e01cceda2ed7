"""docs/how-to/extend.md: what it describes is built as it stands there, installed, and checked."""

import json
import re
from pathlib import Path

import pytest
from foreign_package import installed, run, said

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "extend.md"
BLOCK = re.compile(r"^```(?:python|po|html)\n(?:#|<!--) (\S+)(?: -->)?\n(.*?)^```", re.M | re.S)
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


BOOKS = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unfelt.adapters.sources import Epoch
from unfelt.adapters.sources.forms import log_form
from unfelt.conf import plugins
from unfelt.documents.load import load_change
home, form, began = Path(sys.argv[1]), log_form("maple"), datetime(2026, 11, 23, 12, tzinfo=UTC)
change, log = load_change(home / "plan.yaml"), home / "access.log"
def line(second, arm, order):
    time = f"{began + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S.%f}Z"
    said = {"time": time, "type": "end", "id": time, "customer": order, "arm": arm, "served": arm, "attempts": 1}
    where = {"epoch": 1, "phase": "watch", "share": 0.5, "method": "GET", "path": "/", "status": 200}
    return form.line(said | where | {"duration_ms": 1, "flags": "-", "bytes": 1, "order": order})
orders = [(n / 10, ("old", "new")[n % 2], f"o{n}") for n in range(10)]
later = [line(120 + n / 10, "none", None) for n in range(3)]
log.write_bytes(b"".join(line(*one) for one in orders) + b"".join(later))
source = plugins.part("source", "access_log")(change, home / "state", log=log, form=form)
epochs = (Epoch(1, "watch", 0.5, "a", began.replace(tzinfo=None)),)
def looked(number):
    return source.collect(number, epochs=epochs, lapses=(), now=began + timedelta(minutes=5))
print(looked(0).stale)
(home / "old.txt").write_text("o0 o2 o4 o6 o8")
(home / "new.txt").write_text("o1 o3 o7")
told = looked(1)
bad = {"old": 0, "new": 0}
for one in told.tallies:
    bad[one.arm] += one.bad if one.metric == "picked" else 0
print(told.stale, bad)
"""
BOOKED = """
unfelt: 1
change: {id: c, title: A change, owner: a@b.example}
experience:
  customer: cookie:uid
  observe: 10s
  grace: 1s
  columns: {order: response:x-order}
  metrics: [{id: picked, source: book, margin: 1%}]
  sources: {book: {kind: harvest_book, promise: order, within: 5s, old: old.txt, new: new.txt}}
guard: {impact_budget: 200 customers, tick: 5s}
"""


def test_promises_are_looked_up_in_the_source_of_the_page(site: Path):
    """While its books are not there the metric is unmeasured; then what is in none is bad for its customer."""
    (site / "plan.yaml").write_text(BOOKED, "utf-8")
    assert said(site, "-c", BOOKS, str(site)).splitlines() == ["('picked',)", "() {'old': 0, 'new': 2}"]


def test_a_plan_is_told_the_kinds_of_sources_that_there_are(site: Path):
    """Ours and that of the page, for one that nobody registers and for one that is left out."""
    known = "access_log, harvest_book, reconciliation"
    for kind, remedy in (("kind: ledger, ", f"Allowed: {known}."), ("", f"Add `kind:` with one of: {known}.")):
        (site / "plan.yaml").write_text(BOOKED.replace("kind: harvest_book, ", kind), "utf-8")
        assert remedy in run(site, "-m", "unfelt", "--lang", "en", "check", str(site / "plan.yaml")).stderr


def test_a_plan_with_the_source_of_the_page_is_read_again_as_it_was(site: Path):
    """Its fields are in the expanded plan and in the schema, and a wrong one is said at its place."""
    (site / "plan.yaml").write_text(BOOKED, "utf-8")
    check = ("-m", "unfelt", "--lang", "en", "check")
    expanded = json.loads(said(site, *check, str(site / "plan.yaml"), "--expand"))
    book = {"kind": "harvest_book", "promise": "order", "within": "5s", "old": "old.txt", "new": "new.txt"}
    assert expanded["experience"]["sources"] == {"book": book}
    schema = json.loads(said(site, *check, "--schema", "change"))["$defs"]["HarvestBook"]
    assert schema["properties"]["old"]["description"] == "The book of the old version."
    (site / "plan.yaml").write_text(BOOKED.replace("old: old.txt", "olt: old.txt"), "utf-8")
    told = run(site, *check, str(site / "plan.yaml")).stderr
    assert ("plan.yaml:10" in told, "Did you mean old?" in told) == (True, True)


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


RECORDED = """
import random, sys
from pathlib import Path
home = Path(sys.argv[1])
draw = random.Random(4)
arms = [draw.choice(("old", "new")) for _customer in range(600)]
for arm in ("old", "new"):
    lines = [
        f"door 2026-11-23T04:{n // 60:02d}:{n % 60:02d}.5Z u{n} {200 if n % 7 else 500} {n}000us /pay?n={n}\\n"
        for n in range(600) if arms[n] == arm
    ]
    (home / f"{arm}.log").write_text("".join(lines) + "a door\\n")
"""
PLAN = """
unfelt: 1
change: {id: c, title: A change, owner: a@b.example}
experience:
  customer: cookie:uid
  observe: 10s
  grace: 1s
  metrics: [{id: failed, bad: "status >= 500 AND duration_ms < 700", margin: 5%}]
  sources: {requests: {kind: access_log, old: old.log, new: new.log}}
guard: {impact_budget: 200 customers, tick: 5s}
"""


def test_a_recording_in_the_format_of_the_page_is_judged(site: Path):
    """Found by its lines, and every line is in the account."""
    (site / "judge.yaml").write_text(PLAN, "utf-8")
    said(site, "-c", RECORDED, str(site))
    told = json.loads(
        run(site, "-m", "unfelt", "judge", str(site / "judge.yaml"), "--share", "0.5", "--json").stdout
    )
    arms = told["account"]["arms"].values()
    assert (told["account"]["format"], told["account"]["detected"]) == ("maple_door", True)
    assert [sum(arm[kind] for arm in arms) for kind in ("lines", "read", "unparsed")] == [602, 600, 2]


VISIT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from unfelt.web.site.settings import application
home = Path(sys.argv[1])
application(home, f"sqlite:///{home}/records.db", host="127.0.0.1")
from django.test import Client
from unfelt.engines.people.actions import add_member
from unfelt.testing.contracts import engine_faults
ann = add_member("ann", by="ann", at=datetime.now(UTC), roles=["owner"])
visitor = Client(HTTP_HOST="127.0.0.1", headers={"Accept-Language": sys.argv[2]})
visitor.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
for address in ("/orchard/", "/risks/", "/search/?q=maple", "/live/"):
    answer = visitor.get(address)
    print(address, answer.status_code, "果园" in answer.content.decode(), "Orchard" in answer.content.decode())
print(Client(HTTP_HOST="127.0.0.1").get("/orchard/").status_code, engine_faults("orchard"))
"""


@pytest.mark.parametrize(("language", "words"), [("zh", "True False"), ("en", "False True")])
def test_the_console_has_the_page_its_tab_and_what_it_finds(site: Path, language: str, words: str):
    """In the reader's language, on the pages of its row alone; whoever is not known is not let in."""
    told = said(site, "-c", VISIT, str(site), language).splitlines()
    assert told == [
        f"/orchard/ 200 {words}",
        f"/risks/ 200 {words}",
        f"/search/?q=maple 200 {words}",
        "/live/ 200 False False",
        "401 []",
    ]


def test_an_address_that_is_taken_is_said_and_the_rest_works(site: Path):
    """Its pages are left out; ours stand where they stood."""
    pages = site / "maple" / "orchard" / "pages.py"
    pages.write_text(pages.read_text("utf-8").replace('"orchard/"', '"changes/<str:other>/"'), "utf-8")
    code = VISIT.replace('engine_faults("orchard")', "*(str(one.said) for one in plugins.problems())")
    told = said(site, "-c", "from unfelt.conf import plugins\n" + code, str(site), "en").splitlines()
    assert told[0] == "/orchard/ 404 False False"
    assert told[1] == "/risks/ 200 False False"
    left_out = "the plug-in orchard cannot be used and is left out: the address /changes/…/ is taken"
    assert told[-1] == f"401 {left_out}"


PRUNE = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unfelt.web.site.settings import application
home = Path(sys.argv[1])
application(home, f"sqlite:///{home}/records.db", host="127.0.0.1")
from django.test import Client
from unfelt.engines.people.actions import add_member, make_token
from unfelt.engines.people.reading import reader_with
now = datetime.now(UTC)
for role in ("owner", "operator"):
    member = add_member(role, by="ann", at=now, roles=[role])
    visitor = Client(HTTP_HOST="127.0.0.1")
    visitor.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    page, sent = visitor.get("/orchard/").content.decode(), visitor.post("/orchard/prune/")
    token = make_token(member, "t", ["prune"], valid=timedelta(days=1), by=role, at=now)
    known = reader_with(token, now=now)
    print(role, "/orchard/prune/" in page, sent.status_code, known.may("prune"), known.may("read"))
"""


def test_the_right_of_the_page_is_held_by_its_role_alone(site: Path):
    """At the browser, and by a token that was given it as a scope."""
    assert said(site, "-c", PRUNE, str(site)).splitlines() == [
        "owner False 403 False False",
        "operator True 302 True False",
    ]


def test_pages_with_a_right_that_nobody_registers_are_left_out(site: Path):
    """It is said with the rights that there are, and the rest works."""
    pages = site / "maple" / "orchard" / "pages.py"
    pages.write_text(pages.read_text("utf-8").replace('right="prune"', 'right="water"'), "utf-8")
    code = VISIT.replace('engine_faults("orchard")', "*(str(one.said) for one in plugins.problems())")
    told = said(site, "-c", "from unfelt.conf import plugins\n" + code, str(site), "en").splitlines()
    assert told[:2] == ["/orchard/ 404 False False", "/risks/ 200 False False"]
    left_out = (
        "the plug-in orchard cannot be used and is left out: There is no right water. Known: read, comment, "
    )
    assert left_out in told[-1]


def test_the_command_line_has_the_command(site: Path):
    """Beside ours, in the help too."""
    assert said(site, "-m", "unfelt", "orchard") == "7\n"
    assert "Count the trees." in said(site, "-m", "unfelt", "--help")


def test_a_playbook_may_ask_for_the_evidence(site: Path):
    """And its page shows what it holds."""
    code = (
        "from pydantic import TypeAdapter\n"
        "from unfelt.documents.registered import EvidenceKind\n"
        "from unfelt.engines.ledger.payload import form_of\n"
        "held = form_of(TypeAdapter(EvidenceKind).validate_python('harvest'))(tree=7, numbers={'apples': 3})\n"
        "print([(str(label), text) for label, text in held.lines()], held.ruled())"
    )
    assert said(site, "-c", code) == "[('tree', '7')] None\n"


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
            "maple/__init__.py",
            '    "source_reader": {"harvest_book": "maple.book:Book"},\n',
            "",
            "source_kind harvest_book: it has no source_reader",
        ),
        ("maple/book.py", '["harvest_book"]', '["book"]', "harvest_book is no kind of source: it has to be a"),
        ("maple/orchard/rights.py", '{"operator"}', "()", "right prune: no role gives it"),
        ("maple/orchard/rights.py", '"prune"', '"sign"', "the name sign is taken"),
        ("maple/orchard/rights.py", '"operator"', '"gardener"', "There is no role gardener. Roles: requester, "),
        (
            "maple/orchard/entries.py",
            'holds=("tree",)',
            'holds=("picker",)',
            "a member is declared twice",
        ),
        ("maple/orchard/entries.py", "KINDS = (PICKED,)", "", "engine orchard: its entries have no KINDS"),
        ("maple/orchard/evidence.py", 'kind = "harvest"', 'kind = "crop"', "evidence harvest: its kind is 'crop'"),
        ("maple/orchard/evidence.py", "(Payload)", "", "evidence harvest: it is no Payload"),
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
