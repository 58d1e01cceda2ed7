"""Whatever comes in, a person gets a document or readable errors."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from unfelt.documents.load import CATALOG, CHANGE, MODEL, PLAYBOOK, PROGRAMME, load_text
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.revision import expanded, revise

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["60s", "1%", "a", ""]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "by", "kind", "margin", "old", "bad", "x"]), inner, max_size=3),
    ),
    max_leaves=5,
)
FULL = {
    "needs": [{"id": "a", "because": {"en": "b", "zh": "乙"}, "expect": {"metric": "failed", "by": "-1%"}}],
    "touches": ["cart"],
    "as_is": {"architecture": "One process", "pains": ["It times out"]},
    "adjusted": [{"feedback": "F-1", "part": "/rollout", "what": "Longer"}],
    "window": {"from": "2026-12-01T02:00Z", "to": "2026-12-01T08:00Z"},
    "steps": [
        {"id": "one", "what": "First", "serves": "a", "by": "lin"},
        {"id": "two", "what": "Then", "after": ["one"]},
    ],
    "people": [{"id": "lin", "name": "lin", "away": [{"from": "2026-12-02T02:00Z", "to": "2026-12-03T08:00Z"}]}],
    "risks": [
        {
            "id": "r",
            "kind": "technical",
            "what": "It breaks",
            "chance": "5%",
            "affects": "9 customers",
            "response": "accept",
        }
    ],
    "costs": {"budget": "CNY 100", "items": [{"what": "Work", "amount": "CNY 50"}]},
    "partners": [{"name": "Host", "part": "Runs it", "papers_until": "2027-01-31"}],
    "probes": [{"control": "brand.maintain", "target": "https://shop.example/"}],
}
PROGRAMME_OF_ONE = {
    "unfelt": 1,
    "programme": {"id": "house", "title": {"en": "House", "zh": "常态"}},
    "work": [{"control": "a.b", "what": "Drill", "owner": "lin", "every": "90d", "first": "2026-03-01"}],
}
MODEL_OF_ONE = {
    "unfelt": 1,
    "model": {"id": "own", "title": {"en": "Own", "zh": "自有"}, "about": {"en": "Own", "zh": "自有"}},
    "asks": [{"field": "/change/id", "question": {"en": "name", "zh": "名称"}, "example": "some-change"}],
    "fixed": {"experience": {"metrics": [{"id": "failed"}]}},
    "defaults": {"guard": {"impact_budget": "150 customers"}},
}
SOURCES = {
    "log": {"kind": "access_log"},
    "orders": {
        "kind": "reconciliation",
        "promise": "order",
        "old": {"database": "sqlite:///a.db", "query": "select a from b"},
        "new": {"database": "sqlite:///a.db", "query": "select a from b"},
    },
}


KINDS = [
    {"id": "wait", "slow": "duration_ms", "proof": "99%", "margin": "1.5x"},
    {"id": "refused", "count": "status = 429", "margin": "1%"},
    {"id": "missing", "score": "bytes / 100", "margin": "2%"},
]
PLAYBOOK_OF_ONE = {
    "unfelt": 1,
    "playbook": {"id": "own", "title": {"en": "Own", "zh": "自有"}},
    "areas": [
        {
            "id": "testing",
            "title": {"en": "Testing", "zh": "测试"},
            "clauses": {"iso-9001": "8.6"},
            "controls": [
                {
                    "id": "testing.load",
                    "title": {"en": "Load", "zh": "负载"},
                    "question": {"en": "Does it hold?", "zh": "能否承受？"},
                    "gates": ["ready"],
                    "owner": "operator",
                    "evidence": ["report"],
                    "limits": {"slower": "<= 10%"},
                    "relies_on": ["/rollout"],
                    "valid": "30d",
                    "tiers": ["normal"],
                    "emergency": "after",
                    "unless": {"data_moved": "false"},
                }
            ],
        }
    ],
}


def outcome(text: str, kind=CHANGE, *, file: str = "change.yaml") -> str:
    """`good`, or `wrong` with every error in a sentence."""
    try:
        revise(load_text(text, kind, file=file).document)
    except DocumentErrors as errors:
        assert errors.problems, "errors without a problem"  # noqa: PT017  (what comes with the error is the point)
        return "wrong" if str(errors) else "silent"
    return "good"


@pytest.fixture(scope="module")
def places(change):
    """A full plan, and every place in it."""
    data = expanded(change) | FULL
    data["experience"] |= {"sources": SOURCES, "columns": {"order": "response:x-order"}}
    data["experience"]["segments"] = [{"by": "device", "margin": "2%", "values": ["phone"]}]
    data["experience"]["metrics"] += KINDS
    data["change"] |= {"tier": "normal", "facts": {"data_moved": "false"}}
    data["guard"]["must_see"] = [{"name": "peak", "from": "18:00", "to": "20:00", "zone": "UTC"}]
    return data, list(_places(data))


def test_the_full_plan_is_good(places):
    """The plan that is mangled below holds before."""
    assert outcome(json.dumps(places[0]), file="change.json") == "good"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_is_good_or_said(places, data):
    """Any value in the place of any part of a plan gives a document or errors, never an exception."""
    plan, paths = places
    mangled = _with(plan, data.draw(st.sampled_from(paths)), data.draw(values))
    assert outcome(json.dumps(mangled), file="change.json") in ("good", "wrong")


@pytest.mark.parametrize(
    ("kind", "document"), [(PLAYBOOK, PLAYBOOK_OF_ONE), (PROGRAMME, PROGRAMME_OF_ONE), (MODEL, MODEL_OF_ONE)]
)
@settings(max_examples=150)
@given(data=st.data())
def test_any_value_anywhere_in_another_document_is_good_or_said(kind, document, data):
    """The same for a playbook of one control, a programme and a change model."""
    assert outcome(json.dumps(document), kind, file="document.json") == "good"
    place = data.draw(st.sampled_from(list(_places(document))))
    mangled = _with(document, place, data.draw(values))
    assert outcome(json.dumps(mangled), kind, file="document.json") in ("good", "wrong")


@settings(max_examples=100)
@given(data=st.data())
def test_any_value_anywhere_in_the_model_of_a_change_is_good_or_said(data, tmp_path_factory):
    """A change from a mangled model is a change, or errors; the model itself too."""
    place = tmp_path_factory.getbasetemp() / "mangled"
    (place / "models").mkdir(parents=True, exist_ok=True)
    mangled = _with(MODEL_OF_ONE, data.draw(st.sampled_from(list(_places(MODEL_OF_ONE)))), data.draw(values))
    (place / "models" / "own.yaml").write_text(json.dumps(mangled))
    change = {"unfelt": 1, "change": {"id": "a", "title": "A", "owner": "b", "model": "own"}}
    assert outcome(json.dumps(change), file=str(place / "change.json")) == "wrong"


@settings(max_examples=100)
@given(text=st.text(max_size=200))
@example(text="unfelt: 1\nchange: *a")
@example(text="%YAML 9.9\n---\na: 1")
@example(text="a: !<tag:yaml.org,2002:int> x")
@example(text="a: 0x1F\nb: 0o17\nc: .inf\nd: 1_0")
@example(text="\ufeffunfelt: 1")
@example(text="a: \ud800")
def test_any_text_is_good_or_said(text):
    """Any text at all gives errors, never an exception."""
    assert [outcome(text, kind) for kind in (CHANGE, CATALOG)] == ["wrong", "wrong"]


def _places(node, path=()):
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*path, key))


def _with(node, path, value):
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = _with(node[path[0]], path[1:], value)
    return copy
