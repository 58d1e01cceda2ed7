"""How long files and functions are: a reader holds one in the head. `pytest -s` prints the medians."""

import ast
from pathlib import Path
from statistics import median

import unfelt

HOUSE = Path(unfelt.__file__).parent
LONGEST = 300
MADE = ("migrations",)
"""Folders of files that a program wrote."""


def files() -> list[Path]:
    """Every module that is written by hand."""
    return [path for path in HOUSE.rglob("*.py") if not set(path.parts).intersection(MADE)]


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def functions_of(path: Path) -> list[int]:
    """The lines of each function in the file, from `def` to its end."""
    found = ast.walk(ast.parse(path.read_text("utf-8")))
    return [
        one.end_lineno - one.lineno + 1 for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_file_is_longer_than_a_reader_bears():
    """Outside of what a program wrote."""
    assert {str(path.relative_to(HOUSE)): n for path in files() if (n := lines_of(path)) > LONGEST} == {}


def test_half_of_files_and_functions_are_short():
    """No longer in the median than when the house was cut anew."""
    lengths = [lines_of(path) for path in files()]
    functions = [length for path in files() for length in functions_of(path)]
    middle = (median(lengths), median(functions))
    print(f"\n{len(lengths)} files, {len(functions)} functions: medians of {middle[0]:g} and {middle[1]:g} lines")
    assert (middle[0] <= 91, middle[1] <= 7) == (True, True)
