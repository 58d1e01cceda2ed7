"""The reference of the command line, and what click says in Chinese."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from unfelt.cli import COMMANDS
from unfelt.cli.words import wrap_text

CHINESE = """
from unfelt.conf.language import set_language
set_language("zh")
from unfelt.cli.words import teach_click
teach_click()
from unfelt.cli.reference import page
print(page().split("## unfelt", 1)[1])
"""
DOCS = Path(__file__).parents[2] / "docs" / "reference"


def said(*arguments: str, language: str) -> subprocess.CompletedProcess[str]:
    """What python says with these arguments, in a process of its own: help keeps the language it was loaded in."""
    environment = {**os.environ, "UNFELT_LANG": language, "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_reference_of_commands_is_current(tmp_path: Path) -> None:
    """docs/reference/commands.md is what the commands say of themselves: see its first line."""
    made = said("-m", "unfelt.cli.reference", str(tmp_path), language="en")
    assert (made.returncode, made.stderr) == (0, "")
    assert (DOCS / "commands.md").read_text("utf-8") == (tmp_path / "commands.md").read_text("utf-8")


def test_help_is_chinese_but_for_names() -> None:
    """In the Chinese help of every command no English phrase is left."""
    made = said("-c", CHINESE, language="zh")
    assert (made.returncode, made.stderr) == (0, "")
    phrases = [line.strip() for line in made.stdout.splitlines() if re.search(r"([a-z]{2,} ){3}[a-z]{2,}", line)]
    assert phrases == ["unfelt: changes that your customers never feel (无感变更)."]


def test_wrong_use_is_said_in_chinese() -> None:
    """click's own errors speak the reader's language."""
    answer = said("-c", "from unfelt.cli import main; main()", "check", "--nope", language="zh")
    assert answer.returncode == 2
    assert answer.stderr.splitlines()[-1] == "错误：没有选项 '--nope'。"


@pytest.mark.parametrize("width", [20, 40, 78])
def test_lines_of_chinese_fit_the_screen(width: int) -> None:
    """A Chinese character takes two columns, and no line begins with a comma or a stop."""
    text = "一次只把少量客户切到新版，证明变更无感，或让他们回退。退出码：0 已完成，1 已回退。" * 3
    lines = wrap_text(text, width, "  ", "  ").splitlines()
    assert [line for line in lines if cell_len(line) > width + 1 or line.strip()[0] in "，。："] == []


def test_wrapping_loses_nothing() -> None:
    """The words are the same, line breaks aside."""
    text = "Move customers over, a few at a time 一次只把少量客户切到新版。"
    assert wrap_text(text, 12).replace("\n", " ").replace(" ", "") == text.replace(" ", "")


def test_every_command_has_its_place_in_the_reference() -> None:
    """No command is left out."""
    headings = re.findall(r"^## ([\w-]+)$", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE)
    assert headings == ["unfelt", *COMMANDS]
