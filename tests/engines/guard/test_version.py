"""What a guard of this version decides: another decision of the same inputs is another version."""

import hashlib

from guard_simulation import Shop, plan, roll_out

from unfelt.engines.guard import VERSION

DECIDES = {5: "0cf1fd43cde63ebc11d86fb10da5d515f3dbfda6d1caf01670c8c3d2f1a645eb"}
"""The digest of the decisions below, by VERSION. They changed? Then raise VERSION, and write the new digest."""

RUNS = (
    (plan(), {}, 0.001),
    (plan(), {("slow", "phone"): 0.1}, 0.002),
    (plan(tolerated="1%", budget="60 customers"), {("failed", "phone"): 0.03, ("failed", "desktop"): 0.03}, 0.01),
    (plan(metrics=[{"id": "failed", "margin": "2x"}, {"id": "slow", "margin": "1%"}], later=["20s"]), {}, 0.02),
    (plan(budget="8 customers", attempt=2), {("slow", "tablet"): 0.05}, 0.005),
)


def told(decision):
    """A decision as `verify` compares it; the share to nine digits, which any machine agrees on."""
    share = None if decision.share is None else f"{decision.share:.9f}"
    affected = decision.affected
    place = (decision.metric, decision.segment, affected.at_most, affected.of, decision.more)
    return repr((decision.action, share, str(decision.because), *place, decision.hurt))


def test_the_same_inputs_give_the_decisions_of_this_version():
    """Five seeded rollouts: harmless, harm in a group, harm that is tolerated, ratios with later looks, few."""
    digest = hashlib.sha256()
    for seed, (change, harm, base) in enumerate(RUNS):
        decisions, _guard = roll_out(change, Shop(seed, {"failed": base, "slow": base}, harm), seconds=60)
        for decision in decisions:
            digest.update(told(decision).encode())
    assert digest.hexdigest() == DECIDES.get(VERSION)
