"""A plan that is wrong says everything that is wrong, where, and what to do."""

import json

import pydantic
import pytest

from unfelt.conf.language import in_language
from unfelt.documents.catalog import Catalog, per_second
from unfelt.documents.change import Change
from unfelt.documents.load import CATALOG, load_change, load_text
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.translation import TRANSLATIONS, UntranslatedError, translate

WRONG = """\
unfelt: 1
change:
  id: Checkout Split
  titel: Split checkout
  kind: hardware
  owner: 5
  emergency: "yes"
needs:
  - {id: peak, because: x, expect: {metric: slow_chekout, by: 30}}
touches: [cart, cart]
experience:
  customer: uid
  observe: 60
  later: [1h, 30m]
  columns: {status: "header:x-a", ok: "body:x"}
  segments: [{by: time}, {by: device, margin: 2}, {by: device, values: [other, 5]}]
  metrics:
    - {id: failed, bad: "status >= 500 or", margin: 0.005, source: request}
    - {id: failed, margin: 0%}
    - {id: lost, source: orders, bad: "status >= 500", margin: 0.9x, severity: "1"}
    - 7
  sources:
    orders: {kind: reconciliation, promise: ordr, old: {database: "mysql://me:secret@host/db"}, new: x, foo: 1}
    else: {kind: magic}
guard: {false_alarm: 0.01, missed_harm: 60%, impact_budget: 150, tick: 1ms, mod: auto, attempt: 0,
  must_see: [{name: p, from: "18:00", to: "18:00", zone: Asia/Shangai}]}
rollout: {old: "http://127.0.0.1:8080", new: "127.0.0.1:9002", first_share: 60%, largest_share: 100%,
  promoting: [80%, 70%], step: 5 minutes}
"""

EVERYTHING = [
    (2, "change.title"),
    (3, "change.id"),
    (4, "change.titel"),
    (5, "change.kind"),
    (6, "change.owner"),
    (7, "change.emergency"),
    (9, "needs[0].expect.metric"),
    (9, "needs[0].expect.by"),
    (10, "touches[1]"),
    (12, "experience.customer"),
    (13, "experience.observe"),
    (14, "experience.later[1]"),
    (15, "experience.columns.status"),
    (15, "experience.columns.ok"),
    (16, "experience.segments[0].by"),
    (16, "experience.segments[1].margin"),
    (16, "experience.segments[2].by"),
    (16, "experience.segments[2].values"),
    (16, "experience.segments[2].values[1]"),
    (18, "experience.metrics[0].bad"),
    (18, "experience.metrics[0].margin"),
    (18, "experience.metrics[0].source"),
    (19, "experience.metrics[1].bad"),
    (19, "experience.metrics[1].id"),
    (19, "experience.metrics[1].margin"),
    (20, "experience.metrics[2].bad"),
    (20, "experience.metrics[2].margin"),
    (20, "experience.metrics[2].severity"),
    (21, "experience.metrics[3]"),
    (23, "experience.sources.orders.promise"),
    (23, "experience.sources.orders.old.query"),
    (23, "experience.sources.orders.old.database"),
    (23, "experience.sources.orders.new"),
    (23, "experience.sources.orders.foo"),
    (24, "experience.sources.else"),
    (25, "guard.false_alarm"),
    (25, "guard.missed_harm"),
    (25, "guard.impact_budget"),
    (25, "guard.tick"),
    (25, "guard.mod"),
    (25, "guard.attempt"),
    (26, "guard.must_see[0].to"),
    (26, "guard.must_see[0].zone"),
    (27, "rollout.old"),
    (27, "rollout.new"),
    (27, "rollout.largest_share"),
    (28, "rollout.promoting[0]"),
    (28, "rollout.promoting[1]"),
    (28, "rollout.step"),
]


def test_everything_wrong_is_said_at_once(wrong):
    """All errors of a plan come together, each with its line and field, in the order of the file."""
    assert [(one.place.line, one.field) for one in wrong(WRONG).problems] == EVERYTHING


def test_every_error_says_what_to_do(wrong):
    """No error is without a sentence of what is wrong and one of what is allowed."""
    assert [one for one in wrong(WRONG).problems if not (str(one.what) and str(one.remedy))] == []


def test_one_error_reads_as_a_sentence(wrong, least):
    """File, line, column, field, value, what is allowed and an example made from the value."""
    assert str(wrong(least.replace("150 customers", "150"))) == (
        "change.yaml:7:9: guard.impact_budget = 150: a number of customers is due. "
        "Write it with its unit: 150 customers.\n1 error"
    )


def test_errors_never_show_a_password(wrong):
    """A password in the address of a store stays out of every message."""
    assert "secret" not in str(wrong(WRONG))


