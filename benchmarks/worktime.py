"""Business time: questions over ten years, beside a clock that walks minute by minute, in one run.

Run it with: .venv/bin/python benchmarks/worktime.py
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "worktime"))
from slow_clock import SlowClock

from unfelt.worktime.calendar import Calendar
from unfelt.worktime.clock import add, worked
from unfelt.worktime.days import working_days_after
from unfelt.worktime.hours import parse_hours, parse_week

START, END = datetime(2016, 1, 4, 9, tzinfo=UTC), datetime(2026, 1, 4, 9, tzinfo=UTC)
FORTY = timedelta(hours=40)
ZONE = "Europe/London"


def office(**more: object) -> Calendar:
    """Monday to Friday, 09:00 to 18:00; nothing asked yet."""
    return Calendar("office", ZONE, parse_week({"mon-fri": [parse_hours("09:00-18:00")]}), **more)


def slow() -> SlowClock:
    """The same."""
    return SlowClock(ZONE, {day: [(540, 1080)] for day in range(5)})


def seconds(ask: Callable[[], object], times: int = 1) -> float:
    """What one answer takes."""
    began = time.perf_counter()
    for _each in range(times):
        ask()
    return (time.perf_counter() - began) / times


def forty_hours_slow(clock: SlowClock, start: datetime) -> datetime:
    """Minute by minute until they are over."""
    left = FORTY
    for one, other in clock.walk(start, start + timedelta(days=30), []):
        left -= other - one
        if not left:
            return other
    raise AssertionError


def main() -> None:
    """A line for each question."""
    rng = Random(3)
    starts = [START + timedelta(minutes=rng.randrange(3650 * 1440)) for _each in range(200)]
    clock, fresh, known = slow(), office(), office()
    walked = seconds(lambda: [forty_hours_slow(clock, start) for start in starts]) / len(starts)
    first = seconds(lambda: [add(fresh, start, FORTY) for start in starts]) / len(starts)
    again = seconds(lambda: [add(fresh, start, FORTY) for start in starts], 5) / len(starts)
    assert [add(fresh, start, FORTY) for start in starts] == [forty_hours_slow(clock, start) for start in starts]
    print(f"add 40 working hours, 200 starts in ten years: {again * 1e6:.0f} µs; first time {first * 1e6:.0f} µs;")
    print(
        f"  minute by minute {walked * 1e3:.2f} ms: {walked / again:,.0f} and {walked / first:,.0f} times as long"
    )
    long_slow = seconds(lambda: sum((b - a for a, b in slow().walk(START, END, [])), timedelta(0)))
    long_first = seconds(lambda: worked(known, START, END))
    long_again = seconds(lambda: worked(known, START, END), 5)
    print(f"working time of ten years: {long_again * 1e3:.1f} ms; first time {long_first * 1e3:.1f} ms;")
    print(
        f"  minute by minute {long_slow:.1f} s: "
        f"{long_slow / long_again:,.0f} and {long_slow / long_first:,.0f} times as long"
    )
    china = Calendar("china", "Asia/Shanghai", office().week, "CN")
    ninety = seconds(lambda: working_days_after(china, datetime(2026, 5, 1, tzinfo=UTC), 90), 20)
    print(f"90 working days after, in China: {ninety * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
