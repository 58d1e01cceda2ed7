"""What is simulated, drawn from a seed before anything begins: sealed by its digest, opened at the end."""

import json
import random
from pathlib import Path
from typing import Any

OWNERS = ("chen", "wang")
"""Who owns what the change touches besides its own."""
TASKS = (
    *("testing.functional", "testing.performance", "security.assessment", "security.stability"),
    *("backup.data", "quality.control", "brand.maintain", "security.measures"),
)
"""Controls that are given into somebody's hands."""
SLOWEST = 200
"""Minutes that an answer may take: the limit is four hours."""


def draw(seed: int) -> dict[str, Any]:
    """How long each answer takes in minutes, who refuses once, and which fault is put into the first attempt."""
    chance = random.Random(seed)  # noqa: S311  (nothing of it is a secret)
    return {
        "seed": seed,
        "answers": {name: chance.randrange(2, SLOWEST) for name in TASKS},
        "waivers": chance.randrange(5, 60),
        "refuses_once": chance.choice(OWNERS),
        "fault": "slow-phones",
        "traffic": chance.randrange(1, 10_000),
    }


def seal(file: Path, seed: int) -> dict[str, Any]:
    """The truth, in the file."""
    found = draw(seed)
    file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    return found