def test_errors_as_data_hold_the_same(wrong, least):
    """Machines get file, line, column, field, value, what and remedy."""
    (problem,) = wrong(least.replace("0.5%", "5")).problems
    assert problem.plain() == {
        "file": "change.yaml",
        "line": 6,
        "column": 42,
        "field": "experience.metrics[0].margin",
        "value": "5",
        "what": "a margin is due: how much worse still counts as unfelt",
        "remedy": "Allowed: a difference of rates above 0% up to 100%, such as 5%, or a ratio above 1x, "
        "such as 1.5x.",
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("guard:", "gaurd:", ("gaurd", "there is no such field")),
        ("guard:", "gaurd:", ("guard", "this field is missing")),
        (
            "cookie:uid",
            "column:uid",
            ("experience.customer", "a rollout cannot know customers by a column of recorded data"),
        ),
        ("127.0.0.1:9002", "127.0.0.1:9001", ("rollout.new", "old and new are the same address")),
        ("127.0.0.1:9002", "127.0.0.1:8080", ("rollout.new", "the router itself listens on this address")),
        (
            "0.5%",
            "0.5%, observe: 0s",
            ("experience.metrics[0].observe", "customers of a rollout must be observed for some time"),
        ),
        ("id: failed", "id: anything", ("experience.metrics[0].id", "this name means all metrics together")),
        ("status >= 500", "count(*) > 1", ("experience.metrics[0].bad", "the expression is not allowed")),
        (
            "{impact",
            "{missed_harm: 0%, impact",
            ("guard.missed_harm", "the chance of a wrong answer is out of range"),
        ),
        ("{impact", "{sample_ratio: 60%, impact", ("guard.sample_ratio", "that is no small imbalance")),
        ("150 customers", "0 customers", ("guard.impact_budget", "the value is out of range")),
        (
            "{old:",
            "{largest_share: 0.5%, old:",
            ("rollout.largest_share", "the first share is above the largest before promotion"),
        ),
        (
            "{old:",
            "{first_share: 60%, old:",
            ("rollout.first_share", "the first share is above the largest before promotion"),
        ),
        ("{old:", '{listen: "8080", old:', ("rollout.listen", "an address to listen on is due")),
        ("9002", "9002/path", ("rollout.new", "the address of a version is due")),
        ("9002", "99999", ("rollout.new", "the address of a version is due")),
        ("unfelt: 1", "unfelt: 2", ("unfelt", "the form of the document is not known")),
        ("unfelt: 1", "unfelt: true", ("unfelt", "the form of the document is not known")),
    ],
)
def test_each_fault_is_found(wrong, least, old, new, expected):
    """One fault in a good plan is named where it stands."""
    assert expected in [(one.field, one.what.text) for one in wrong(least.replace(old, new, 1)).problems]


def test_an_unknown_field_is_never_guessed(wrong, least):
    """A field that is near to a known one is refused all the same."""
    assert "there is no such field" in [one.what.text for one in wrong(least.replace("guard:", "gaurd:")).problems]


def test_a_plan_for_judging_may_leave_out_the_rollout(least):
    """Without a rollout, customers may be a column and windows may be empty."""
    text = least[: least.index("rollout:")].replace("cookie:uid", "column:who")
    text = text.replace("  metrics:", "  observe: 0s\n  metrics:")
    from unfelt.documents.load import CHANGE

    assert load_text(text, CHANGE, file="change.yaml").document.rollout is None


def test_a_reconciliation_needs_no_bad(least):
    """A metric of a reconciliation is right without `bad`, and its promise names a column."""
    from unfelt.documents.load import CHANGE

    store = '{database: "sqlite:///a.db", query: select number from orders}'
    text = least.replace('bad: "status >= 500"', "source: orders").replace(
        "  metrics:",
        "  columns: {order: 'response:x-order'}\n  sources:\n"
        f"    orders: {{kind: reconciliation, promise: order, old: {store}, new: {store}}}\n  metrics:",
    )
    loaded = load_text(text, CHANGE, file="change.yaml").document
    assert list(loaded.experience.sources) == ["orders"]


@pytest.mark.parametrize(
    ("database", "query", "expected"),
    [
        ("sqlite:///a.db", "delete from orders", ("query", "the query is not exactly one SELECT")),
        ("sqlite:///a.db", "select a from b; drop table b", ("query", "the query is not exactly one SELECT")),
        (
            "sqlite:///a.db",
            "select a, b, d from c",
            ("query", "the query does not have one output column, or two: the promise and its value"),
        ),
        (
            "postgresql://h/d",
            "select * from c",
            ("query", "the query does not have one output column, or two: the promise and its value"),
        ),
        (
            "sqlite:///a.db",
            "select a, b from c",
            ("query", "the query lists a value, and nothing says what was promised"),
        ),
        ("postgresql://h/d", "select (", ("query", "the query cannot be read as SQL")),
        (
            "postgresql://me:word@h/d",
            "select a from b",
            ("database", "there is a password in the address, and a plan is kept for ever"),
        ),
    ],
)
def test_a_store_only_lists_and_keeps_no_secret(wrong, least, database, query, expected):
    """A store is asked by one SELECT with one column, and its address holds no password."""
    store = json.dumps({"database": database, "query": query})
    text = least.replace('bad: "status >= 500"', "source: orders").replace(
        "  metrics:",
        "  columns: {order: 'response:x-order'}\n  sources:\n"
        f"    orders: {{kind: reconciliation, promise: order, old: {store}, new: {store}}}\n  metrics:",
    )
    field, what = expected
    places = [f"experience.sources.orders.{arm}.{field}" for arm in ("old", "new")]
    assert [(one.field, one.what.text) for one in wrong(text).problems] == [(place, what) for place in places]


