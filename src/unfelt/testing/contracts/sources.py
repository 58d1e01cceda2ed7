"""What a source keeps to, driven for real over a log that is written line by line."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from unfelt.adapters.sources import Batch, Epoch, Source, SourceError
from unfelt.adapters.sources.forms import LogForm, log_form
from unfelt.conf import plugins
from unfelt.documents.change import Change
from unfelt.testing.contracts.checks import Check, broken

BEGAN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(minutes=5)
EPOCHS = (Epoch(1, "watch", 0.5, "a", BEGAN.replace(tzinfo=None)),)
GARBAGE = b"\x01 no line of any form, by lin@shop.example\n"


@dataclass
class Bench:
    """A source over a log of its own, and what it has told so far."""

    make: Callable[..., Source]
    form: LogForm
    directory: Path
    source: Source = field(init=False)
    batches: list[Batch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory.mkdir()
        self.log = self.directory / "access.log"
        self.log.touch()
        self.open()

    def open(self) -> None:
        """As after a restart."""
        self.source = self.make(_plan(), self.directory / "state", log=self.log, form=self.form)

    def write(self, *lines: bytes) -> None:
        """The log grows."""
        with self.log.open("ab") as file:
            file.writelines(lines)

    def line(self, second: float, customer: str, arm: str = "old", **more: Any) -> bytes:  # noqa: ANN401
        """The line of a request that was answered then."""
        return self.form.line(_said(BEGAN + timedelta(seconds=second), customer, arm) | more)

    def later(self) -> None:
        """The log goes on after every window has closed: two heartbeats, which belong to no arm."""
        at = BEGAN + timedelta(minutes=1, seconds=len(self.batches))
        self.write(*(self.form.line(_said(at, None, "none") | {"id": f"beat-{at}-{n}"}) for n in range(2)))

    def collect(self) -> Batch:
        """The next batch."""
        batch = self.source.collect(len(self.batches), epochs=EPOCHS, lapses=(), now=NOW)
        self.batches.append(batch)
        return batch

    def judged(self) -> dict[str, tuple[int, int]]:
        """Customers, and those who met something bad, by arm, over all batches."""
        found: dict[str, tuple[int, int]] = {}
        told = [one for batch in self.batches for one in batch.tallies]
        for one in (one for one in told if (one.metric, one.segment) == ("failed", None)):
            n, bad = found.get(one.arm, (0, 0))
            found[one.arm] = (n + one.n, bad + one.bad)
        return found

    def close(self) -> None:
        """Every file is closed."""
        with suppress(Exception):
            self.source.close()


def source_faults(source: str | Callable[..., Source], form: str | LogForm, *, directory: Path) -> list[str]:
    """What the source does not keep to over logs of that form; both by name, or as they are. A few seconds."""
    make = plugins.part("source", source) if isinstance(source, str) else source
    how = log_form(form) if isinstance(form, str) else form
    found: list[str] = []
    for number, check in enumerate(CHECKS):
        bench = Bench(make, how, directory / f"bench-{number}")
        found += broken([check], bench)
        bench.close()
    return found


def _plan() -> Change:
    metric = {"id": "failed", "bad": "status >= 500", "margin": "1%"}
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "contract", "title": "Contract", "owner": "lin"},
            "experience": {"customer": "cookie:uid", "observe": "1s", "grace": "1s", "metrics": [metric]},
            "guard": {"impact_budget": "10 customers"},
        }
    )


def _said(at: datetime, customer: str | None, arm: str) -> dict[str, Any]:
    spelled = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
    who = {"time": spelled, "type": "end", "id": f"{customer}-{spelled}", "customer": customer, "arm": arm}
    where = {"served": arm, "attempts": 1, "epoch": 1, "phase": "watch", "share": 0.5}
    what = {"method": "GET", "path": "/", "status": 200, "duration_ms": 10, "flags": "-", "bytes": 10}
    return who | where | what | {"device": "phone"}


def form_is_its_own(bench: Bench) -> Iterator[str]:
    """What the form writes is a line of it, whole; what is none is known."""
    written = bench.line(0, "c1")
    if not written.endswith(b"\n") or written.count(b"\n") != 1 or not bench.form.is_line(written.decode()):
        yield f"Written: {written!r}."
    if bench.form.is_line(GARBAGE.decode()):
        yield f"It takes {GARBAGE!r} for a line."


def counts_each_once(bench: Bench) -> Iterator[str]:
    """Each customer is counted once in their arm, with what they met, however the log is read."""
    for number in range(20):
        arm, status = ("old", "new")[number % 2], 503 if number == 1 else 200
        bench.write(bench.line(number / 10, f"c{number}", arm, status=status))
        if number % 7 == 0:
            bench.collect()
    for _look in range(3):
        bench.later()
        bench.collect()
    if bench.batches[-1].customers != 20 or bench.judged() != {"old": (10, 0), "new": (10, 1)}:
        yield f"Of 20 customers: {bench.batches[-1].customers}; customers and bad by arm: {bench.judged()}."
    if (lines := sum(one.intake.lines for one in bench.batches)) != 26:
        yield f"Of 26 lines: {lines}."


def waits_for_the_end_of_a_line(bench: Bench) -> Iterator[str]:
    """A line that is half written counts when it is whole, and once."""
    whole, half = bench.line(0, "c1"), bench.line(0.1, "c2")
    bench.write(whole, half[:20])
    if (seen := bench.collect()).customers != 1 or seen.intake.unparsed:
        yield f"Before: {seen.customers} customers, {seen.intake.unparsed} lines that did not parse."
    bench.write(half[20:])
    if (seen := bench.collect()).customers != 2 or seen.intake.unparsed:
        yield f"Then: {seen.customers} customers, {seen.intake.unparsed} lines that did not parse."


def follows_a_rotated_log(bench: Bench) -> Iterator[str]:
    """A log that is renamed and begun anew is read to its end first, and each line counts once."""
    bench.write(bench.line(0, "c1"), bench.line(0.1, "c2"))
    bench.collect()
    bench.write(bench.line(0.2, "c3"))
    bench.log.rename(bench.log.with_name(f"{bench.log.stem}-1{bench.log.suffix}"))
    bench.write(bench.line(0.3, "c4"))
    for _look in range(4):
        bench.collect()
    if (seen := bench.batches[-1].customers, sum(one.intake.lines for one in bench.batches)) != (4, 4):
        yield f"Of 4 customers and 4 lines: {seen}."


def says_what_it_cannot_read(bench: Bench) -> Iterator[str]:
    """A line of no form is counted as such, shown without what may be personal, and costs no other line."""
    bench.write(bench.line(0, "c1"), GARBAGE, bench.line(0.1, "c2"))
    seen = bench.collect()
    if (seen.customers, seen.intake.lines, seen.intake.unparsed) != (2, 3, 1):
        yield f"{seen.customers} customers, {seen.intake.lines} lines, {seen.intake.unparsed} that did not parse."
    if not seen.intake.examples or "lin" in "".join(seen.intake.examples):
        yield f"Shown: {seen.intake.examples}."


def does_not_believe_the_future(bench: Bench) -> Iterator[str]:
    """A line that is dated ahead of the clock is nobody's experience, and no window closes by it."""
    bench.write(bench.line(0, "c1"), *(bench.line(86_400 + n, f"late-{n}") for n in range(3)))
    seen = bench.collect()
    if seen.customers != 1:
        yield f"{seen.customers} customers instead of 1."
    if seen.until is not None and seen.until > NOW:
        yield f"Windows are closed up to {seen.until}; it is {NOW}."
    if not seen.intake.strays.get("ahead"):
        yield f"It is not said: {seen.intake.strays}."


def tells_a_batch_again(bench: Bench) -> Iterator[str]:
    """Asked again for a number, and after a restart, it tells the same batch; a number of elsewhere is refused."""
    for second in range(2):
        bench.write(bench.line(second / 10, f"c{second}", "new", status=503))
        last = bench.collect()
    again = bench.source.collect(1, epochs=EPOCHS, lapses=(), now=NOW)
    bench.source.close()
    bench.open()
    if again != last or bench.source.collect(1, epochs=EPOCHS, lapses=(), now=NOW) != last:
        yield "It tells another one."
    bench.later()
    if (seen := bench.collect()).customers != 2:
        yield f"Afterwards it knows {seen.customers} customers instead of 2."
    with suppress(SourceError):
        bench.source.collect(7, epochs=EPOCHS, lapses=(), now=NOW)
        yield "It makes a batch after one that it never made."


CHECKS: tuple[Check[Bench], ...] = (
    form_is_its_own,
    counts_each_once,
    waits_for_the_end_of_a_line,
    follows_a_rotated_log,
    says_what_it_cannot_read,
    does_not_believe_the_future,
    tells_a_batch_again,
)
