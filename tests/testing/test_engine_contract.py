"""What an engine keeps to: ours do, and one that does not is named."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.engines.jobs import Job
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.testing.contracts import engine_faults
from unfelt.testing.contracts.engines import entry_faults, job_faults

SPOKEN = Message("Webhooks")


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
