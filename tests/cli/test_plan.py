"""unfelt plan"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from unfelt.cli import main

TEXT = """\
unfelt: 1
change: {id: shop, title: Shop, owner: ann@shop.example}
experience:
  customer: cookie:uid
  metrics: [{id: failed, bad: "status >= 500", margin: MARGIN}]
guard: {impact_budget: 150 customers}
rollout: {router: envoy, listen: 127.0.0.1:1, old: "http://127.0.0.1:2", new: "http://127.0.0.1:3"}
"""


@pytest.fixture
def asked(tmp_path: Path):
    """What `unfelt plan` answers for a margin and options."""

    def ask(*options: str, margin: str = "1%", lang: str = "en"):
        file = tmp_path / "change.yaml"
        file.write_text(TEXT.replace("MARGIN", margin))
        return CliRunner().invoke(main, ["--lang", lang, "plan", str(file), *options])

    return ask


def test_what_can_be_proved_is_said_with_what_it_takes(asked):
    """Exit code 0, customers, time and budget, and harm by how much it is."""
    answer = asked("--rate", "20 customers/s")
    assert answer.exit_code == 0
    assert "this can be proved" in answer.stdout
    assert "bad in addition" in answer.stdout


def test_what_cannot_be_proved_here_comes_with_what_would_help(asked):
    """Exit code 1; the same as data."""
    answer = asked("--rate", "20 customers/min", "--within", "1h", margin="0.2%")
    assert (answer.exit_code, "Each of these alone would do" in answer.stdout) == (1, True)
    plain = json.loads(asked("--rate", "20 customers/min", "--within", "1h", "--json", margin="0.2%").stdout)
    assert (plain["provable"], plain["slowest"]) == (False, "failed")
    assert plain["levers"]["margin"] > 1


def test_in_chinese_too(asked):
    """Every sentence."""
    assert "可以证明" in asked("--rate", "20 customers/s", lang="zh").stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "How many customers come is not known"),
        (("--rate", "many"), "many"),
        (("--rate", "20 customers/s", "--base", "other=1%"), "The plan has no metric other. It has: failed."),
        (("--rate", "20 customers/s", "--base", "failed=much"), "much"),
        (("--rate", "20 customers/s", "--within", "soon"), "soon"),
    ],
)
def test_what_cannot_be_understood_is_said(asked, options, said):
    """With what is allowed; exit code 2."""
    answer = asked(*options)
    assert (answer.exit_code, said in answer.output) == (2, True)


def test_what_the_budget_is_spent_before_is_said_not_to_be_found(asked):
    """Small harm beyond a tight margin; as data, how it ends."""
    options = ("--rate", "20 customers/s", "--base", "failed=20%")
    answer = asked(*options, margin="0.05%")
    assert "not found with this budget" in answer.stdout
    plain = json.loads(asked(*options, "--json", margin="0.05%").stdout)
    assert plain["caught"][0]["ends"] == "spent"


KINDS = TEXT.replace(
    '[{id: failed, bad: "status >= 500", margin: MARGIN}]',
    """[{id: failed, bad: "status >= 500", margin: 2%}, {id: missing, score: a / b, margin: 5%},
    {id: retries, count: "status = 429", margin: 3%}]
  segments: [{by: device, values: [phone, desktop], margin: 5%}, {by: region}]""",
)


def test_scores_counts_and_groups_are_in_it(tmp_path):
    """Their proofs, harm to one group, means that are higher; and which groups are not."""
    file = tmp_path / "change.yaml"
    file.write_text(KINDS)
    options = ("--rate", "50 customers/s", "--spread", "missing=5%", "--group", "device=phone=20%")
    options += ("--base", "missing=10%", "--base", "retries:2+=0.1%")
    answer = CliRunner().invoke(main, ["plan", str(file), *options])
    assert "missing, device=phone" in answer.stdout
    assert "The same, confined to device=phone" in answer.stdout
    assert "missing: a mean that is higher for everybody" in answer.stdout
    assert "Groups by region come from the baseline" in answer.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--spread", "failed=1%"), "The plan has no metric failed. It has: missing."),
        (("--spread", "missing=wide"), "wide"),
        (("--group", "device=tablet=1%"), "device=phone, device=desktop"),
        (("--group", "device=phone=0%"), "more than 0%"),
        (("--group", "device=phone=70%", "--group", "device=desktop=40%"), "at most 100%"),
        (("--group", "phone"), "--group"),
        (("--base", "retries:3+=1%"), "retries:2+"),
    ],
)
def test_what_no_group_or_score_can_be_is_said(tmp_path, options, said):
    """With what is allowed; exit code 2."""
    file = tmp_path / "change.yaml"
    file.write_text(KINDS)
    answer = CliRunner().invoke(main, ["plan", str(file), "--rate", "20 customers/s", *options])
    assert (answer.exit_code, said in answer.output) == (2, True)
