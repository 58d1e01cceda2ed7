"""Fetches the scripts of others that the console serves: python -m unfelt.web.frame.vendor

What is fetched is listed in vendored.json with version, licence and hash; a file of another hash is refused.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
LISTED = STATIC.parent / "vendored.json"


def listed() -> list[dict[str, str]]:
    """Every file: `file` here, `package` and `version` on npm, `path` in the package, `licence`, `sha256`."""
    found: list[dict[str, str]] = json.loads(LISTED.read_text())
    return found


def fetch(one: dict[str, str]) -> bytes:
    """The file as npm has it; ValueError where its hash is another."""
    with tempfile.TemporaryDirectory() as place:
        packed = f"{one['package']}@{one['version']}"
        subprocess.run(["npm", "pack", "--silent", packed], cwd=place, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(place).glob("*.tgz"))) as package:
            member = package.extractfile(f"package/{one['path']}")
            content = member.read() if member is not None else b""
    digest = hashlib.sha256(content).hexdigest()
    if digest != one["sha256"]:
        raise ValueError(f"{packed}/{one['path']}: its sha256 is {digest}, and {one['sha256']} is listed")
    return content


def main() -> None:
    """All of them, or none."""
    fetched = {one["file"]: fetch(one) for one in listed()}
    for name, content in fetched.items():
        (STATIC / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes", file=sys.stdout)


if __name__ == "__main__":
    main()
