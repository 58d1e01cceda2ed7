"""A second copy of the candidate is killed and begun again: `recovery`, the seconds in which nobody is served."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from urllib.request import urlopen


def begin(data: str) -> tuple["subprocess.Popen[str]", str]:
    """The candidate, and where it answers."""
    command = [sys.executable, "-m", "shop.serve", "new", "--data", data, "--parent", str(os.getpid())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith("ready "):
        raise SystemExit("it did not begin")
    return process, line.split()[1]


def answers(at: str) -> int:
    """How many of ten questions it answers well."""
    good = 0
    for _ in range(10):
        try:
            with urlopen(f"{at}/products/12", timeout=5) as answer:  # noqa: S310  (of this machine)
                good += answer.status == 200
        except OSError:
            pass
    return good


def main() -> None:
    """Killed as it serves, begun again, asked again."""
    with tempfile.TemporaryDirectory() as data:
        first, at = begin(data)
        before = answers(at)
        first.send_signal(signal.SIGKILL)
        began = time.monotonic()
        first.wait()
        second, at = begin(data)
        after = answers(at)
        recovery = time.monotonic() - began
        second.terminate()
        second.wait(30)
    print(json.dumps({"recovery": recovery, "n": before + after}))
    sys.exit(0 if before == after == 10 else 1)


if __name__ == "__main__":
    main()
