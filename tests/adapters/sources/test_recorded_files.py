"""One Parquet or CSV file with both arms."""

from datetime import timedelta

import duckdb
import histories
import pytest

from unfelt.adapters.pseudonyms import pseudonym
from unfelt.adapters.sources import SourceError, Split
from unfelt.adapters.sources.hashing import pseudonym_of
from unfelt.adapters.sources.replay import Replay

SECRET = b"s" * 32
HEAD = "time,customer,arm,status\n"


def judging(**experience):
    given = {
        "customer": "column:customer",
        "observe": "0s",
        "later": [],
        "segments": [],
        "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
    }
    return histories.plan(**given | experience)


def judged(path, change=None, *, share=0.5, tick=10):
    wanted = timedelta(seconds=tick)
    with Replay(change or judging(), [path], share=share, tick=wanted, secret=SECRET) as replay:
        return list(replay.batches())


def csv(directory, text):
    path = directory / "data.csv"
    path.write_text(text)
    return path


def overall(batches, metric="failed"):
    """Customers and bad ones per arm and propensity."""
    counts = {}
    for one in (tally for batch in batches for tally in batch.tallies):
        if one.metric == metric and one.segment is None and one.stratum is None:
            n, bad = counts.get((one.arm, one.propensity), (0, 0))
            counts[one.arm, one.propensity] = (n + one.n, bad + one.bad)
    return counts


@pytest.mark.parametrize(
    "times",
    [
        ("2026-11-23T04:00:00Z", "2026-11-23T04:00:30Z"),
        ("2026-11-23 04:00:00", "2026-11-23 04:00:30"),
        ("2026-11-23T12:00:00+08:00", "2026-11-23 12:00:30+08"),
        ("1795406400", "1795406430.0"),
    ],
)
def test_times_are_understood(tmp_path, times):
    """Zones are respected, no zone is UTC, numbers are seconds since 1970."""
    batches = judged(csv(tmp_path, HEAD + f"{times[0]},a,old,200\n{times[1]},b,new,500\n"))
    assert batches[-1].until.isoformat() == "2026-11-23T04:00:30+00:00"
    assert overall(batches) == {("old", 0.5): (1, 0), ("new", 0.5): (1, 1)}


def test_batches_come_by_tick(tmp_path):
    """What closes in a tick is told in that tick, and ticks in which nothing happens are left out."""
    rows = "".join(f"2026-11-23T04:00:{s:02d}Z,c{s},{'old' if s % 2 else 'new'},200\n" for s in (0, 3, 9, 35))
    batches = judged(csv(tmp_path, HEAD + rows))
    sums = [sum(t.n for t in one.tallies if t.metric == "failed") for one in batches]
    told = [(one.number, one.until.second, n) for one, n in zip(batches, sums, strict=True)]
    assert told == [(1, 0, 1), (2, 10, 2), (3, 35, 1)]
    assert [one.intake.lines for one in batches] == [1, 2, 1]
    assert (Split(0.5, 2, 0),) == batches[1].splits


def test_the_share_column_makes_epochs(tmp_path):
    """A customer of old who stays in old when the share grows is bet on again at the conditional propensity."""
    text = "time,customer,arm,share,status\n"
    text += "2026-11-23T04:00:00Z,a,old,0.2,200\n2026-11-23T04:00:01Z,b,new,0.2,200\n"
    text += "2026-11-23T04:01:00Z,a,old,0.6,200\n2026-11-23T04:01:01Z,b,new,0.6,500\n"
    batches = judged(csv(tmp_path, text), share=None)
    assert overall(batches) == {("old", 0.2): (1, 0), ("new", 0.2): (1, 0), ("old", 0.5): (1, 0)}


def test_parquet_is_read_like_csv(tmp_path):
    """The same rows, the same batches."""
    path = csv(tmp_path, HEAD + "2026-11-23T04:00:00Z,a,old,200\n2026-11-23T04:00:30Z,b,new,500\n")
    duckdb.sql(f"COPY (FROM '{path}') TO '{tmp_path}/data.parquet'")
    assert judged(path) == judged(tmp_path / "data.parquet")


def test_rows_without_customer_are_counted(tmp_path):
    """They are left out of the comparison and said."""
    batches = judged(csv(tmp_path, HEAD + "2026-11-23T04:00:00Z,a,old,200\n2026-11-23T04:00:01Z,,new,500\n"))
    assert (batches[-1].customers, batches[-1].excluded["no_customer"]) == (1, 1)


def test_an_unknown_outcome_is_bad(tmp_path):
    """A row without the value that the metric asks for counts as bad and is counted as unknown."""
    batches = judged(csv(tmp_path, HEAD + "2026-11-23T04:00:00Z,a,old,\n2026-11-23T04:00:01Z,b,old,200\n"))
    assert overall(batches) == {("old", 0.5): (2, 1)}
    assert sum(one.intake.unknown for one in batches) == 1
    assert sum(t.bad for one in batches for t in one.failures if t.metric == "failed") == 1


@pytest.mark.parametrize(
    ("text", "share", "says"),
    [
        ("", 0.5, "holds no rows"),
        (HEAD, 0.5, "holds no rows"),
        ("time,arm\n2026-11-23,old\n", 0.5, "lacks the column customer. It has: time, arm."),
        (HEAD + "2026-11-23,a,control,200\n", 0.5, "the column arm holds control (1). Allowed: old"),
        (HEAD + "yesterday,a,old,200\n", 0.5, "1 rows have a time that cannot be read, such as yesterday."),
        (HEAD + "2026-11-23,a,old,200\n", None, "such as --share 0.5"),
        (HEAD + "2026-11-23,a,old,200\n", 1.0, "--share is 1.0; it must be between 0 and 1"),
        ("time,customer,arm,status,share\n2026-11-23,a,old,200,7\n", None, "1 rows hold something else"),
        (HEAD + "2026-11-23,,old,200\n", 0.5, "No row of the recording names a customer; 1 rows name none."),
        (
            "time,customer,arm,state\n2026-11-23,a,old,200\n",
            0.5,
            "reads the column status, which is not there. Did",
        ),
        (HEAD + "2026-11-23,a,old,fine\n", 0.5, "Texts become numbers with try_cast"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, text, share, says):
    """Nothing is judged from a file that is not what it should be."""
    with pytest.raises(SourceError) as caught:
        judged(csv(tmp_path, text), share=share)
    assert says in str(caught.value)


def test_a_reconciliation_cannot_be_judged_from_a_recording(tmp_path):
    """The stores were not recorded, so the metric is refused and not passed."""
    store = {"database": "sqlite:///orders.db", "query": "SELECT number FROM orders"}
    change = judging(
        metrics=[{"id": "lost", "margin": "1%", "source": "orders"}],
        sources={"orders": {"kind": "reconciliation", "promise": "order", "old": store, "new": store}},
    )
    with pytest.raises(SourceError, match="Metric lost is a reconciliation"):
        judged(csv(tmp_path, HEAD), change)


def test_pseudonyms_in_sql_are_those_of_the_router():
    """One definition of a pseudonym, in Python, Lua and SQL."""
    for secret in (b"short", b"s" * 32, bytes(range(100))):
        sql = f"SELECT {pseudonym_of('c', secret)} FROM (VALUES ('lin'), ('客户'), ('')) t(c)"
        assert [pseudonym(secret, one) for one in ("lin", "客户", "")] == [
            r[0] for r in duckdb.sql(sql).fetchall()
        ]
