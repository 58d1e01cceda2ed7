"""Cases that are all on new are looked at, every one: what became of them is counted, and nothing is inferred."""

import json

import pytest
from click.testing import CliRunner

from unfelt.cli import main

PLAN = """\
unfelt: 1
change: {id: move, title: New address, owner: lin@firm.example}
experience:
  customer: column:customer
  observe: 0s
  metrics: [METRIC]
guard: {impact_budget: 3 customers}
"""
METRIC = "{id: lost, bad: \"letter = 'lost'\", margin: 1%}"


def cases(folder, *letters, metric=METRIC, arm="new", share=None):
    """A plan, and one row for each case: what became of its letter."""
    (folder / "change.yaml").write_text(PLAN.replace("METRIC", metric))
    rows = ["time,customer,arm,letter" + (",share" if share is not None else "")]
    for n, letter in enumerate(letters):
        more = f",{share}" if share is not None else ""
        rows.append(f"2026-11-23T04:{n // 60:02d}:{n % 60:02d}Z,firm-{n},{arm},{letter}{more}")
    (folder / "cases.csv").write_text("\n".join(rows) + "\n")


def judged(folder, *options, lang="en"):
    """The result of the command."""
    paths = [str(folder / name) for name in ("change.yaml", "cases.csv")]
    return CliRunner().invoke(main, ["--lang", lang, "judge", *paths, *options])


FORTY = ("came",) * 38 + ("",) * 2


@pytest.mark.parametrize("share", [None, 1.0])
def test_all_cases_on_new_are_counted(tmp_path, share):
    """38 of 40 were looked at; two may be affected, and nothing is said of others."""
    cases(tmp_path, *FORTY, share=share)
    result = judged(tmp_path, "--json")
    found = json.loads(result.stdout)
    assert (found["final"], result.exit_code, found["counted"]) == ("hold", 3, "all")
    assert found["looked_at"] == {"of": 40, "known": 38, "affected": 0, "unknown": 2}
    bounds = {"at_most": 2, "at_least": 0, "ceiling": 2}
    assert found["affected"] == {**bounds, "estimate": 0.0, "confidence": 1.0}
    assert (found["customers"], len(found["decisions"])) == ({"old": 0, "new": 40}, 1)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "38 of 40 looked at, 0 affected, 2 unknown"), ("zh", "40 位中已查看 38 位")]
)
def test_a_person_reads_how_many_were_looked_at(tmp_path, lang, said):
    """And never at most how many are affected: nobody was compared."""
    cases(tmp_path, *FORTY)
    text = " ".join(judged(tmp_path, lang=lang).output.split())
    assert said in text
    assert "at most" not in text


def test_a_share_that_fits_changes_nothing(tmp_path):
    """At 99.9 % it is no wonder that nobody is on old."""
    cases(tmp_path, *FORTY)
    found = json.loads(judged(tmp_path, "--json", "--share", "0.999").stdout)
    assert (found["final"], found["looked_at"]["known"]) == ("hold", 38)


def test_half_of_the_customers_cannot_all_be_on_new(tmp_path):
    """Those of old are missing: it is unmeasured, and what is there was looked at all the same."""
    cases(tmp_path, *FORTY)
    found = json.loads(judged(tmp_path, "--json", "--share", "0.5").stdout)
    assert (found["final"], found["split"]["ok"], found["looked_at"]["of"]) == ("unmeasured", False, 40)


@pytest.mark.parametrize(("lost", "final", "code"), [(3, "hold", 3), (4, "spent", 1)])
def test_more_affected_than_were_allowed_spend_the_budget(tmp_path, lost, final, code):
    """Three are allowed."""
    cases(tmp_path, *["lost"] * lost, *FORTY)
    result = judged(tmp_path, "--json")
    found = json.loads(result.stdout)
    assert (found["final"], result.exit_code, found["looked_at"]["affected"]) == (final, code, lost)


def test_most_of_them_unknown_is_unmeasured(tmp_path):
    """Nothing was looked at."""
    cases(tmp_path, *["came"] * 10, *[""] * 30)
    found = json.loads(judged(tmp_path, "--json").stdout)
    assert (found["final"], found["looked_at"]["known"]) == ("unmeasured", 10)


def test_how_long_it_took_says_nothing_without_old(tmp_path):
    """Such a metric compares; one that says what is bad is due."""
    cases(tmp_path, *["1"] * 40, metric="{id: wait, slow: letter, margin: 2x}")
    result = judged(tmp_path)
    assert (result.exit_code, "says what is bad by itself" in " ".join(result.output.split())) == (3, True)


def test_cases_on_old_alone_are_asked_for_their_share(tmp_path):
    """They are no change."""
    cases(tmp_path, *FORTY, arm="old")
    result = judged(tmp_path)
    assert (result.exit_code, "--share" in result.output) == (3, True)
