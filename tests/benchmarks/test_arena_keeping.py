"""What the arena has played is kept run by run, and a second start plays the rest."""

import importlib
import json
import sys
from pathlib import Path

import pytest

ARENA = Path(__file__).parents[2] / "benchmarks" / "arena"
END = {"action": "back", "seconds": 60.0, "affected": 3, "at_most": 9}


@pytest.fixture
def arena(monkeypatch):
    """The modules of the arena, which lie beside each other."""
    monkeypatch.syspath_prepend(str(ARENA))
    return importlib.import_module("keeping"), importlib.import_module("population")


@pytest.fixture
def task(arena):
    """Two contenders on three streams."""
    keeping, population = arena
    terms = sys.modules["contenders"].Terms()
    return keeping.Task("harm", "3.0%", population.Scene("calm"), ("unfelt", "oracle"), range(3), terms)


def test_a_second_start_plays_only_what_is_missing(arena, task, tmp_path):
    """Contender by contender and stream by stream."""
    kept = arena[0].Kept(tmp_path / "arena.json", guard=5)
    kept.keep(task, 0, {"unfelt": END, "oracle": END}, seconds=1.0)
    kept.keep(task, 1, {"unfelt": END}, seconds=1.0)
    kept.write()
    again = arena[0].Kept(tmp_path / "arena.json", guard=5)
    assert [again.absent(task, seed) for seed in task.seeds] == [(), ("oracle",), ("unfelt", "oracle")]
    assert list(again.missing([task], [])) == [("harm", "3.0%", 6, 3)]


def test_what_was_played_is_shown_in_the_order_of_the_streams(arena, task, tmp_path):
    """Whatever came first."""
    kept = arena[0].Kept(tmp_path / "arena.json", guard=5)
    for seed in (2, 0):
        kept.keep(task, seed, {"unfelt": END | {"affected": seed}}, seconds=1.5)
    found = kept.shown([task], [])
    assert found == {
        "seconds": {"harm": 3.0},
        "harm": {"3.0%": {"unfelt": [END | {"affected": n} for n in (0, 2)]}},
    }


def test_a_figure_of_fewer_runs_is_another_figure(arena, tmp_path):
    """One of 200 runs does not stand for one of 2,000."""
    keeping, _ = arena
    kept, few, many = (
        keeping.Kept(tmp_path / "a.json", guard=5),
        *(keeping.Figure("proof", n) for n in (200, 2000)),
    )
    kept.keep_figure(few, [1.0], seconds=2.0)
    assert (kept.has(few), kept.has(many)) == (True, False)
    assert list(kept.missing([], [few, many])) == [("kernel", "proof", 2000, 2000)]
    assert kept.shown([], [few])["kernel"] == {"proof": [1.0]}


def test_runs_of_another_guard_are_put_aside(arena, task, tmp_path, capsys):
    """They are kept under another name, and played anew."""
    kept = arena[0].Kept(tmp_path / "arena.json", guard=4)
    kept.keep(task, 0, {"unfelt": END}, seconds=1.0)
    kept.write()
    assert arena[0].Kept(tmp_path / "arena.json", guard=5).absent(task, 0) == task.who
    assert json.loads((tmp_path / "arena-guard4.json").read_text())["guard"] == 4
    assert "another version of the guard" in capsys.readouterr().out


def test_what_is_to_be_played_anew_is_forgotten(arena, task, tmp_path):
    """Only of the parts that are asked for."""
    kept = arena[0].Kept(tmp_path / "arena.json", guard=5)
    kept.keep(task, 0, {"unfelt": END}, seconds=1.0)
    kept.forget(["kernel"])
    assert kept.absent(task, 0) == ("oracle",)
    kept.forget(["harm"])
    assert kept.absent(task, 0) == task.who


@pytest.mark.parametrize(
    ("hits", "runs", "said"),
    [(16, 16, "16/16 (79-100 %)"), (0, 300, "0/300 (0-1.2 %)"), (3, 100, "3/100 (0.6-8.5 %)")],
)
def test_a_share_comes_with_its_interval(arena, hits, runs, said):
    """Clopper and Pearson, 95 %."""
    assert importlib.import_module("showing").part_of(hits, runs) == said
