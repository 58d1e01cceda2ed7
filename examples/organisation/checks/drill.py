"""The way back, timed: a copy is restored elsewhere, its invariants hold, and a planted fault is caught."""

import json
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

ORDERS = 5000


def holds(file: Path) -> bool:
    """Every order is there and adds up."""
    with sqlite3.connect(file) as store:
        count, total = store.execute("SELECT count(*), sum(total) FROM orders").fetchone()
    return (count, total) == (ORDERS, ORDERS * (ORDERS - 1) // 2)


def main() -> None:
    """Restore, check, plant a fault, see it caught."""
    with tempfile.TemporaryDirectory() as place:
        kept, restored = Path(place) / "kept.db", Path(place) / "restored.db"
        with sqlite3.connect(kept) as store:
            store.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)")
            store.executemany("INSERT INTO orders VALUES (?, ?)", [(number, number) for number in range(ORDERS)])
        began = time.monotonic()
        shutil.copy(kept, restored)
        good = holds(restored)
        seconds = time.monotonic() - began
        with sqlite3.connect(restored) as store:
            store.execute("DELETE FROM orders WHERE id = 7")
        caught = not holds(restored)
    print(json.dumps({"recovery_time": seconds, "fault_caught": int(caught)}))
    sys.exit(0 if good and caught else 1)


if __name__ == "__main__":
    main()
