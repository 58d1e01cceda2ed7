"""The change, control and member that a request is about."""

from django.http import HttpRequest

from unfelt.documents.playbook import Control
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NothingHereError, open_change
from unfelt.engines.rights import Right
from unfelt.queries.changes import Shown, change_of
from unfelt.records.models import Member
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import member_at, reader


def opened(request: HttpRequest, name: str, right: Right = "read") -> Shown:
    """The change, where it is on record and theirs to open so."""
    open_change(reader(request), name, right)
    shown = change_of(name, now_of(request))
    if shown is None:
        raise NothingHereError
    return shown


def control_at(control_id: str) -> Control:
    """The control of that name in the playbook."""
    known = standards().control(control_id)
    if known is None:
        raise NothingHereError
    return known[1]


def me_at(request: HttpRequest) -> Member:
    """The member at the browser."""
    found = member_at(request)
    if found is None:
        raise NothingHereError
    return found
