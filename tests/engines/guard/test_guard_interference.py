"""Old gets worse together with new."""

from datetime import timedelta

from guard_simulation import START, plan

from unfelt.engines.guard import ANYTHING, Guard, Tally


def run(old_rates):
    """A share of 5 %, widened to 40 % after 10 s; both arms at the old rate of that moment and share."""
    guard, share, decisions = Guard(plan(segments=False, budget="4000 customers")), 0.05, []
    for tick in range(120):
        if tick == 20:
            share = 0.4
        rate = old_rates(tick, share)
        both = (("new", round(100 * share)), ("old", round(100 * (1 - share))))
        tallies = [
            Tally(arm, share, None, None, metric, n, round(n * rate))
            for metric in ("failed", ANYTHING)
            for arm, n in both
        ]
        at = START + timedelta(seconds=tick / 2)
        decision = guard.observe(tallies, (), (), exposed=10 * tick, at=at, share=share)
        decisions.append(decision)
        if decision.action == "back":
            break
        if "halved" in str(decision.because):
            share = decision.share
    return decisions


def sentences(decisions):
    """What was said, each once, in order."""
    return list(dict.fromkeys(str(d.because) for d in decisions))


def test_where_old_recovers_at_half_the_share_the_change_goes_back():
    """Old is bad at 40 % and well at 20 %: interference, back."""
    decisions = run(lambda tick, share: 0.3 if share == 0.4 else 0.02)
    said = sentences(decisions)
    assert decisions[-1].action == "back"
    assert said[-1] == "Old recovered when the share was halved: new disturbs old, and the change goes back."
    assert next(d.share for d in decisions if "halved to 20%" in str(d.because)) == 0.2


def test_where_old_stays_bad_it_is_not_this_change():
    """A breakdown elsewhere from the 15th second on: halved, then said to be elsewhere, never back for it."""
    decisions = run(lambda tick, share: 0.3 if tick > 25 else 0.02)
    assert [d.action for d in decisions].count("back") == 0
    assert "Old and new are worse alike and old did not recover at half the share: it is not this change." in (
        sentences(decisions)
    )


def test_without_a_widening_nothing_is_halved():
    """Both arms get worse long after the share moved: the share stays."""
    decisions = run(lambda tick, share: 0.3 if tick > 60 else 0.02)
    assert not [said for said in sentences(decisions) if "halved" in said]
