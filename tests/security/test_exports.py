"""Tables that are opened in a spreadsheet: no text in them is taken for a formula."""

import csv
import io
import random
import unicodedata
from pathlib import Path

import pytest
from doors_house import a_team, someone

import unfelt
from unfelt.conf.language import Message
from unfelt.web.frame.tables import harmless, harmless_table

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u207a\u207b\u2212"
BEFORE = ("", " ", "\t", "\r", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202e", "\x00", " \t\r ")
RANDOM = random.Random(13)


def is_formula(text: str) -> bool:
    """As the most careless spreadsheet would take it: after whatever is not seen, full width folded."""
    rest = text.lstrip("".join(BEFORE)).strip()
    return bool(rest) and unicodedata.normalize("NFKC", rest[0])[0] in "=+-@\u2212"


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("sign", SIGNS)
def test_no_text_is_a_formula(before, sign):
    """Whatever stands before the sign, and whatever kind of value holds the text."""
    given = f"{before}{sign}cmd|' /C calc'!A0"
    found = harmless({"text": given, "said": Message("{x}", x=given), "list": [given]})
    assert [is_formula(str(one)) for one in found.values()] == [False] * 3
    assert found["text"].endswith(given)


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx"])
def test_what_begins_with_a_tab_or_an_end_of_line_is_a_text(text):
    """It would else begin a new cell."""
    assert harmless({"a": text})["a"] == f"'{text}"


def test_what_is_no_formula_stays_as_it_is():
    """Numbers stay numbers, and words stay words."""
    card = {
        "n": -5,
        "part": 0.5,
        "no": False,
        "word": "a=b",
        "mail": "lin@shop.example",
        "nothing": None,
        "空": "变更",
    }
    assert harmless(card) == {**card, "nothing": ""}


def test_random_cells_come_back_as_texts():
    """Written and read again: every cell is there, none is a formula."""
    letters = SIGNS + "".join(BEFORE).replace("\x00", "") + "ab,\"';\n"
    rows = [{"a": "".join(RANDOM.choices(letters, k=6)), "b": "x"} for _ in range(2_000)]
    text = harmless_table("a.csv", ("a", "b"), rows).content.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(found) == 2_000
    assert [row["a"] for row in found if is_formula(row["a"])] == []
    assert all(
        row["a"].removeprefix("'") == given["a"].removeprefix("'") for row, given in zip(found, rows, strict=True)
    )


def test_every_export_is_written_by_the_one_writer():
    """No page writes a table of its own."""
    house = Path(unfelt.__file__).parent
    texts = {str(path.relative_to(house)): path.read_text() for path in house.rglob("*.py")}
    writers = [name for name, text in texts.items() if "csv.writer" in text or "csv.DictWriter" in text]
    assert writers == ["web/frame/tables.py"]


def test_a_wish_that_is_a_formula_is_none_in_the_file():
    """From the form to the file."""
    one = someone(["owner"]).browser()
    one.post("/requests/", {"title": "\uff1d1+1 " + a_team(), "why": "\t@SUM(1)"})
    text = one.get("/requests.csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if is_formula(cell)] == []
