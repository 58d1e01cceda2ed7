"""How much an installation takes, part by part: what `make demo` installs, without tests and their tools.

python benchmarks/installed.py [MOST]
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements" / "demo.lock"


def size_of(name: str) -> int:
    """Bytes of the files that the package brought; 0 where it is not installed on this kind of machine."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())


def main(most: int) -> None:
    """The largest first, and the sum of all."""
    names = set(re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text(), flags=re.MULTILINE))
    sizes = sorted(((size_of(name), name) for name in names | {"unfelt"}), reverse=True)
    print(
        f"{sum(size for size, _name in sizes) / 1e6:.0f} MB in {sum(1 for size, _name in sizes if size)} packages"
    )
    for size, name in sizes[:most]:
        print(f"{size / 1e6:8.1f} MB  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
