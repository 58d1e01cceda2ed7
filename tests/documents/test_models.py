"""Change models: what they fix, assume and ask, and how a short change becomes a whole one."""

import json
from pathlib import Path

import pytest

from unfelt.documents.load import CHANGE, load, load_change, load_model
from unfelt.documents.model import SHIPPED, example_of, models_beside
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.revision import expanded, revise

SHORT = """\
unfelt: 1
change: {id: shop-2, title: Release 2, owner: lin@shop.example, model: service-release}
needs: [{id: reason, because: Pictures load slowly}]
touches: [shop]
rollout: {old: "http://127.0.0.1:9001", new: "http://127.0.0.1:9002"}
window: {from: "2026-12-01T02:00Z", to: "2026-12-01T08:00Z"}
"""
MODEL = """\
unfelt: 1
model:
  id: own
  title: {en: Own, zh: 自有}
  about: {en: For tests, zh: 供测试}
asks:
  - {field: /change/id, question: {en: name, zh: 名称}, example: some-change}
  - {field: /change/title, question: {en: title, zh: 标题}, example: Some change}
  - {field: /change/owner, question: {en: owner, zh: 负责人}, example: lin@shop.example}
fixed:
  experience: {metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
defaults:
  experience: {customer: cookie:uid}
  guard: {impact_budget: 150 customers}
"""
OWN = "unfelt: 1\nchange: {id: a, title: A, owner: b, model: own}\n"


@pytest.fixture
def place(tmp_path):
    """A directory with a model of its own, and how to load a change there."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.yaml").write_text(MODEL)

    def write(text: str) -> Path:
        (tmp_path / "change.yaml").write_text(text)
        return tmp_path / "change.yaml"

    return write


def said(path: Path) -> list[tuple[int, str, str]]:
    """Each problem by its line, field and sentence."""
    with pytest.raises(DocumentErrors) as caught:
        load_change(path)
    return [(one.place.line, one.field, str(one.sentence)) for one in caught.value.problems]


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.yaml")))
def test_a_shipped_model_asks_for_ten_fields_at_most_and_holds_with_its_examples(name):
    """What the examples make is a change that passes every check."""
    model = load_model(SHIPPED / f"{name}.yaml")
    assert model.model.id == name
    assert len(model.asks) <= 10
    assert set(example_of(model)) >= {"unfelt", "change", "rollout"}


def test_a_short_change_becomes_the_whole_one_and_names_the_model_as_it_was(place):
    """Metrics, tier and facts are the model's; what is hashed is the whole, with the model's digest."""
    change = load_change(place(SHORT))
    whole = expanded(change)
    assert (change.change.tier, change.change.facts["data_moved"]) == ("standard", "false")
    assert [metric.id for metric in change.experience.metrics] == ["refused", "failed", "slow", "aborted"]
    digest = revise(load_model(SHIPPED / "service-release.yaml")).digest[:12]
    assert whole["change"]["model"] == f"service-release@{digest}"


def test_what_a_model_assumes_may_be_said_otherwise_and_what_it_fixes_may_not(place):
    """A default gives way; a fixed part is refused where it was written, with the value that was written."""
    assert (
        load_change(place(OWN + "experience: {customer: header:x-user}\n")).experience.customer == "header:x-user"
    )
    more = "experience:\n  metrics:\n    - {id: failed, margin: 9%}\n"
    assert said(place(OWN + more)) == [
        (
            5,
            "experience.metrics[0].margin",
            "the model of this change fixes it. Delete it here. A change that needs another value leaves "
            "`change.model` out.",
        )
    ]


def test_a_change_may_add_to_a_list_whose_parts_have_names(place):
    """Its own metric stands beside the model's, and first, so that errors name the line that was written."""
    more = 'experience:\n  metrics:\n    - {id: lost, bad: "status = 404", margin: MARGIN}\n'
    change = load_change(place(OWN + more.replace("MARGIN", "2%")))
    assert [metric.id for metric in change.experience.metrics] == ["lost", "failed"]
    assert [(line, field) for line, field, _text in said(place(OWN + more.replace("MARGIN", "2")))] == [
        (5, "experience.metrics[0].margin")
    ]


def test_saying_again_what_the_model_fixes_is_no_error(place):
    """The whole plan, printed and loaded again, is the same plan."""
    change = load_change(place(SHORT))
    again = place("").with_name("whole.json")
    again.write_text(json.dumps(expanded(change)))
    assert revise(load(again, CHANGE).document).digest == revise(change).digest


@pytest.mark.parametrize(
    ("model", "what"),
    [
        ("service-relase", "there is no such change model. Allowed: service-release"),
        ("service-release@000000000000", "the change model is another one now"),
        ("../../etc/passwd", "a name is due"),
        ("models/own", "a name is due"),
    ],
)
def test_a_model_that_is_not_there_is_refused_at_its_line(place, model, what):
    """By its name, and never by a path."""
    line, field, text = said(place(SHORT.replace("model: service-release", f'model: "{model}"')))[0]
    assert (line, field) == (2, "change.model")
    assert what in text


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("example: Some change", 'example: ""', "asks[1].example"),
        ("margin: 1%", "margin: 1", "fixed.experience.metrics[0].margin"),
        ("impact_budget: 150 customers", "impact_budget: 150", "defaults.guard.impact_budget"),
        ("example: some-change", "example: Some Change", "asks[0].example"),
        ("field: /change/title", "field: /experience/metrics", "asks[1].field"),
        ("customer: cookie:uid", "metrics: []", "defaults.experience.metrics"),
    ],
)
def test_a_model_that_does_not_hold_is_refused_where_it_is_wrong(tmp_path, old, new, field):
    """Also where only the change that it makes is wrong."""
    file = tmp_path / "own.yaml"
    file.write_text(MODEL.replace(old, new))
    with pytest.raises(DocumentErrors) as caught:
        load_model(file)
    assert field in [one.field for one in caught.value.problems]


def test_a_change_says_when_its_model_does_not_hold(place, tmp_path):
    """The model's first problem stands at the change's line."""
    (tmp_path / "models" / "own.yaml").write_text(MODEL.replace("margin: 1%", "margin: 1"))
    line, field, text = said(place(OWN))[0]
    assert (line, field) == (2, "change.model")
    assert "own.yaml does not hold" in text


def test_models_beside_the_plan_come_before_those_of_unfelt(place, tmp_path):
    """A team's own model of the same name is the one that counts."""
    (tmp_path / "models" / "service-release.yaml").write_text(MODEL.replace("id: own", "id: service-release"))
    change = load_change(place(OWN.replace("model: own", "model: service-release")))
    assert [metric.id for metric in change.experience.metrics] == ["failed"]
    assert models_beside(tmp_path)["service-release"] == tmp_path / "models" / "service-release.yaml"
