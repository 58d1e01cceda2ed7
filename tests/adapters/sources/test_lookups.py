"""Lookups of promises by the kind of their source; those of others can do no harm to a rollout."""

import pytest

from unfelt.adapters.sources import RetryableSourceError, SourceError
from unfelt.adapters.sources.lookups import Contained, lookup_of
from unfelt.adapters.sources.stores import Shelf
from unfelt.documents.source import PromiseSource, Reconciliation


class Stranger:
    """Answers with whatever it was given, or raises it."""

    def __init__(self, answer):
        self.answer = answer

    def kept(self, promises, *, sure=False):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_reconciliation_is_looked_up_in_the_store_of_its_arm():
    """By ours, which needs no containing."""
    stores = {
        arm: {"database": f"sqlite:///{arm}.db", "query": "select number from orders"} for arm in ("old", "new")
    }
    source = Reconciliation.model_validate({"kind": "reconciliation", "promise": "order", **stores})
    assert [type(lookup_of(source, arm)) for arm in ("old", "new")] == [Shelf, Shelf]


def test_a_kind_without_a_reader_is_refused():
    """With the kinds that have one."""
    source = PromiseSource(kind="gone", promise="order")
    with pytest.raises(SourceError, match=r"no source_reader gone\. Known: reconciliation\."):
        lookup_of(source, "old")


def test_whatever_a_lookup_raises_it_did_not_answer():
    """The metric is unmeasured, and the rollout goes on."""
    with pytest.raises(RetryableSourceError, match="kind book did not answer: no light"):
        Contained("book", Stranger(ValueError("no light"))).kept(["o1"])


def test_a_lookup_finds_nothing_but_what_it_was_asked():
    """Whatever else it lists."""
    assert Contained("book", Stranger({"o1", "o2"})).kept(["o2", "o3"]) == {"o2"}
