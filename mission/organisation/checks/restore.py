"""The way back of the data, timed: orders of new come into a copy of the old store, and a fault is caught."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def missing(old: Path, new: Path) -> int:
    """Orders of new that are not in old."""
    with sqlite3.connect(old) as store:
        store.execute("ATTACH ? AS other", (str(new),))
        found = store.execute(
            "SELECT count(*) FROM (SELECT number FROM other.orders EXCEPT SELECT number FROM orders)"
        )
        return int(found.fetchone()[0])


def main() -> None:
    """Bring them back, see that none is missing, take one away, see that it is missed."""
    data = Path(os.environ["MISSION_DATA"])
    with tempfile.TemporaryDirectory() as place:
        old, new = Path(place) / "old.db", Path(place) / "checkout.db"
        for file in (old, new):
            with sqlite3.connect(data / file.name) as live, sqlite3.connect(file) as copy:
                live.backup(copy)
        began = time.monotonic()
        move = [sys.executable, "-m", "shop.move", "--back", "--old", str(old), "--checkout", str(new)]
        moved = subprocess.run(move, check=False, capture_output=True)
        seconds = time.monotonic() - began
        good = moved.returncode == 0 and missing(old, new) == 0
        with sqlite3.connect(old) as store:
            store.execute("DELETE FROM orders WHERE number = (SELECT max(number) FROM orders)")
        caught = missing(old, new) == 1
        shutil.rmtree(place, ignore_errors=True)
    print(json.dumps({"recovery_time": seconds, "fault_caught": int(caught)}))
    sys.exit(0 if good and caught else 1)


if __name__ == "__main__":
    main()
