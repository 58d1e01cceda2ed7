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
