"""Unregistered differences: old against old, and planted ones, through the source and the judge of a rollout.

.venv/bin/python benchmarks/differences.py [--runs 300] [--routes 40] [--first SEED] [--planted] [--workers 2]

Each run is a rollout at half share: the router's log is written, read by the source of a live rollout, and looked
at every few seconds. Printed: how many of the runs without a difference show one; for each planted difference how
many of the runs show it, and after how many customers on new.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import pi, sin
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scipy.stats import beta

from unfelt.adapters.sources import Epoch
from unfelt.adapters.sources.forms import log_form
from unfelt.adapters.sources.live import LiveSource
from unfelt.documents.change import Change
from unfelt.engines.differences.judge import Judge

BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
SHARE, OBSERVE, EVERY = 0.5, 20.0, 10.0
Line = dict[str, Any]
Mutation = Callable[[random.Random, Line], Line | list[Line] | None]
HEADERS = (
    "cache-control=max-age=N|content-length|content-type|date|etag|server|set-cookie:sid;httponly;path;secure"
)


@dataclass(frozen=True)
class Traffic:
    """What comes: customers a second on so many routes, with what real traffic has besides."""

    routes: int = 40
    rate: float = 8.0
    seconds: float = 300.0
    cycle: float = 0.0
    """How much the rate swings over the day (here: over the run)."""
    bots: float = 0.0
    """Parts of the requests that one client makes, all over the site."""
    caching: float = 0.0
    """How often an answer is 304, less and less."""
    growing: bool = False
    """Ids in paths grow, and so do answers."""


@dataclass(frozen=True)
class Run:
    """One rollout; name: of what is planted on new, if anything."""

    traffic: Traffic
    seed: int
    name: str = ""


def plan() -> Change:
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "bench", "title": "Bench", "owner": "nobody@example.com"},
            "experience": {
                "customer": "cookie:uid",
                "observe": f"{OBSERVE:g}s",
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "100 customers"},
        }
    )


def visits(traffic: Traffic, draw: random.Random) -> Iterator[tuple[float, str]]:
    """When whom: customers with a journey each, and a bot that is everywhere."""
    now, number = 0.0, 0
    while now < traffic.seconds:
        swing = 1 + traffic.cycle * sin(2 * pi * now / traffic.seconds)
        now += draw.expovariate(traffic.rate * max(0.1, swing))
        number += 1
        customer = "bot" if draw.random() < traffic.bots else f"c{number}"
        at = now
        for _ in range(1 + min(9, int(draw.expovariate(0.5)))):
            yield at, customer
            at += draw.expovariate(1.0)


def request(traffic: Traffic, draw: random.Random, at: float) -> Line:
    """One request as it is where nothing differs."""
    route = min(int(draw.paretovariate(0.6)) - 1, traffic.routes - 1)
    name = f"area{chr(97 + route % 26)}/{_word(route)}"
    status = draw.choices((200, 404, 302), (94, 3, 3))[0]
    if traffic.caching and draw.random() < traffic.caching * at / traffic.seconds:
        status = 304
    size = int(600 * (1 + route % 7) * (1 + (at / traffic.seconds if traffic.growing else 0)))
    path = f"/{name}/{int(1000 + at * 10)}" if traffic.growing and route % 3 == 0 else f"/{name}"
    return {
        "method": "POST" if route % 5 == 4 else "GET",
        "path": path,
        "status": status,
        "duration_ms": draw.lognormvariate(3 + route % 3, 0.6),
        "bytes": 0 if status == 304 else int(size * draw.uniform(0.9, 1.1)),
        "flags": "-",
        "_host": "shop.example",
        "_location": "/login" if status == 302 else None,
        "_type": "text/html; charset=utf-8" if route % 2 else "application/json",
        "_headers": HEADERS,
        "_query": "page&q" if route % 6 == 1 else None,
    }


def _word(number: int) -> str:
    letters = ""
    while True:
        number, rest = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[rest] + "aeiou"[rest % 5]
        if not number:
            return letters


def lines(run: Run) -> Iterator[tuple[float, Line]]:
    """The log's lines in the order of their time."""
    draw = random.Random(run.seed)
    came = sorted(visits(run.traffic, draw))
    number = 0
    for at, customer in came:
        arm = "new" if random.Random(f"{run.seed}{customer}").random() < SHARE else "old"
        told: Line | list[Line] | None = request(run.traffic, draw, at)
        if arm == "new" and run.name in PLANTED:
            told = PLANTED[run.name](random.Random(f"{run.seed}{customer}{at}"), told)
        for one in told if isinstance(told, list) else [] if told is None else [told]:
            number += 1
            yield (
                at,
                {
                    "time": (BEGAN + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    "type": "end",
                    "id": f"r{number}",
                    "customer": customer,
                    "arm": arm,
                    "served": arm,
                    "attempts": 1,
                    "epoch": 1,
                    "phase": "watch",
                    "share": SHARE,
                    **one,
                },
            )


def play(run: Run) -> tuple[str, int | None, tuple[str, ...]]:
    """The name; the customers on new when the first difference was found, and what is found in the end."""
    epochs = [Epoch(1, "watch", SHARE, "salt", BEGAN)]
    judge, first, found = Judge(), None, list[str]()
    with TemporaryDirectory() as name:
        log_file = Path(name) / "access.jsonl"
        source = LiveSource(plan(), Path(name) / "state", log=log_file, form=log_form("envoy"))
        number, due, text = 0, EVERY, list[bytes]()
        for at, line in [*lines(run), (run.traffic.seconds + 2 * OBSERVE, {})]:
            if at >= due:
                beat = {
                    "time": (BEGAN + timedelta(seconds=at)).isoformat(),
                    "type": "end",
                    "arm": "none",
                    "epoch": 1,
                }
                text += [json.dumps(beat | {"id": f"b{due}{i}"}).encode() + b"\n" for i in range(3)]
                with log_file.open("ab") as file:
                    file.writelines(text)
                text, due = [], at + EVERY
                now = BEGAN + timedelta(seconds=at)
                number = source.collect(number, epochs=epochs, lapses=(), now=now).number
                counted = source.compare(known=len(judge.features))
                crossed = judge.look(counted)
                if crossed and first is None:
                    first = int(counted.everybody[:, 1].sum())
                    one = crossed[0].feature
                    found = [f"{one.kind} {one.route} {one.value}"]
            if line:
                text.append(json.dumps(line).encode() + b"\n")
        source.close()
    return run.name, first, tuple(found)


def on(test: Callable[[Line], bool], part: float = 1.0, **changed: Any) -> Mutation:  # noqa: ANN401
    """Requests that pass the test, or a part of them, are answered otherwise."""

    def mutate(draw: random.Random, line: Line) -> Line:
        hit = test(line) and draw.random() < part
        return (
            {**line, **{name: made(line) if callable(made) else made for name, made in changed.items()}}
            if hit
            else line
        )

    return mutate


def _is(route: str) -> Callable[[Line], bool]:
    return lambda line: line["path"].startswith(route)


FIRST = f"/area{chr(97)}/{_word(0)}"
SECOND = f"/area{chr(98)}/{_word(1)}"


def dropped(draw: random.Random, line: Line) -> Line | None:
    """One in three of the follow-ups does not come."""
    return None if line["path"].startswith(SECOND) and draw.random() < 1 / 3 else line


def again(draw: random.Random, line: Line) -> list[Line]:
    """A request is made again, as by a page that loads twice."""
    return [line, line] if line["path"].startswith(FIRST) and draw.random() < 0.5 else [line]


def other_headers(old: str, new: str) -> Mutation:
    return on(lambda line: True, _headers=lambda line: line["_headers"].replace(old, new))


PLANTED: dict[str, Mutation] = {
    "refused with 413, one in five of a route": on(_is(FIRST), 0.2, status=413),
    "refused with 401, one in twenty anywhere": on(lambda line: True, 0.05, status=401),
    "200 becomes 204": on(lambda line: _is(FIRST)(line) and line["status"] == 200, status=204, bytes=0),
    "a redirect leads away": on(lambda line: line["status"] == 302, _location="http://10.0.0.7:8080/login"),
    "a redirect is gone": on(lambda line: line["status"] == 302, status=200, _location=None),
    "type without its charset": on(lambda line: line["_type"].startswith("text/"), _type="text/html"),
    "a cookie loses Secure": other_headers(";secure", ""),
    "cookie no longer set": other_headers("|set-cookie:sid;httponly;path;secure", ""),
    "answers may not be kept": other_headers("max-age=N", "no-store"),
    "a security header is gone": other_headers("date|", ""),
    "one answer four times as large": on(_is(FIRST), bytes=lambda line: 4 * line["bytes"]),
    "one answer a tenth larger": on(_is(FIRST), bytes=lambda line: int(1.1 * line["bytes"])),
    "empty answers, one in ten": on(lambda line: True, 0.1, bytes=0),
    "a route twice as slow": on(_is(FIRST), duration_ms=lambda line: 2 * line["duration_ms"]),
    "all a quarter slower": on(lambda line: True, duration_ms=lambda line: 1.25 * line["duration_ms"]),
    "follow-ups that do not come": dropped,
    "a request made twice": again,
    "connections cut, one in twenty": on(lambda line: True, 0.05, flags="UC", status=0),
    "only with a query: 400": on(lambda line: bool(line["_query"]), 0.5, status=400),
    "another path": on(_is(SECOND), path="/area-new/page"),
    "POST becomes 405": on(lambda line: line["method"] == "POST", 0.3, status=405),
    "never 304": on(lambda line: line["status"] == 304, status=200, bytes=900),
}


def interval(hits: int, runs: int) -> str:
    low = beta.ppf(0.025, hits, runs - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, runs - hits) if hits < runs else 1.0
    return f"{low:.1%} to {high:.1%}"


def kinds(routes: int) -> list[Traffic]:
    base = Traffic(routes=routes)
    return [
        base,
        replace(base, cycle=0.9),
        replace(base, bots=0.2),
        replace(base, caching=0.8),
        replace(base, growing=True),
        replace(base, cycle=0.7, bots=0.1, caching=0.5, growing=True),
    ]


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--routes", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.workers) as pool:
        same = [
            Run(traffic, seed, f"kind {place}")
            for seed in range(asked.first, asked.first + -(-asked.runs // 6))
            for place, traffic in enumerate(kinds(asked.routes))
        ][: asked.runs]
        ended = list(pool.map(play, same))
        wrong = [one for one in ended if one[1] is not None]
        print(
            f"old against old, {asked.routes} routes: {len(wrong)} of {len(ended)} show a difference, "
            f"{interval(len(wrong), len(ended))}"
        )
        for one in wrong:
            print("  ", *one)
        if asked.planted:
            print(f"{'planted':45}{'found':>8}{'customers on new (median)':>28}   first")
            for name in PLANTED:
                traffic = Traffic(routes=asked.routes, caching=0.5 if "304" in name else 0.0)
                runs = [Run(traffic, 7000 + seed, name) for seed in range(5)]
                told = list(pool.map(play, runs))
                seen = sorted(one[1] for one in told if one[1] is not None)
                middle = str(seen[len(seen) // 2]) if seen else "–"
                say = next((one[2][0] for one in told if one[2]), "")
                print(f"{name:45}{len(seen):>4}/{len(told)}{middle:>28}   {say}")


if __name__ == "__main__":
    main()
