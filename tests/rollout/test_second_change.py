"""A router outlives its rollout: the next change moves the same customers again."""

from pathlib import Path

import pytest
from living import library, visited


@pytest.mark.slow
def test_a_second_change_on_the_same_router_counts_its_own_customers(tmp_path: Path):
    """Nothing that the first change logged is taken for the second one's."""
    with library(tmp_path / "home") as place, visited(place) as (first, _record):
        assert first.end() == 0
        place.id = "catalogue-again"
        second = place.run()
        assert second.end() == 0
        epochs = place.rows("SELECT min(number) AS a, max(number) AS z FROM records_epochrow GROUP BY rollout_id")
        earlier, later = sorted(epochs, key=lambda row: row["a"])
        assert later["a"] > earlier["z"]
        met = {line["customer"] for line in place.log() if line["arm"] == "new" and line["epoch"] > later["a"]}
        report = second.report()
        assert report["final"] == "done"
        assert 0 < report["customers"]["new"] <= report["customers"]["exposed"] <= len(met)
