"""Equal plans have equal digests, different plans different ones."""

import json
import re
from datetime import timedelta

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.documents.load import CHANGE, load_text
from unfelt.documents.revision import expanded, restored, revise
from unfelt.documents.units import Margin, format_fraction


def loaded(text: str, *, file: str = "change.yaml"):
    return load_text(text, CHANGE, file=file).document


def digest(text: str, *, file: str = "change.yaml") -> str:
    return revise(loaded(text, file=file)).digest


def test_the_canonical_form_stays(change):
    """The digest of a plan never changes with the program: what was registered beforehand stays registered."""
    assert revise(change).digest == "2006d34c0380fb4e25ca939d98e0b3ba1232748772e1c7420378dacb861a92ad"


def test_the_canonical_form_is_rfc_8785(change):
    """The canonical text is its own canonical form, and it is what is hashed."""
    revision = revise(change)
    assert rfc8785.dumps(json.loads(revision.canonical)).decode() == revision.canonical
    assert revision.id == f"checkout-split@{revision.digest[:12]}"


def test_spelling_does_not_matter(least, change):
    """Comments, order, quotes, spelled-out defaults and other units of the same value keep the digest."""
    text = least.replace("guard: {impact_budget: 150 customers}", "# why\nguard:\n  impact_budget: '150 位客户'\n")
    text = text.replace("  metrics:", "  observe: 1m\n  grace: 2000ms\n  metrics:").replace("0.5%", "0.50 %")
    text = text.replace("rollout: {old", "rollout: {soak: 0h 10m, first_share: 1.0%, promoting: [75%, 100%], old")
    assert digest(text.replace("0h 10m", "600s")) == revise(change).digest


def test_json_has_the_same_digest(change):
    """A plan written as JSON is the same plan."""
    assert digest(json.dumps(expanded(change)), file="change.json") == revise(change).digest


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
margins = st.decimals("0.01", 100, places=2).map(lambda n: Margin("difference", float(n / 100)))
times = st.integers(1, 10**9).map(lambda n: timedelta(milliseconds=n))
levels = st.decimals("0.001", 50, places=3).map(lambda n: float(n / 100))


@settings(max_examples=40)
@given(a=st.tuples(texts, margins, times, levels), b=st.tuples(texts, margins, times, levels))
def test_digests_differ_exactly_when_plans_differ(change, a, b):
    """Any two plans have the same digest if and only if they are the same plan."""
    one, two = (_plan(change, *values) for values in (a, b))
    assert (revise(one).digest == revise(two).digest) == (one == two)


@settings(max_examples=40)
@given(values=st.tuples(texts, margins, times, levels))
def test_a_plan_survives_being_written_out(change, values):
    """The expanded plan, read again, is the plan."""
    plan = _plan(change, *values)
    assert restored(json.loads(revise(plan).canonical)) == plan


def _plan(change, title, margin, time, level):
    (metric,) = change.experience.metrics
    metrics = (metric.model_copy(update={"margin": margin}),)
    return change.model_copy(
        update={
            "change": change.change.model_copy(update={"title": title}),
            "experience": change.experience.model_copy(update={"observe": time, "metrics": metrics}),
            "guard": change.guard.model_copy(update={"missed_harm": level}),
        }
    )


def test_every_field_counts(change):
    """A change of any single field of the plan, however deep, changes the digest."""
    data = expanded(change)
    digests = [revise(restored(other)).digest for other in _variants(data)]
    assert len({revise(change).digest, *digests}) == len(digests) + 1
    assert len(digests) == 34


OTHER = {
    "id": "other",
    "title": "Other",
    "kind": "address",
    "owner": "someone",
    "bad": "status >= 400",
    "mode": "advise",
    "when_spent": "hold",
    "customer": "cookie:other",
    "writes": "kept",
    "listen": "127.0.0.1:81",
    "old": "http://127.0.0.1:1",
    "new": "http://127.0.0.1:2",
    "promoting": ["80%", "100%"],
    "touches": ["a"],
}


def _variants(data):
    """The plan again and again, each time with one field changed."""
    for path, value in _leaves(data):
        other = _other(path[-1], value)
        if other is not None:
            yield _with(data, path, other)


def _leaves(node, path=()):
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _other(name, value):
    if name in OTHER:
        return OTHER[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return None if name == "unfelt" else value + 1
    if isinstance(value, str) and value.endswith("%"):
        return format_fraction(0.0123)
    if isinstance(value, str) and value.endswith("customers"):
        return "149 customers"
    return "77s" if isinstance(value, str) and re.fullmatch("[0-9]+[sm]", value) else None


def _with(node, path, value):
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = _with(node[path[0]], path[1:], value)
    return copy
