"""The playbook that comes with unfelt: all eighty items, whole and in both languages."""

import re
from pathlib import Path

import pytest
from eighty import EIGHTY

from unfelt.documents.load import PLAYBOOK, SHIPPED, load_playbook, load_text
from unfelt.documents.problems import DocumentErrors
from unfelt.engines.ledger.gates.standing import MEASURED_ONLY

TEXT = Path(SHIPPED).read_text(encoding="utf-8")


def test_all_eighty_items_are_there_by_id_and_both_titles():
    """Twenty areas of four, in order, with the Chinese titles as the mission has them."""
    playbook = load_playbook()
    assert [(one.id, one.title.zh, one.title.en) for one in playbook.controls] == list(EIGHTY)
    assert [len(area.controls) for area in playbook.areas] == [4] * 20


@pytest.mark.parametrize("control", load_playbook().controls, ids=lambda control: control.id)
def test_each_control_asks_in_both_languages_and_can_be_answered(control):
    """A question in English and in Chinese, kinds of evidence, limits, a tier, parts of the plan."""
    assert control.question.en.endswith("?")
    assert re.search(r"[一-鿿].*？$", control.question.zh)
    assert control.evidence
    assert control.limits
    assert control.tiers
    assert control.relies_on
    assert set(control.evidence) != {"sign-off"} or not MEASURED_ONLY.intersection(control.gates)


def test_tiers_ask_for_as_much_as_the_change_weighs():
    """About a dozen, about forty-five, all eighty; six before an emergency moves anybody."""
    controls = load_playbook().controls
    asked = {tier: sum(tier in one.tiers for one in controls) for tier in ("standard", "normal", "major")}
    assert (10 <= asked["standard"] <= 14, 40 <= asked["normal"] <= 50, asked["major"]) == (True, True, 80)
    assert sum(one.emergency == "before" for one in controls) == 6


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('orphan_steps: "<= 0"', 'orphan_steps: "0"', "a limit is due"),
        ('delivered: ">= 98%"', 'delivered: ">= 98 pieces"', "a length of time is due"),
        ("relies_on: [/needs, /touches, /steps]", "relies_on: [needs]", "a part of the plan is due"),
        ("id: planning.risk", "id: planning.requirements", "this name is there twice"),
        ("id: planning.risk", "id: quality.risk", "the name is not that of its area"),
        ("evidence: [probe, command]", "evidence: [sign-off]", "nothing at go or proof rests on a signature"),
        ("owner: requester", "owner: king", "this value is not known here"),
    ],
)
def test_a_fork_that_does_not_fit_together_is_refused_at_its_place(before, after, said):
    """Each with its line, what is wrong and what is allowed."""
    with pytest.raises(DocumentErrors) as errors:
        load_text(TEXT.replace(before, after, 1), PLAYBOOK, file="playbook.yaml")
    assert said in str(errors.value)
    assert re.search(r"playbook\.yaml:\d+:\d+", str(errors.value))


def test_a_fork_may_loosen_and_add():
    """Another limit and a control of one's own need no code."""
    own = TEXT.replace('delivered: ">= 98%"', 'delivered: ">= 90%"').replace(
        "      - id: planning.risk",
        """      - id: planning.colour
        title: {en: Colour, zh: 颜色}
        question: {en: "Is it teal?", zh: "是青色吗？"}
        gates: [plan]
        owner: owner
        evidence: [document]
        relies_on: [/change]
        valid: 30d
        tiers: [normal]
      - id: planning.risk""",
        1,
    )
    controls = {one.id: one for one in load_text(own, PLAYBOOK, file="own.yaml").document.controls}
    assert str(controls["communication.customers"].limits["delivered"]) == ">= 90%"
    assert "planning.colour" in controls
