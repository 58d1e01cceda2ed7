"""The letter that a member gets, and when: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from unfelt.adapters.channels.lines import one_line
from unfelt.conf.language import _, ngettext
from unfelt.engines.news import Item


@dataclass(frozen=True, slots=True)
class Wishes:
    """How often somebody wants to be told, and when not."""

    every: timedelta
    quiet_from: time | None
    quiet_to: time | None
    zone: str

    def is_quiet(self, now: datetime) -> bool:
        """They are not told now; a quiet time may reach over midnight.

        >>> from datetime import UTC
        >>> night = Wishes(timedelta(), time(22), time(7), "Asia/Shanghai")
        >>> [night.is_quiet(datetime(2026, 11, 27, hour, tzinfo=UTC)) for hour in (15, 3)]
        [True, False]
        """
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        here = now.astimezone(ZoneInfo(self.zone)).time()
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= here < self.quiet_to
        return here >= self.quiet_from or here < self.quiet_to

    def is_due(self, told_at: datetime, now: datetime) -> bool:
        """So long after the last time, and not in the quiet time."""
        return now - told_at >= self.every and not self.is_quiet(now)


def short_letter(count: int, base: str) -> tuple[str, str]:
    """Subject and text without a word that anybody wrote: for who does not get the whole letter through."""
    many = ngettext("{n} thing waits", "{n} things wait", count).format(n=count)
    where = _("What it is stands in the console: {address}").format(address=f"{base}/")
    return f"unfelt: {many}", f"{many}\n\n{where}\n"


def letter(items: Sequence[Item], base: str, *, house: str = "", contact: str = "") -> tuple[str, str]:
    """Subject and text in the language in force; the house speaks by its name, if it has one."""
    count = len(items)
    many = ngettext("{n} thing waits", "{n} things wait", count).format(n=count)
    subject = str(items[0].text) if count == 1 else many
    lines = [f"{item.text}\n  {base}{item.path}" for item in items]
    foot = _("How and when you are told: {address}").format(address=f"{base}/settings/me/")
    who = " · ".join(part for part in (house, contact) if part)
    return one_line(f"{house or 'unfelt'}: {subject}"), "\n\n".join([*lines, foot, *([who] if who else [])]) + "\n"
