"""JUnit's XML as pytest, surefire, jest, gotestsum, playwright and others write it: what ran, and what failed.

Suites hold suites. What a suite says of itself in its attributes is held beside what it lists: the worse counts.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import RAN, Ran, Report, counted, numbers, shown, written

ROOTS = ("testsuites", "testsuite")
BAD = ("failure", "error")
AGAIN = ("rerunFailure", "rerunError")
"""It failed, and failed when it was tried again; surefire writes these beside a failure."""
FLAKY = ("flakyFailure", "flakyError")
"""It failed, and passed when it was tried again."""
WORDS_BAD = frozenset(("fail", "failed", "failure", "error"))
WORDS_IDLE = frozenset(("notrun", "disabled", "skipped", "suppressed", "ignored"))
"""What googletest, CTest and others write in `status` and `result`."""
LONGEST = 1_000
"""Signs of the name of a suite, which many tests share."""
_MOST = 1_000_000_000


@dataclass(slots=True)
class _Case:
    name: str
    depth: int
    said: frozenset[str]
    held: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Suite:
    """What it says of itself, and what it holds: cases, those that did not run, marks of failure.

    tries: runs of a case beside its first, which some count as tests. unlisted, more: failures and tests that it
    says it has, and lists nowhere.
    """

    name: str
    says: tuple[int, int, int]
    seconds: float | None
    tests: int = 0
    tries: int = 0
    idle: int = 0
    marks: int = 0
    failures: int = 0
    unlisted: int = 0
    more: int = 0
    times: float = 0.0

    def close(self) -> None:
        """Nothing that it says of itself is better than what it lists."""
        tests, bad, idle = self.says
        unlisted, hidden = max(0, bad - self.marks), max(0, idle - self.idle)
        more = max(0, tests - self.tests - self.tries)
        self.unlisted += unlisted
        self.failures += unlisted
        self.marks += unlisted
        self.idle += hidden
        self.more += max(0, more - unlisted - hidden)
        self.tests += more

    def take(self, inner: "_Suite") -> None:
        """What an inner suite holds is held by this one too."""
        for name in ("tests", "tries", "idle", "marks", "failures", "unlisted", "more"):
            setattr(self, name, getattr(self, name) + getattr(inner, name))
        self.times += inner.times if inner.seconds is None else inner.seconds


class JUnit:
    """Reads one document."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.suites: list[_Suite] = []
        self.cases: list[_Case] = []
        self.failed: list[str] = []
        self.whole: _Suite | None = None
        self.ran, self.flaky = 0, 0

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A suite, a test, or a mark on one of them."""
        above = self.path[-1] if self.path else ""
        self.path.append(tag)
        if tag in ROOTS:
            self.suites.append(_suite(attributes))
        elif tag == "testcase":
            said = frozenset(attributes.get(name, "").lower() for name in ("status", "result"))
            self.cases.append(_Case(self._name(attributes), len(self.path), said))
        elif self.cases:
            if len(self.path) == self.cases[-1].depth + 1:
                self.cases[-1].held[tag] += 1
        elif tag in ("failure", "error") and above in ROOTS:
            self.suites[-1].marks += 1
            self.suites[-1].failures += 1
            self.failed.append(self.suites[-1].name[:LONGEST])

    def _name(self, attributes: Mapping[str, str]) -> str:
        of = attributes.get("classname") or self.suites[-1].name[:LONGEST]
        return f"{of}.{attributes.get('name', '')}"

    def text(self, piece: str) -> None:
        """What tests print says nothing about them."""

    def end(self, tag: str) -> None:
        """A suite or a test is whole."""
        self.path.pop()
        if tag == "testcase":
            self._case(self.cases.pop(), self.suites[-1])
        elif tag in ROOTS:
            suite = self.suites.pop()
            suite.close()
            if self.suites:
                self.suites[-1].take(suite)
            else:
                self.whole = suite

    def _case(self, case: _Case, suite: _Suite) -> None:
        bad, again, flaky = (sum(case.held[tag] for tag in tags) for tags in (BAD, AGAIN, FLAKY))
        is_bad = bool(bad or again or case.said & WORDS_BAD)
        is_idle = "skipped" in case.held or bool(case.said & WORDS_IDLE)
        suite.tests += 1
        suite.tries += again + flaky
        suite.marks += max(bad, is_bad) + again + flaky
        suite.failures += is_bad
        suite.idle += is_idle and not is_bad
        self.failed += [case.name] if is_bad else []
        self.flaky += bool(flaky) and not is_bad
        self.ran += not is_idle

    def report(self) -> Report:
        """Tests, failures (errors are failures), those that did not run, and whether any did."""
        whole = self.whole or _suite({})
        found = {"tests": whole.tests, "failures": whole.failures, "skipped": whole.idle}
        seconds = whole.times if whole.seconds is None else whole.seconds
        found |= {"flaky": self.flaky} if self.flaky else {}
        return Report(
            "JUnit",
            numbers(found | ({"seconds": seconds} if seconds else {})),
            shown(whole.name),
            counted(self.failed),
            unnamed=whole.unlisted,
            ran=_ran(whole, max(self.ran, whole.tests - whole.idle)),
        )


def _ran(whole: _Suite, ran: int) -> Ran:
    """Nothing ran, it failed before any test, or it says that more ran than it lists."""
    if whole.failures:
        said = Message("no test ran to its end, and there are failures: {n}", n=whole.failures)
        return Ran("broken", said) if not whole.tests else RAN
    if ran <= 0:
        said = Message("no test ran: {tests} tests, {skipped} skipped", tests=whole.tests, skipped=whole.idle)
        return Ran("nothing", said)
    if whole.more:
        said = Message(
            "it says that {tests} tests ran, and does not list {n} of them", tests=whole.tests, n=whole.more
        )
        return Ran("little", said)
    return RAN


def _suite(attributes: Mapping[str, str]) -> _Suite:
    def count(*names: str) -> int:
        return sum(int(min(_MOST, max(0.0, written(attributes.get(name)) or 0))) for name in names)

    idle = count("skipped") or count("skip") or count("ignored")
    time = written(attributes.get("time", "").replace(",", ""))
    seconds = time if time is not None and time >= 0 else None
    says = (count("tests"), count("failures", "errors"), idle + count("disabled"))
    return _Suite(attributes.get("name", ""), says, seconds)
