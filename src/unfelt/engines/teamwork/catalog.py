"""The catalog where unfelt was begun, read again when the file was written again."""

from functools import lru_cache
from pathlib import Path

from unfelt.documents.catalog import Catalog
from unfelt.documents.load import load_catalog
from unfelt.documents.problems import DocumentErrors

FILE = Path("catalog.yaml")


def catalog_kept() -> Catalog | None:
    """As it stands; None where there is none, or it does not hold: its page says why."""
    try:
        return _read(FILE.resolve(), FILE.stat().st_mtime_ns)
    except (OSError, DocumentErrors):
        return None


@lru_cache(maxsize=4)
def _read(file: Path, _written: int) -> Catalog:
    return load_catalog(file)
