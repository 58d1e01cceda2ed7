"""Words of the table of metrics."""

from unfelt.conf.language import in_language
from unfelt.kernel.tally import ANYTHING
from unfelt.rollout.phrases import row_names

ROWS = [{"metric": ANYTHING, "segment": segment} for segment in (None, "device=phone")]


def test_the_composite_of_all_metrics_is_told_in_words():
    """In both languages; a metric's own name stays."""
    with in_language("en"):
        assert row_names(ROWS) == ["anything bad", "  device=phone"]
    with in_language("zh"):
        assert row_names(ROWS[::-1]) == ["任何问题 · device=phone", "任何问题"]
        assert row_names([{"metric": "failed", "segment": None}]) == ["failed"]
