"""The source of a rollout that is under way: the router's own log, and the stores of both arms."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from unfelt.adapters.sources import (
    Batch,
    Epoch,
    Intake,
    Lapse,
    RetryableSourceError,
    SourceError,
    lines,
    state,
)
from unfelt.adapters.sources.asked import Asked
from unfelt.adapters.sources.clock import ReaderClock, Steady
from unfelt.adapters.sources.epochs import naive
from unfelt.adapters.sources.facts import Facts
from unfelt.adapters.sources.forms import FIELDS, LogForm
from unfelt.adapters.sources.intake import LogIntake, Reading
from unfelt.adapters.sources.keeping import read_batch, write_batch
from unfelt.adapters.sources.promises import Promises
from unfelt.adapters.sources.provided import check_expressions, live_measures
from unfelt.adapters.sources.rows import Rows
from unfelt.adapters.sources.segments import SegmentValues
from unfelt.adapters.sources.tallies import count_closed, count_failed, count_splits
from unfelt.adapters.sources.unregistered import Counted, Example, Feature
from unfelt.adapters.sources.unregistered.comparison import Comparison
from unfelt.adapters.sources.waits import learn
from unfelt.adapters.sources.windows import Windows
from unfelt.conf.language import Message
from unfelt.documents.change import Change

_Done = TypeVar("_Done")


class LiveSource:
    """A Source over the router's access log; it owns `directory` and no other process opens it.

    Customers are in the log under their pseudonyms already.
    """

    def __init__(
        self,
        change: Change,
        directory: Path,
        *,
        log: Path,
        form: LogForm,
        most: int = 64_000_000,
        keep: timedelta = timedelta(days=30),
        threads: int = 1,
        steady: Steady = time.monotonic,
    ) -> None:
        """Ready to collect, or SourceError when the plan asks what the log cannot tell."""
        self._steady = steady
        self._plain = live_measures(change)
        # The plan's own words: another version of unfelt goes on with them.
        self._asked = change.experience.model_dump_json() + json.dumps([one.name for one in change.guard.must_see])
        self._columns = lines.columns_of(change)
        self._types = FIELDS | dict.fromkeys(self._columns, "VARCHAR")
        self._directory = directory
        self._log, self._form = log, form
        self._most, self._keep, self._threads = most, keep, threads
        self._given = {one.by: one.values for one in change.experience.segments if one.values}
        directory.mkdir(parents=True, exist_ok=True)
        self._broken = True
        self._open()

    def collect(self, after: int, *, epochs: Sequence[Epoch], lapses: Sequence[Lapse], now: datetime) -> Batch:
        """The batch after batch `after`; the same one again if it was already made and not yet passed."""
        reader = ReaderClock(naive(now), self._steady(), self._steady)
        self._open()
        kept = self._connection.execute("SELECT number, body FROM live.batches").fetchone() or (0, "")
        if kept[0] == after + 1:
            return read_batch(kept[1])
        if kept[0] != after:
            raise SourceError(
                Message(
                    "Batch {wanted} was asked for and the source is at batch {last}: its directory {directory} "
                    "belongs to another state of the rollout.",
                    wanted=after + 1,
                    last=kept[0],
                    directory=self._directory,
                )
            )
        if any(epoch.phase != "baseline" for epoch in epochs):
            self._learn_waits()
        batch = self._whole(lambda: self._make(after + 1, epochs, lapses, reader))
        self._intake.sweep()
        return batch

    def segments(self, *, most: int) -> dict[str, tuple[str, ...]]:
        """The values seen so far of each segment column, most customers first, at most `most` of each."""
        return self._values.seen(most=most)

    def fix_segments(self, values: Mapping[str, Sequence[str]]) -> None:
        """From here on, and after a restart, tallies come for these values of each segment and for `other`."""
        self._values.fix(values)
        self._whole(self._facts.write)

    def compare(self, *, known: int) -> Counted:
        """What customers met besides what the plan names; features from number `known` on are fresh."""
        self._open()
        return self._whole(lambda: self._comparison.count(known=known))

    def examples(self, features: Sequence[Feature]) -> dict[int, Example]:
        """Requests on new that show the features, where one is kept."""
        return self._whole(lambda: self._comparison.examples(features))

    def close(self) -> None:
        """Everything written, every file closed."""
        if self._broken:
            return
        kept = self._connection.execute("SELECT coalesce(max(number), 0) FROM live.batches").fetchone()
        if kept and self._rows.any_gathered():
            self._whole(lambda: self._rows.write(number=kept[0]))
        self._connection.close()
        self._broken = True

    def _open(self) -> None:
        if not self._broken:
            return
        try:
            self._connection = duckdb.connect(str(self._directory / "source.duckdb"))
        except duckdb.IOException as error:
            raise SourceError(
                Message(
                    "The experience of this rollout in {directory} is in use by another process, or cannot be "
                    "opened: {error}",
                    directory=self._directory,
                    error=str(error).splitlines()[0],
                )
            ) from error
        self._connection.execute(f"SET TimeZone = 'UTC'; SET threads = {self._threads}")
        try:
            self._prepare()
        except SourceError:
            self._connection.close()
            raise
        self._broken = False

    def _prepare(self) -> None:
        check_expressions(self._connection, self._plain, self._types)
        self._facts = Facts(self._connection)
        self._measures = self._plain.compared_with(self._facts.get("waits", {}))
        self._check_plan()
        self._connection.execute("CREATE TABLE IF NOT EXISTS live.batches (number BIGINT, body VARCHAR)")
        self._asked_for = Asked(self._connection)
        self._values = SegmentValues(self._connection, self._measures, self._facts, given=self._given)
        self._windows = Windows(self._connection, self._measures)
        self._promises = Promises(self._connection, self._measures)
        self._comparison = Comparison(self._connection, self._measures)
        self._rows = Rows(self._connection, self._directory / "experience", fields=self._types, keep=self._keep)
        self._intake = LogIntake(
            self._connection,
            self._facts,
            log=self._log,
            form=self._form,
            chunk=self._directory / "chunk.jsonl",
            measures=self._measures,
            columns=self._columns,
            most=self._most,
        )

    def _learn_waits(self) -> None:
        """What counts as slow is fixed when the baseline is over, once for all."""
        if not self._plain.waits or self._facts.get("waits", {}):
            return
        rows = f"FROM ({self._rows.all()}) WHERE phase = 'baseline'"
        self._facts.put("waits", learn(self._connection, lines.answered(rows, self._columns), self._plain))
        self._whole(self._facts.write)
        self._prepare()

    def _check_plan(self) -> None:
        """The directory holds nothing that was gathered for other questions."""
        if self._facts.get("plan", self._asked) != self._asked:
            raise SourceError(
                Message(
                    "The experience in {directory} was gathered under other metrics, segments or windows. Use a "
                    "directory of its own for each revision of the plan.",
                    directory=self._directory,
                )
            )
        self._facts.put("plan", self._asked)
        self._facts.write()

    def _whole(self, work: Callable[[], _Done]) -> _Done:
        """All of the work is kept, or none of it."""
        try:
            self._connection.execute("BEGIN")
            done = work()
            self._connection.execute("COMMIT")
        except (duckdb.Error, OSError) as error:
            self._abandon()
            raise RetryableSourceError(
                Message(
                    "The log {log} could not be taken in: {error}", log=self._log, error=str(error).splitlines()[0]
                )
            ) from error
        except BaseException:
            self._abandon()
            raise
        return done

    def _abandon(self) -> None:
        """Nothing of the transaction is kept; the database is opened again the next time."""
        with suppress(duckdb.Error):
            self._connection.execute("ROLLBACK")
        with suppress(duckdb.Error):
            self._connection.close()
        self._broken = True

    def _make(self, number: int, epochs: Sequence[Epoch], lapses: Sequence[Lapse], reader: ReaderClock) -> Batch:
        reading = self._intake.read(reader)
        if reading.lines or self._promises.any:
            batch = self._advanced(number, reading, epochs, lapses, reader)
        else:
            batch = self._batch(number, reading, reader, reading.intake())
        self._facts.write()
        self._connection.execute("DELETE FROM live.batches")
        self._connection.execute("INSERT INTO live.batches VALUES ($1, $2)", [number, write_batch(batch)])
        return batch

    def _advanced(
        self,
        number: int,
        reading: Reading,
        epochs: Sequence[Epoch],
        lapses: Sequence[Lapse],
        reader: ReaderClock,
    ) -> Batch:
        """The windows after these lines."""
        now = reader.now.replace(tzinfo=UTC)
        self._promises.take_in(before=reading.before)
        read, stale = self._promises.check(now, clock=reader.read)
        self._windows.advance(epochs=epochs, lapses=lapses, reached=reading.reached, read=read)
        self._comparison.take_in(before=reading.before)
        self._rows.take_in(number=number)
        self._asked_for.count()
        self._rows.prune(now)
        self._values.count()
        if any(epoch.phase != "baseline" for epoch in epochs):
            self._leave_baseline()
        strays, by_arm = self._intake.strays(number=number, epochs=epochs, lapses=lapses)
        late, unknown = sum(strays.get("late", {}).values()), self._intake.unknown()
        return self._batch(
            number,
            reading,
            reader,
            reading.intake(late=late, unknown=unknown, strays=strays, by_arm=by_arm),
            tallies=tuple(count_closed(self._connection, self._measures, self._values.fixed).get(0, ())),
            failures=tuple(count_failed(self._connection, self._measures, self._values.fixed).get(0, ())),
            splits=tuple(count_splits(self._connection).get(0, ())),
            stale=stale,
        )

    def _batch(
        self,
        number: int,
        reading: Reading,
        reader: ReaderClock,
        intake: Intake,
        **told: Any,  # noqa: ANN401  (as Batch takes it)
    ) -> Batch:
        totals = state.totals(self._connection)
        reached = None if reading.reached is None else min(reading.reached, reader.now) - self._measures.grace
        return Batch(
            number=number,
            until=None if reached is None else reached.replace(tzinfo=UTC),
            **told,
            exposed=totals["exposed"],
            in_flight=state.in_flight(self._connection),
            felt=totals["felt"],
            fallen_back=totals["fallen"],
            customers=totals["customers"],
            crossed=totals["crossed"],
            mid_journey=totals["mid_journey"],
            stores=self._promises.counts(),
            excluded={name: totals[name] for name in ("share_change", "lapse", "pinned", "misplaced")},
            intake=intake,
            asked=self._asked_for.told(totals["customers"]),
            read=reader.now.replace(tzinfo=UTC),
        )

    def _leave_baseline(self) -> None:
        """What the baseline still tells is not experience of `new`, where everybody was on old."""
        for told in ("w_fresh", "w_failed", "w_closing"):
            self._connection.execute(f"DELETE FROM {told} WHERE baseline")
