"""Django finds the models here; each subject has a file of its own."""

from unfelt.records.asking import ApprovalAsked, Lesson, Request
from unfelt.records.brand import Brand
from unfelt.records.changes import ChangeRow, Comment, Draft, Mention, PlanText, Task, WaiverAsked
from unfelt.records.jobs import JobRun, WorkerRow
from unfelt.records.ledger import Artefact, Checkpoint, Coverage, Entry, Erasure, Publication
from unfelt.records.members import Deputy, Member, Membership, Team, Token
from unfelt.records.people import Person
from unfelt.records.revisions import Revision
from unfelt.records.rollouts import EpochRow, GuardState, LapseRow, Proposal, Rollout
from unfelt.records.telling import Telling, Webhook

__all__ = [
    "ApprovalAsked",
    "Artefact",
    "Brand",
    "ChangeRow",
    "Checkpoint",
    "Comment",
    "Coverage",
    "Deputy",
    "Draft",
    "Entry",
    "EpochRow",
    "Erasure",
    "GuardState",
    "JobRun",
    "LapseRow",
    "Lesson",
    "Member",
    "Membership",
    "Mention",
    "Person",
    "PlanText",
    "Proposal",
    "Publication",
    "Request",
    "Revision",
    "Rollout",
    "Task",
    "Team",
    "Telling",
    "Token",
    "WaiverAsked",
    "Webhook",
    "WorkerRow",
]
