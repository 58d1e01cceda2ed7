"""The source of one version, scanned for weaknesses by ruff's rules of flake8-bandit: a SARIF file."""

import subprocess
import sys
from pathlib import Path

SHARED = (
    "web.py",
    "pages.py",
    "cart.py",
    "catalog.py",
    "till.py",
    "pricing.py",
    "tax.py",
    "orders.py",
    "database.py",
)
VERSIONS = {"old": ("old.py", *SHARED), "new": ("gateway.py", "checkout.py", "builds.py", *SHARED)}


def main() -> None:
    """Arguments: where the shop's source lies, which version, the file to write."""
    shop, version, file = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    scan = [str(Path(sys.executable).with_name("ruff")), "check", "--isolated", "--no-cache", "--select", "S"]
    files = [str(shop / name) for name in VERSIONS[version]]
    ran = subprocess.run([*scan, "--exit-zero", "--output-format", "sarif", "-o", file, *files], check=False)
    sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
