"""What an engine keeps to: ours do, and one that does not is named."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from ninja import Router

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.engines.find import Finder
from unfelt.engines.inbox import Waiting
from unfelt.engines.jobs import Job
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.payload import Payload
from unfelt.testing.contracts import engine_faults
from unfelt.testing.contracts.engines import (
    entry_faults,
    finder_faults,
    job_faults,
    mount_faults,
    page_faults,
    waiting_faults,
)
from unfelt.testing.contracts.structure import evidence_faults
from unfelt.web.frame.mounts import Mount
from unfelt.web.frame.page import Page, Tab

SPOKEN = Message("Webhooks")
BROUGHT = "it says whether people bring it, and has no way of it; or has one, and does not say so"


@pytest.mark.parametrize("name", plugins.engines())
def test_every_engine_keeps_the_contract(name: str):
    """All that it registers, with the records open."""
    assert engine_faults(name) == []


@pytest.mark.parametrize(
    ("kinds", "fault"),
    [
        ((), "its entries have no KINDS"),
        (("picked",), "'picked' is no EntryKind"),
        ((EntryKind("a", SPOKEN, people=("by",), holds=("by",)),), "entry a: a member is declared twice"),
        ((EntryKind("a", SPOKEN, people=("covers",)),), "entry a: covers is unfelt's own"),
        ((EntryKind("a", Message("no words")),), "entry a: its label 'no words' has no Chinese text"),
    ],
)
def test_entries_that_break_it_are_named(kinds, fault):
    """One by one."""
    assert list(entry_faults(SimpleNamespace(KINDS=kinds))) == [fault]


@pytest.mark.parametrize(
    ("jobs", "fault"),
    [
        ((), "its jobs have no JOBS"),
        ((Job("a", Message("no words"), print),), "job a: its label 'no words' has no Chinese text"),
        ((Job("a", SPOKEN, None),), "job a: its work cannot be called"),
        ((Job("a", SPOKEN, print, every=timedelta(0)),), "job a: no time is given to it"),
    ],
)
def test_jobs_that_break_it_are_named(jobs, fault):
    """One by one."""
    assert list(job_faults(SimpleNamespace(JOBS=jobs))) == [fault]


def a_page(**said) -> Page:
    """One that keeps the contract, but for what is said."""
    whole = {"name": "a", "at": "a/", "view": print, "itself": print, "right": "read", "title": SPOKEN, **said}
    return Page(**whole)


@pytest.mark.parametrize(
    ("pages", "fault"),
    [
        ((), "its pages have no PAGES"),
        (("a/",), "'a/' is no Page"),
        ((a_page(right="rule"),), "page a: 'rule' is no right"),
        ((a_page(title=Message("no words")),), "page a: its label 'no words' has no Chinese text"),
        ((a_page(tabs=(Tab("main", 1, Message("no tab")),)),), "page a: its label 'no tab' has no Chinese text"),
        ((a_page(title=None, tabs=(Tab("main", 1),)),), "page a: it is a tab without a title"),
    ],
)
def test_pages_that_break_it_are_named(pages, fault):
    """One by one."""
    assert list(page_faults(SimpleNamespace(PAGES=pages))) == [fault]


@pytest.mark.parametrize(
    ("look", "listed", "fault"),
    [
        (finder_faults, {}, "its find has no FINDERS"),
        (
            finder_faults,
            {"FINDERS": (Finder("a", Message("no words"), print),)},
            "finder a: its label 'no words' has no Chinese text",
        ),
        (waiting_faults, {}, "its inbox has no WAITING"),
        (
            waiting_faults,
            {"WAITING": (Waiting("a", Message("no words"), print),)},
            "inbox a: its label 'no words' has no Chinese text",
        ),
        (mount_faults, {}, "its api has no MOUNTS"),
    ],
)
def test_what_is_found_waits_or_is_asked_is_named(look, listed, fault):
    """One by one."""
    assert list(look(SimpleNamespace(**listed))) == [fault]


def test_an_operation_that_says_nothing_is_named():
    """The reference would have an empty line."""
    router = Router()
    router.get("trees/")(lambda request: None)
    fault = "operation GET /trees/: it does not say what it does"
    assert list(mount_faults(SimpleNamespace(MOUNTS=(Mount("a", "/", router, "a"),)))) == [fault]


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"kind": "crop"}, "its kind is 'crop'"),
        ({"label": Message("no words")}, "its label 'no words' has no Chinese text"),
        (
            {"is_brought": True},
            "it says whether people bring it, and has no way of it; or has one, and does not say so",
        ),
    ],
)
def test_evidence_that_breaks_it_is_named(members, fault):
    """One by one."""
    form = type("Harvest", (Payload,), {"__module__": __name__, "kind": "harvest", "label": SPOKEN, **members})
    assert list(evidence_faults(form, "harvest")) == [fault]
