"""The State Council's notices for 2024 to 2026 by hand: runs of days off, and days worked in exchange."""

from datetime import date, timedelta

NOTICES = {
    2024: (
        "01-01..01-01 02-10..02-17 04-04..04-06 05-01..05-05 06-10..06-10 09-15..09-17 10-01..10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01..01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def days_off(year: int) -> set[date]:
    """Every day that the notice names as off."""
    found = set()
    for run in NOTICES[year][0].split():
        first, last = (date.fromisoformat(f"{year}-{day}") for day in run.split(".."))
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return found


def days_worked(year: int) -> set[date]:
    """Every Saturday and Sunday that it names as worked."""
    return {date.fromisoformat(f"{year}-{day}") for day in NOTICES[year][1].split()}
