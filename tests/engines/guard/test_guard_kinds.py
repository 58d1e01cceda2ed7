"""How long, how often, how bad: the guard decides on all kinds of metric."""

from collections import Counter
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from guard_simulation import START, plan

from unfelt.documents.questions import questions_of
from unfelt.engines.guard import Guard, GuardError, Tally
from unfelt.kernel.exceedance import QUANTILES
from unfelt.kernel.tally import binned_name

SLOW = {"id": "wait", "bad": None, "slow": "duration_ms", "margin": "1.5x", "proof": "95%"}
SCORE = {"id": "missing", "bad": None, "score": "missing / items", "margin": "3%"}
FAILED = {"id": "failed", "margin": "3%"}
SHARE = 0.1


@cache
def true_quantiles():
    """Of the waits below."""
    return np.quantile(np.random.default_rng(0).lognormal(5, 0.5, 10**6), QUANTILES)


def waits(random, *, new, times):
    """The tallies of one look of 100 customers; new waits `times` as long; thresholds are the true quantiles."""
    thresholds = true_quantiles()
    names = [question.name for question in questions_of(plan(metrics=[SLOW]).experience.metrics[0])]
    for arm, count, factor in (("new", new, times), ("old", 100 - new, 1.0)):
        took = random.lognormal(5, 0.5, count) * factor
        for name, threshold in zip(names, thresholds, strict=True):
            yield Tally(arm, SHARE, None, None, name, count, int((took > threshold).sum()))
        yield Tally(arm, SHARE, None, None, "anything", count, 0)


def scores(random, *, new, means):
    """The tallies of one look: beta-distributed scores with these means on new and old, sd about 0.12."""
    for arm, count, mean in (("new", new, means[0]), ("old", 100 - new, means[1])):
        places = np.rint(random.beta(10 * mean, 10 * (1 - mean), count) * 20).astype(int)
        for place, customers in sorted(Counter(places.tolist()).items()):
            yield Tally(arm, SHARE, None, None, binned_name("missing", place), customers, 0)
        for name in ("failed", "anything"):
            yield Tally(arm, SHARE, None, None, name, count, 0)


def decided(change, seed, draw, *, looks=400, reload=False, **harm):
    """The first word of the guard that ends it, and the customers on new until then."""
    guard, random, seen = Guard(change), np.random.default_rng(seed), 0
    for look in range(looks):
        new = random.binomial(100, SHARE)
        seen += new
        tallies = list(draw(random, new=new, **harm))
        bare = [tally for tally in tallies if "#" not in tally.metric]
        failures = [Tally(t.arm, t.propensity, None, None, t.metric, 0, t.bad) for t in bare if t.bad]
        at = START + timedelta(seconds=look)
        decision = guard.observe(tallies, failures, (), exposed=seen, at=at, share=SHARE)
        if reload:
            guard = Guard.restore(change, guard.state())
        if decision.action in ("back", "promote"):
            return decision, seen
    return decision, seen


@pytest.mark.slow
def test_waits_a_fifth_longer_send_it_back():
    """Median of 20 seeds: within 270 customers on new at a tenth of all; the sentence says where."""
    found = [decided(plan(metrics=[SLOW], segments=False), seed, waits, times=1.2) for seed in range(20)]
    assert {decision.action for decision, _seen in found} == {"back"}
    assert np.median([seen for _decision, seen in found]) <= 270
    assert "of old" in str(found[0][0].because)


@pytest.mark.slow
def test_equal_waits_are_promoted_at_the_quantile_that_is_promised():
    """Only the p95 is asked for: the seven other quantiles may send it back and need no proof."""
    change = plan(metrics=[SLOW], segments=False, budget="500 customers")
    decision, _seen = decided(change, 3, waits, times=1.0)
    assert decision.action == "promote"
    assert [cell.metric for cell in decision.cells if cell.promote is not None] == ["wait:p95"]


@pytest.mark.parametrize(
    ("means", "action"), [((0.3, 0.2), "back"), ((0.2, 0.2), "promote")], ids=["worse", "the same"]
)
def test_means_of_scores_decide(means, action):
    """A tenth worse goes back and says both means; no difference is proved within 3 %."""
    change = plan(metrics=[SCORE, FAILED], segments=False, budget="500 customers")
    decision, _seen = decided(change, 5, scores, means=means)
    assert decision.action == action
    assert action == "promote" or ("0.3" in str(decision.because) and "0.2" in str(decision.because))


def test_scores_are_remembered_to_the_last_bit():
    """Stored and restored after each look, the decision comes at the same customer."""
    change = plan(metrics=[SCORE, FAILED], segments=False, budget="500 customers")
    straight, broken = (decided(change, 7, scores, means=(0.25, 0.2), reload=reload) for reload in (False, True))
    assert straight == broken


@pytest.mark.parametrize(
    "tally",
    [
        Tally("new", 0.5, None, None, "missing", 1, 0),
        Tally("new", 0.5, None, None, "missing#21", 1, 0),
        Tally("new", 0.5, None, None, "missing#x", 1, 0),
        Tally("new", 0.5, None, None, "missing#3", 2, 1),
        Tally("new", 0.5, None, None, "failed#3", 1, 0),
    ],
    ids=["no bin", "beyond the last bin", "no number", "bad ones", "a question in bins"],
)
def test_scores_that_cannot_be_are_refused(tally):
    """Scores come in bins 0 to 20 with none bad, questions do not; nothing is counted."""
    guard = Guard(plan(metrics=[SCORE, FAILED], segments=False))
    before = guard.state()
    with pytest.raises(GuardError, match="A tally cannot be"):
        guard.observe([tally], (), (), at=START, share=0.5)
    assert guard.state() == before
