"""Recorded experience, judged."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pyarrow import csv

from unfelt.cli import main

PLAN = """\
unfelt: 1
change: {id: split, title: Split, owner: lin@shop.example}
experience:
  customer: column:customer
  observe: 0s
  segments: [{by: device}]
  metrics: [{id: failed, bad: "status >= 500", margin: 2%}]
guard: {impact_budget: BUDGET customers}
"""


def recording(
    path: Path, *, customers: int = 6000, base: float = 0.02, ratio: float = 1.0, lost: float = 0.0
) -> Path:
    """One row per customer; new fails `ratio` times as often, and a part of its rows is lost."""
    chance = np.random.default_rng(7)
    new = chance.random(customers) < 0.5
    bad = chance.random(customers) < 0.02 * np.where(new, ratio, 1.0)
    kept = ~new | (chance.random(customers) >= lost)
    began = datetime(2026, 11, 23)  # noqa: DTZ001  (naive times are read as UTC)
    rows = {
        "time": [began + timedelta(seconds=i / 10) for i in range(customers)],
        "customer": [f"c{i}" for i in range(customers)],
        "arm": np.where(new, "new", "old"),
        "device": chance.choice(["phone", "desktop"], customers),
        "status": np.where(bad, 503, 200),
    }
    table = pa.table(rows).filter(pa.array(kept))
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path


def judged(directory: Path, data: Path, *options: str, budget: int = 150) -> Result:
    """What `unfelt judge` says of the data."""
    plan = directory / "change.yaml"
    plan.write_text(PLAN.replace("BUDGET", str(budget)))
    return CliRunner().invoke(main, ["judge", str(plan), str(data), *options])


@pytest.mark.parametrize(
    ("given", "final", "code"),
    [
        ({"ratio": 4.0}, "back", 1),
        ({"ratio": 1.0}, "promote", 0),
        ({"customers": 200}, "hold", 3),
        ({"lost": 0.4}, "unmeasured", 3),
    ],
)
def test_the_last_word_fits_the_recording(given, final, code, tmp_path):
    """Harm goes back, harmlessness is promoted, too little is held, and a wrong split is unmeasured."""
    result = judged(tmp_path, recording(tmp_path / "data.parquet", **given), "--share", "0.5", "--json")
    answer = json.loads(result.output)
    assert (answer["final"], result.exit_code) == (final, code)
    assert answer["split"]["ok"] is (final != "unmeasured")


def test_a_small_budget_is_spent_without_proof(tmp_path):
    """Harmless as it is, so few customers can prove nothing."""
    data = recording(tmp_path / "data.parquet")
    answer = json.loads(judged(tmp_path, data, "--share", "0.5", "--json", budget=5).output)
    assert answer["final"] == "spent"


def test_the_answer_holds_what_was_promised(tmp_path):
    """The fields that others build on."""
    data = recording(tmp_path / "data.parquet", ratio=4.0)
    answer = json.loads(judged(tmp_path, data, "--share", "0.5", "--json").output)
    assert {"final", "at", "because", "metric", "segment", "customers", "affected", "split", "decisions"} <= set(
        answer
    )
    assert answer["metric"] == "failed"
    assert set(answer["customers"]) == {"old", "new"}
    assert 0 < answer["affected"]["estimate"] <= answer["affected"]["at_most"]
    assert answer["decisions"][-1]["action"] == "back"


def test_csv_and_parquet_are_judged_alike(tmp_path):
    """The format of the file does not matter."""
    answers = [
        json.loads(judged(tmp_path, recording(tmp_path / name, ratio=4.0), "--share", "0.5", "--json").output)
        for name in ("data.parquet", "data.csv")
    ]
    assert answers[0] == answers[1]


def test_a_missing_share_is_asked_for(tmp_path):
    """Nothing can be judged without the probability of new."""
    result = judged(tmp_path, recording(tmp_path / "data.parquet", customers=50))
    assert result.exit_code == 3
    assert "--share" in result.output


def test_the_text_says_the_result_first(tmp_path):
    """A person reads the last word first."""
    result = judged(tmp_path, recording(tmp_path / "data.parquet", ratio=4.0), "--share", "0.5")
    assert result.output.split()[:2] == ["result", "back"]