def test_json_and_yaml_are_the_same_plan(plans, change, least):
    """A plan may be written as JSON."""
    from unfelt.documents.revision import expanded

    (plans / "change.json").write_text(json.dumps(expanded(change)), encoding="utf-8")
    assert load_change(plans / "change.json") == load_change(plans / "change.yaml")


def test_code_may_hand_over_values_themselves(change):
    """Only what is read from a document must carry its unit: code may use numbers and times."""
    guard = change.guard.model_dump() | {"impact_budget": 9, "false_alarm": 0.02}
    assert type(change.guard).model_validate(guard).impact_budget == 9


def test_an_untranslated_error_is_never_shown():
    """A kind of error without a sentence raises instead of passing in silence."""
    with pytest.raises(UntranslatedError):
        translate("brand_new_error", {}, ("a",), known=())


def test_every_error_of_the_schema_has_a_sentence():
    """Every kind of check that the documents use is translated."""
    used = {"missing", "extra_forbidden", "value_error", "union_tag_invalid", "union_tag_not_found"}
    for model in (Change, Catalog):
        used |= set(_kinds(model.__pydantic_core_schema__))
    assert used - set(TRANSLATIONS) == set()


CHECKS = {
    "str": ["string_type"],
    "int": ["int_type"],
    "float": ["float_type", "finite_number"],
    "bool": ["bool_type"],
    "literal": ["literal_error"],
    "model": ["model_type", "model_attributes_type"],
    "dict": ["dict_type"],
    "tuple": ["tuple_type"],
}
LIMITS = {
    "gt": "greater_than",
    "ge": "greater_than_equal",
    "lt": "less_than",
    "le": "less_than_equal",
    "multiple_of": "multiple_of",
    "pattern": "string_pattern_mismatch",
}


def _kinds(node):
    if isinstance(node, list | tuple):
        for one in node:
            yield from _kinds(one)
    elif isinstance(node, dict):
        kind = node.get("type")
        yield from CHECKS.get(kind, []) if isinstance(kind, str) else []
        yield from (LIMITS[key] for key in LIMITS if key in node)
        for key in {"min_length", "max_length"} & set(node):
            short = {"min_length": "too_short", "max_length": "too_long"}[key]
            yield f"string_{short}" if kind == "str" else short
        for key, value in node.items():
            if key not in ("serialization", "metadata"):
                yield from _kinds(value)


def test_errors_have_both_languages(wrong, least):
    """The sentence is put into words in the reader's language, when it is read."""
    errors = wrong(least.replace("guard:", "gaurd:"))
    with in_language("zh"):
        chinese = str(errors)
    with in_language("en"):
        assert str(errors).startswith("change.yaml:") == chinese.startswith("change.yaml:")


CATALOGUE = """\
unfelt: 1
touchpoints:
  - {name: cart, title: {en: Cart, zh: 购物车}, kind: page, paths: [/cart*], owner: lin, traffic: 2 customers/s}
"""


def test_a_catalog_is_read():
    """A catalog says what customers meet, and how many come by."""
    (cart,) = load_text(CATALOGUE, CATALOG, file="catalog.yaml").document.touchpoints
    assert (cart.name, cart.title.zh, cart.traffic and per_second(cart.traffic)) == ("cart", "购物车", 2.0)


def test_a_wrong_catalog_says_everything():
    """Two touchpoints of one name, a bare flow and an unknown kind are found together."""
    twice = CATALOGUE + "  - {name: cart, title: {en: A}, kind: shop, paths: [cart], owner: lin, traffic: 120}\n"
    with pytest.raises(DocumentErrors) as caught:
        load_text(twice, CATALOG, file="catalog.yaml")
    assert [one.field for one in caught.value.problems] == [
        "touchpoints[1].name",
        "touchpoints[1].title.zh",
        "touchpoints[1].kind",
        "touchpoints[1].paths[0]",
        "touchpoints[1].traffic",
    ]


def test_documents_are_immutable(change):
    """A document that was read cannot be changed."""
    with pytest.raises(pydantic.ValidationError):
        change.guard.impact_budget = 1
