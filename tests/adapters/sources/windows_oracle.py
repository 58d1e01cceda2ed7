"""The rules of the windows once more, slowly, line by line, with dicts and loops: what the SQL must agree with."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from unfelt.kernel.tally import ANYTHING


@dataclass
class Window:
    """One bet of the oracle."""

    customer: str
    look: int
    arm: str
    propensity: float
    baseline: bool
    stretch: int
    opened: datetime
    segment: str
    since: datetime
    line: int
    failed: dict = field(default_factory=dict)
    closed: set = field(default_factory=set)


class Oracle:
    """Takes lines one after the other; keeps every count that batches carry, summed over batches.

    Watching has begun from the first batch on, so what the baseline still tells is left out.
    """

    def __init__(self, *, epochs, lapses, metrics, observes, grace, later=(), values=(), peak=None):
        self.metrics, self.observes, self.grace, self.later = metrics, observes, grace, later
        self.values, self.peak, self.lapses = values, peak, list(lapses)
        self.seen, self.number, self.times = None, 0, []
        self.stretches = self._stretches(epochs)
        self.epochs = {epoch.number: epoch for epoch in epochs}
        self.ends = {}
        for epoch in epochs:
            self.ends[self.stretches[epoch.number]] = epoch.ended
        self.sightings, self.windows, self.answers, self.begun = {}, [], [], {}
        self.tallies, self.failures, self.splits, self.excluded = Counter(), Counter(), Counter(), Counter()
        self.customers, self.exposed, self.fallen, self.crossed, self.pinned = set(), set(), set(), set(), set()

    @staticmethod
    def _stretches(epochs):
        numbers, before = {}, None
        for epoch in epochs:
            kind = (epoch.salt, epoch.share, epoch.phase == "baseline")
            numbers[epoch.number] = numbers[before[0]] if before and before[1] == kind else epoch.number
            before = (epoch.number, kind)
        return numbers

    def take(self, line):
        """One line in the order of the log."""
        self.number += 1
        self.times = sorted([*self.times, line["time"]])[-3:]
        self.seen = self.times[0]
        self._end_stretches(line)
        self._close()
        customer, arm = line["customer"], line["arm"]
        if customer is None:
            return
        self.customers.add(customer)
        if arm in ("pinned", "excluded"):
            self.pinned.add(customer)
        baseline = self.epochs[line["epoch"]].phase == "baseline"
        if arm == "new" and not baseline:
            self.exposed.add(customer)
        if arm in ("old", "new"):
            self._sight(line, baseline)
        self._request(line, baseline)

    def _end_stretches(self, line):
        for number, stretch in self.stretches.items():
            if line["epoch"] > number and self.stretches[line["epoch"]] != stretch:
                end = self.ends.get(stretch)
                self.ends[stretch] = self.times[-1] if end is None else min(end, self.times[-1])

    def _sight(self, line, baseline):
        customer, arm, time = line["customer"], line["arm"], line["time"]
        stretch = self.stretches[line["epoch"]]
        history = self.sightings.setdefault((customer, 0), [])
        here = [one for one in history if one["stretch"] == stretch]
        if here and here[0]["arm"] != arm:
            self.crossed.add(customer)
        if time < self.seen - self.grace:
            return
        if not here and all(one["stretch"] < stretch for one in history):
            self._open(line, 0, arm, stretch, baseline)
            return
        for look, after in enumerate(self.later, 1):
            looks = self.sightings.setdefault((customer, look), [])
            due = here and time >= here[0]["time"] + after
            if due and all(one["stretch"] < stretch for one in looks):
                self._open(line, look, here[0]["arm"], stretch, baseline)

    def _open(self, line, look, arm, stretch, baseline):
        epoch = self.epochs[line["epoch"]]
        history = self.sightings.setdefault((line["customer"], look), [])
        same = [one for one in history if one["salt"] == epoch.salt]
        low = max([0.0, *(one["share"] for one in same if one["arm"] == "old")])
        high = min([1.0, *(one["share"] for one in same if one["arm"] == "new")])
        sighting = {"stretch": stretch, "arm": arm, "salt": epoch.salt, "share": epoch.share, "time": line["time"]}
        history.append(sighting)
        if high <= low:
            return
        propensity = round(min(1.0, max(0.0, (epoch.share - low) / (high - low))), 12)
        if not 0 < propensity < 1:
            return
        starts = [e.began for n, e in self.epochs.items() if self.stretches[n] == stretch]
        since = line["time"] if look else min(line["time"], max(line["time"] - self.grace, min(starts)))
        segment = line["device"] if line["device"] in self.values else "other"
        self.windows.append(
            Window(
                line["customer"],
                look,
                arm,
                propensity,
                baseline,
                stretch,
                line["time"],
                segment,
                since,
                self.number,
            )
        )
        if look == 0 and not baseline:
            self.splits[propensity, arm] += 1

    def _request(self, line, baseline):
        away = line["type"] == "end" and line["arm"] == "new" and line["served"] == "old" and not baseline
        fell = away and line["attempts"] > 1
        if fell:
            self.fallen.add(line["customer"])
        if away and not fell:
            second = self.times[-1].replace(microsecond=0) + timedelta(seconds=1)
            self.lapses.append((second, second + timedelta(seconds=1)))
        verdicts = {name: True if fell else bad(line) for name, bad in self.metrics.items()}
        if line["type"] == "start":
            self.begun[line["id"]] = line | {
                "line": self.number,
                "verdicts": {n: v is not False for n, v in verdicts.items()},
            }
            return
        begun = self.begun.setdefault(line["id"], line | {"line": self.number, "verdicts": {}})
        begun["verdicts"] = {n: verdicts[n] is None for n in verdicts}
        for window in self.windows:
            for name, verdict in verdicts.items():
                if verdict and self._holds(window, name, line) and line["time"] < self._cut(window):
                    self._fail(window, name)

    def _holds(self, window, name, line):
        end = window.opened + self.observes[name]
        return (
            window.customer == line["customer"]
            and window.since <= line["time"] < end
            and self.seen < end + self.grace
            and name not in window.closed
        )

    def _cut(self, window):
        ends = [datetime(9999, 1, 1)]  # noqa: DTZ001
        if self.ends.get(window.stretch) is not None:
            ends.append(self.ends[window.stretch])
        ends += [
            max(began, window.opened) for began, ended in self.lapses if ended is None or ended > window.opened
        ]
        return min(ends)

    def _fail(self, window, name):
        if name in window.failed:
            return
        if not window.failed and window.look == 0:
            self._count(self.failures, window, ANYTHING, 1, peaks=False)
        window.failed[name] = self.seen
        self._count(self.failures, window, self._called(name, window.look), 1, peaks=False)

    def _called(self, name, look):
        return f"{name}@{int(self.later[look - 1].total_seconds())}s" if look else name

    def _count(self, counter, window, metric, amount, *, peaks=True):
        if window.baseline:
            return
        cells = [(None, None), (None, f"device={window.segment}")]
        if peaks and self.peak and self.peak[0] <= window.opened.strftime("%H:%M:%S") < self.peak[1]:
            cells.append(("peak", None))
        for stratum, segment in cells:
            counter[metric, window.arm, window.propensity, stratum, segment] += amount

    def _close(self):
        for window in list(self.windows):
            for name, observe in sorted(self.observes.items(), key=lambda one: one[1]):
                if name not in window.closed and window.opened + observe + self.grace <= self.seen:
                    self._close_one(window, name)
            if len(window.closed) == len(self.metrics):
                self._close_all(window)
                self.windows.remove(window)

    def _close_one(self, window, name):
        window.closed.add(name)
        end = window.opened + self.observes[name]
        cut = self._cut(window)
        if cut < end or cut <= window.opened:
            return
        unknown = any(
            call["verdicts"][name]
            and call["customer"] == window.customer
            and window.since <= call["time"] < end
            and call["line"] >= window.line
            for call in self.begun.values()
        )
        if unknown:
            self._fail(window, name)
        metric = self._called(name, window.look)
        self._count(self.tallies, window, (metric, "n"), 1)
        self._count(self.tallies, window, (metric, "bad"), int(name in window.failed))

    def _close_all(self, window):
        if window.look:
            return
        cut = self._cut(window)
        if cut < window.opened + max(self.observes.values()) or cut <= window.opened:
            self.excluded["any"] += 1
            return
        self._count(self.tallies, window, (ANYTHING, "n"), 1)
        self._count(self.tallies, window, (ANYTHING, "bad"), int(bool(window.failed)))
        if window.failed and len(self.metrics) > 1:
            just = "anything=" + "&".join(name for name in self.metrics if name in window.failed)
            self._count(self.tallies, window, (just, "n"), 1)
            self._count(self.tallies, window, (just, "bad"), 1)
