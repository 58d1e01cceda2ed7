"""A version that answers everything, only later: seen at old's own quantiles, as the baseline measured them."""

from pathlib import Path

import pytest
from living import library, visited

WAIT = "- {id: wait, slow: duration_ms, proof: 75%, margin: 3x}"


@pytest.mark.slow
def test_a_slower_version_goes_back_by_a_quantile_of_old(tmp_path: Path):
    """Thirty milliseconds in place of three: back after some dozen customers, and the sentence says where."""
    scene = library(tmp_path / "home", fault="slow", more=WAIT, baseline="6s", budget="200")
    with scene as place, visited(place) as (guard, _record):
        guard.end()
        report = guard.report()
    print(report["metric"], report["because"], report["affected"])
    assert (report["final"], report["metric"].partition(":")[0]) == ("back", "wait")
    assert "of old” is worse on new" in report["because"]
    assert report["customers"]["exposed"] < 100
    assert {cell["metric"] for cell in report["metrics"] if cell["required"]} == {"refused", "wait:p75"}
