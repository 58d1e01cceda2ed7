"""Which features differ between the arms, and what is shown of them."""

import numpy as np
import pytest

from unfelt.adapters.sources.unregistered import Counted, Feature
from unfelt.engines.differences.judge import Judge
from unfelt.engines.differences.sentences import sentence


def counted(features, met, everybody=((0.5, 100, 100),)):
    """met: of each feature customers on new and on old, at half share."""
    rows = [[one.number, 0.5, *met[one.kind, one.route, one.value]] for one in features]
    return Counted(np.array(everybody, dtype=float), np.array(rows, dtype=float).reshape(-1, 4), tuple(features))


def features(*named):
    return [Feature(number, *one) for number, one in enumerate(named)]


def crossed(met, **more):
    """What crosses where these are all features, in this order."""
    return [
        (one.feature.kind, one.feature.route, one.feature.value)
        for one in Judge().look(counted(features(*met), met, **more))
    ]


UPLOAD = "POST /upload"


def test_a_refusal_on_one_route_is_found_among_those_who_came_there():
    """Ten refused of ten on new and ten served on old are enough, however many others there are."""
    met = {
        ("visit", UPLOAD, ""): (15, 15),
        ("status", UPLOAD, "200"): (0, 15),
        ("status", UPLOAD, "413"): (15, 0),
    }
    assert set(crossed(met, everybody=((0.5, 900, 900),))) == {
        ("status", UPLOAD, "200"),
        ("status", UPLOAD, "413"),
    }


def test_nothing_is_found_where_both_arms_meet_the_same():
    """Half of the customers of either arm."""
    assert crossed({("visit", UPLOAD, ""): (50, 50), ("status", UPLOAD, "200"): (50, 50)}) == []


def test_later_features_need_more():
    """The thousandth status has to reach more than the first."""
    named = [("status", "*", str(number)) for number in range(1000)]
    met = dict.fromkeys(named, (0, 0)) | {named[0]: (20, 0), named[-1]: (20, 0)}
    assert crossed(met, everybody=((0.5, 500, 500),)) == [named[0]]


def test_amounts_are_compared_by_all_their_steps_at_once():
    """Answers four times as large on new, of which every customer has a size of their own."""
    draw = np.random.default_rng(5)
    met = {("visit", UPLOAD, ""): (60, 60)}
    for place, shift in ((1, 0), (0, 32)):
        for value in draw.normal(160 + shift, 6, 60).astype(int):
            pair = list(met.get(("bytes", UPLOAD, str(value)), (0, 0)))
            pair[place] += 1
            met["bytes", UPLOAD, str(value)] = tuple(pair)
    judge = Judge()
    found = judge.look(counted(features(*met), met))
    assert [one.feature.kind for one in found] == ["bytes"]
    shown = judge.shown(found[0].feature)
    assert shown.middle[1] / shown.middle[0] == pytest.approx(4, rel=0.1)
    assert shown.is_more
    assert str(sentence(shown)).startswith("POST /upload: the largest answer of a customer: old ")


def test_nothing_counted_is_nothing_found():
    """No customers, no features."""
    empty = Counted(np.zeros((0, 3)), np.zeros((0, 4)), ())
    assert Judge().look(empty) == []


def test_what_was_learnt_in_pieces_is_what_is_learnt_at_once():
    """A restart gives all features at once; the verdict is the same."""
    met = {
        ("visit", UPLOAD, ""): (40, 40),
        ("status", UPLOAD, "413"): (30, 0),
        ("times", "*", "16"): (100, 100),
    }
    named = features(*met)
    pieces = Judge()
    pieces.look(counted(named[:1], met))
    whole = counted(named, met)
    found = pieces.look(Counted(whole.everybody, whole.met, tuple(named[1:])))
    assert [one.evidence for one in found] == [one.evidence for one in Judge().look(whole)]
