"""Small random histories of a rollout, as the router would log them."""

import json
import random
from datetime import datetime, timedelta
from hashlib import sha256

from unfelt.adapters.sources import Epoch, Lapse
from unfelt.documents.change import Change

BEGAN = datetime(2026, 11, 23, 17, 59, 0)  # noqa: DTZ001  (UTC; the windows work without a zone)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def plan(**experience) -> Change:
    """A plan with two metrics of different windows, a segment, a later look and a peak."""
    given = {
        "customer": "cookie:uid",
        "observe": "3s",
        "grace": "1s",
        "later": ["9s"],
        "segments": [{"by": "device", "values": ["phone", "desktop"]}],
        "metrics": [
            {"id": "failed", "bad": "status >= 500", "margin": "1%"},
            {"id": "slow", "bad": "path = '/pay' and duration_ms > 800", "margin": "1%", "observe": "7s"},
        ],
    }
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "split", "title": "Split", "owner": "lin@shop.example"},
            "experience": given | experience,
            "guard": {
                "impact_budget": "10 customers",
                "must_see": [{"name": "peak", "from": "18:00", "to": "18:01", "zone": "UTC"}],
            },
        }
    )


def epochs(draw: random.Random) -> list[Epoch]:
    """A baseline, then shares that rise and fall, some neighbours equal."""
    shares = [0.5, *(draw.choice((0.05, 0.2, 0.5, 0.8, 1.0, 0.0)) for _ in range(4))]
    lengths = [draw.uniform(8, 30) for _ in shares]
    began, made = BEGAN, []
    for number, (share, length) in enumerate(zip(shares, lengths, strict=True), 1):
        ended = began + seconds(length)
        phase, salt = ("baseline", "a") if number == 1 else ("watch", "b")
        made.append(Epoch(number, phase, share, salt, began, None if number == len(shares) else ended))
        began = ended
    return made


def lapses(draw: random.Random) -> list[Lapse]:
    began = BEGAN + seconds(draw.uniform(20, 90))
    return [Lapse(began, began + seconds(draw.uniform(0, 5)), "lease")] if draw.random() < 0.5 else []


def place(customer: str, salt: str) -> float:
    return int(sha256(f"{salt}|{customer}".encode()).hexdigest()[:8], 16) / 16**8


def lines(draw: random.Random, made: list[Epoch], *, customers: int = 12, requests: int = 150) -> list[dict]:
    """Lines in the order in which they were written: begun a little out of order, ended late, or never."""
    written = []
    for number in range(requests):
        time = BEGAN + seconds(draw.uniform(0, 110))
        epoch = [one for one in made if one.began <= time][-1]
        begun = _line(draw, f"r{number}", f"c{draw.randrange(customers)}", epoch, time)
        written.append((time + seconds(draw.uniform(0, 0.9)), begun))
        if draw.random() < 0.95:
            took = draw.choice((0.01, 0.3, 0.9, 2, 6, 12))
            written.append((time + seconds(took + 0.95), _ended(draw, begun, took, epoch)))
    return [line for _, line in sorted(written, key=lambda one: one[0])]


def _line(draw, request, customer, epoch, time):
    arm = "new" if place(customer, epoch.salt) < epoch.share else "old"
    if customer == "c0":
        arm = "pinned"
    if draw.random() < 0.01:
        arm = draw.choice(("old", "new"))
    return {
        "time": time,
        "type": "start",
        "id": request,
        "customer": None if customer == "c1" else customer,
        "arm": "none" if customer == "c1" else arm,
        "served": "none",
        "attempts": 0,
        "epoch": epoch.number,
        "phase": epoch.phase,
        "share": epoch.share,
        "path": draw.choice(("/pay", "/cart")),
        "status": None,
        "duration_ms": None,
        "device": draw.choice(("phone", "desktop", "fridge", "")),
    }


def _ended(draw, begun, took, epoch):
    served = "old" if epoch.phase == "baseline" or begun["arm"] != "new" else "new"
    served = "old" if draw.random() < 0.05 else served
    return begun | {
        "type": "end",
        "served": served,
        "attempts": draw.choice((1, 2)),
        "status": draw.choice((200,) * 12 + (500, None)),
        "duration_ms": took * 1000,
    }


def written(line: dict) -> bytes:
    """The line as the router writes it."""
    text = line | {"time": line["time"].isoformat(timespec="microseconds") + "Z", "method": "GET"}
    if text["status"] is None:
        text["status"] = 0
    return json.dumps(text).encode() + b"\n"


METRICS = {
    "failed": lambda line: None if line["status"] is None else line["status"] >= 500,
    "slow": lambda line: (
        line["path"] == "/pay" and (None if line["duration_ms"] is None else line["duration_ms"] > 800)
    ),
}
OBSERVES = {"failed": seconds(3), "slow": seconds(7)}
