"""Back up the stores of the shop while they are in use, and compare each copy row by row: `age`, `coverage`."""

import json
import os
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

STORES = {"old.db": ("products", "customers", "orders"), "checkout.db": ("products", "customers", "orders")}


def contents(store: sqlite3.Connection, tables: tuple[str, ...]) -> list[list[tuple[object, ...]]]:
    """Every row of these tables."""
    return [sorted(store.execute(f"SELECT * FROM {one}").fetchall()) for one in tables]  # noqa: S608  (names of ours)


def main() -> None:
    """Each store into a file, opened anew and compared; an empty one is no backup."""
    data, began, whole, rows = Path(os.environ["MISSION_DATA"]), time.time(), 0, 0
    with tempfile.TemporaryDirectory() as place:
        for name, tables in STORES.items():
            with sqlite3.connect(data / name) as live, sqlite3.connect(Path(place) / name) as copy:
                live.backup(copy)
            with sqlite3.connect(Path(place) / name) as again, sqlite3.connect(data / name) as live:
                kept = contents(again, tables)
                count = sum(map(len, kept))
                is_whole = count > 0 and again.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                whole, rows = whole + is_whole, rows + count
    print(json.dumps({"age": time.time() - began, "coverage": whole / len(STORES), "n": rows}))
    sys.exit(0 if whole == len(STORES) else 1)


if __name__ == "__main__":
    main()
