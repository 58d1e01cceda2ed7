"""Django finds the models here; each subject has a file of its own."""

from unfelt.records.ledger import Artefact, Checkpoint, Entry
from unfelt.records.people import Person
from unfelt.records.revisions import Revision
from unfelt.records.rollouts import EpochRow, GuardState, LapseRow, Proposal, Rollout

__all__ = [
    "Artefact",
    "Checkpoint",
    "Entry",
    "EpochRow",
    "GuardState",
    "LapseRow",
    "Person",
    "Proposal",
    "Revision",
    "Rollout",
]
