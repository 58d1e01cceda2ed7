"""unfelt calibrate, old against old on a record."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from unfelt.cli import main

PLAN = """
unfelt: 1
change: {id: split, title: Split, owner: lin@shop.example}
experience:
  customer: column:customer
  observe: 10s
  segments: [{by: device}]
  metrics:
    - {id: failed, bad: status >= 500, margin: 1%}
    - {id: wait, slow: duration_ms, margin: 2x}
guard: {impact_budget: 100 customers}
"""
RUNS = ("--runs", "6", "--each", "3", "--harm", "30%", "--workers", "2")


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """An hour and a half of a shop with 20 requests a second, one in a hundred of them failed."""
    directory = tmp_path_factory.mktemp("record")
    random, n = np.random.default_rng(3), 100_000
    who = random.integers(0, n // 3, n)
    columns = {
        "time": 1.79e9 + np.sort(random.uniform(0, 5000, n)),
        "customer": [f"c{one}" for one in who],
        "status": np.where(random.random(n) < 0.01, 500, 200),
        "duration_ms": random.lognormal(4, 0.6, n),
        "device": np.where(who % 3 == 0, "phone", "desktop"),
    }
    pq.write_table(pa.table(columns), directory / "requests.parquet")
    (directory / "change.yaml").write_text(PLAN)
    return directory


def calibrate(directory, *options, files=("requests.parquet",), plan="change.yaml", lang="en"):
    """The result of the command."""
    paths = [str(directory / name) for name in (plan, *files)]
    return CliRunner().invoke(main, ["--lang", lang, "calibrate", *paths, *options])


@pytest.mark.slow
def test_old_against_old_is_quiet_and_planted_harm_is_caught(record):
    """Six rollouts without harm are promoted, three with a third of all customers harmed are taken back early."""
    result = calibrate(record, *RUNS, "--json")
    found = json.loads(result.stdout)
    none, third = found["outcomes"]
    assert (none["harm"], none["runs"], none["back"], none["affected"]) == (0.0, 6, 0, 0.0)
    assert (third["harm"], third["runs"], third["back"]) == (0.3, 3, 3)
    assert 0 < third["most"] < 50
    assert third["metrics"] == {"failed": 3}
    assert (found["verdict"], result.exit_code) == ("open", 3)  # Six rollouts cannot tell 1 %.
    assert found["record"]["requests"] == 100_000


@pytest.mark.slow
def test_the_same_seed_plays_the_same(record):
    """Whatever the number of workers; another seed draws other customers."""

    def played(seed, workers):
        options = ("--runs", "2", "--each", "2", "--harm", "10%", "--seed", seed, "--workers", workers, "--json")
        return json.loads(calibrate(record, *options).stdout)["outcomes"]

    assert played("1", "1") == played("1", "2") != played("2", "2")


@pytest.mark.slow
def test_a_promise_that_the_rollouts_show_is_said_to_be_kept(record):
    """At 45 % declared sixteen rollouts are enough, though one or two were taken back."""
    (record / "loose.yaml").write_text(PLAN.replace("guard: {", "guard: {false_alarm: 45%, "))
    kept = calibrate(record, "--runs", "16", "--each", "1", "--harm", "50%", plan="loose.yaml")
    assert kept.exit_code == 0, kept.output
    assert " of 16 rollouts without harm were taken back" in " ".join(kept.output.split())


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "words"), [("en", "How the rollouts ended"), ("zh", "各次灰度发布的结局")])
def test_the_report_is_a_page_that_stands_alone(record, tmp_path, lang, words):
    """HTML in the reader's language, with the table and nothing from elsewhere."""
    page = tmp_path / "calibration.html"
    calibrate(record, "--runs", "1", "--each", "1", "--harm", "30%", "--report", str(page), lang=lang)
    text = page.read_text(encoding="utf-8")
    assert words in text
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("<tr>") == 3


@pytest.mark.parametrize(
    ("files", "options", "said", "code"),
    [
        ((), (), "Due is a record of what old did", 3),
        (("nowhere.parquet",), (), "There is no file", 3),
        (("requests.parquet",), ("--harm", "3"), "--harm '3'", 2),
        (("requests.parquet",), ("--harm", "100%"), "between 0% and 100%", 2),
    ],
    ids=["no record", "no file", "no unit", "all of them"],
)
def test_wrong_use_is_refused_before_anything_is_played(record, files, options, said, code):
    """One sentence; 2 where the command was wrong, 3 where the record is."""
    result = calibrate(record, *options, files=files)
    assert said in result.output
    assert result.exit_code == code


def test_too_few_customers_tell_nothing(record, tmp_path):
    """Ten requests are no record."""
    few = pq.read_table(record / "requests.parquet").slice(0, 10)
    pq.write_table(few, tmp_path / "few.parquet")
    result = calibrate(record, files=(str(tmp_path / "few.parquet"),))
    assert "Due are 100 at least" in result.output
    assert result.exit_code == 3


def test_an_experience_directory_counts_what_old_served(record, tmp_path):
    """Requests that new served are no record of old, whatever arm they were drawn into."""
    from unfelt.adapters.sources.history import take_history
    from unfelt.documents.load import load_change

    table = pq.read_table(record / "requests.parquet").slice(0, 9000)
    served = np.where(np.arange(9000) % 3 == 0, "new", "old")
    for number in range(3):
        part = table.slice(3000 * number, 3000).append_column("served", [served[:3000].tolist()])
        pq.write_table(part, tmp_path / f"batch-{number}.parquet")
    history = take_history(load_change(record / "change.yaml"), [tmp_path], secret=b"s" * 32)
    assert len(history.time) == 6000
    assert (np.diff(history.time) >= 0).all()
