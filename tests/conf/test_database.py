"""The tables of an installation, put in place by whoever comes first."""

import subprocess
import sys
from pathlib import Path

BEGIN = """
import sys
from pathlib import Path
from unfelt.conf.database import connect
from unfelt.web.site.settings import site_settings

more = site_settings(Path(sys.argv[2]), host="x") if sys.argv[3] == "console" else {}
connect(sys.argv[1], more=more)
from unfelt.records.models import Request

print(Request.objects.count())
"""


def begun_together(url: str, place: Path) -> list[tuple[int, str]]:
    """Two consoles and two guards that begin at the same moment over the same records: exit codes and words."""
    kinds = ("console", "guard", "console", "guard")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN, url, str(place), kind],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for kind in kinds
    ]
    said = [process.communicate(timeout=120)[0].strip() for process in running]
    return [(process.returncode, text) for process, text in zip(running, said, strict=True)]


def test_a_console_and_its_guard_may_begin_at_once(tmp_path: Path):
    """One of them makes the tables, the others wait for it."""
    assert begun_together(f"sqlite:///{tmp_path}/records.db", tmp_path) == [(0, "0")] * 4
