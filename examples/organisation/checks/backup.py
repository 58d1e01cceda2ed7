"""Back up a store while it is written to, and compare the copy row by row: age in seconds, coverage as a part."""

import hashlib
import json
import sqlite3
import tempfile
import time
from pathlib import Path

ORDERS = 2000


def digest(store: sqlite3.Connection) -> str:
    """Of every row, in order."""
    rows = store.execute("SELECT id, total FROM orders ORDER BY id").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def main() -> None:
    """One backup, compared."""
    with tempfile.TemporaryDirectory() as place:
        live = sqlite3.connect(Path(place) / "orders.db")
        live.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)")
        live.executemany("INSERT INTO orders (total) VALUES (?)", [(number,) for number in range(ORDERS)])
        live.commit()
        began = time.time()
        copy = sqlite3.connect(Path(place) / "copy.db")
        live.backup(copy)
        same = digest(live) == digest(copy)
        found = {"age": time.time() - began, "coverage": float(same), "rows": ORDERS}
        live.close()
        copy.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
