"""Under libfaketime: what this process starts goes by the machine's own clock, and sleeping works.

`clock_nanosleep`, by which Python 3.11 and later sleep, fails there.
"""

import os
import select
import time


def sleep(seconds: float) -> None:
    """Nothing happens for that long."""
    select.select([], [], [], seconds)


time.sleep = sleep
for name in ("LD_PRELOAD", "PYTHONPATH"):
    os.environ.pop(name, None)
