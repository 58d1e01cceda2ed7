"""Draws rollout.svg and rollout.zh.svg from rollout.json, a status recorded in the third act of the demo.

python docs/images/draw.py
"""

import html
import io
import json
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console

from unfelt.cli.views.rollout import rollout_panel
from unfelt.conf.language import _, in_language

HERE = Path(__file__).resolve().parent
WIDTH = 100
CELL = 12.2
"""Width of a column in rich's pictures."""
_RUN = re.compile(r'textLength="[\d.]+"([^>]*)>([^<]*)<')
FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace"


def picture(language: str) -> str:
    """The recorded status as a terminal of that language shows it, as SVG that asks no host for a font."""
    status = json.loads((HERE / "rollout.json").read_text("utf-8"))
    with in_language(language):
        console = Console(record=True, width=WIDTH, file=io.StringIO())
        console.print(rollout_panel(status, title=_("Split checkout out of the shop")))
        drawn = console.export_svg(title="unfelt run change.yaml", code_format=_format(), unique_id="rollout")
    return _RUN.sub(_stretch, drawn)


def _stretch(run: re.Match[str]) -> str:
    """A run of text as wide as its columns: rich counts a Chinese character as one."""
    return f'textLength="{CELL * cell_len(html.unescape(run[2])):g}"{run[1]}>{run[2]}<'


def _format() -> str:
    """rich's own form without the fonts that it would fetch."""
    local = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return local.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")


if __name__ == "__main__":
    for name, language in (("rollout.svg", "en"), ("rollout.zh.svg", "zh")):
        (HERE / name).write_text(picture(language), encoding="utf-8")
