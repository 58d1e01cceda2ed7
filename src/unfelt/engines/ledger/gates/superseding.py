"""Corrections: which record may take the place of which, and what counts then: pure."""

from collections.abc import Iterable, Sequence

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates.facts import Evidence
from unfelt.engines.ledger.payload import form_of, is_known
from unfelt.engines.people.persons import is_same

UNWRITTEN = 2**62
"""The number of a record that is not in the ledger yet: it is newer than every other."""


def why_not(old: Evidence, new: Evidence) -> Message | None:
    """None where the new record may take the place of the old one.

    What unfelt measured or derived is answered by a new run, a failure that was read by a newer report of its
    kind; a signature is corrected by who gave it, and a failure that was stated by who stated it.
    """
    if (old.control, old.programme) != (new.control, new.programme) or old.number >= new.number:
        return Message("#{n} is no evidence for this control", n=old.number)
    if old.kind != new.kind:
        return Message("#{n} is of kind {kind}: evidence of its kind corrects it", n=old.number, kind=old.kind)
    if _is_ours(old):
        return Message("#{n} was measured or derived by unfelt: a new run answers it", n=old.number)
    if old.verdict == "fail" and old.origin == "read":
        return Message("#{n} is a failure that was read: it stays until a newer report passes", n=old.number)
    is_theirs = old.kind == "sign-off" or old.verdict == "fail"
    if is_theirs and not is_same(old.by, new.by):
        return Message("#{n} is corrected by nobody but {by}", n=old.number, by=old.by or "–")
    return None


def _is_ours(one: Evidence) -> bool:
    is_made = is_known(one.kind) and bool(form_of(one.kind).made_by)
    return is_made or one.origin in ("observed", "derived")


def superseded(evidence: Iterable[Evidence]) -> dict[int, Evidence]:
    """By its number, each record whose place another one has taken, and may: that one."""
    known = list(evidence)
    found: dict[int, Evidence] = {}
    if not any(one.supersedes for one in known):
        return found
    by_number = {one.number: one for one in known}
    for one in known:
        old = by_number.get(one.supersedes) if one.supersedes else None
        if old is not None and old.number not in found and why_not(old, one) is None:
            found[old.number] = one
    return found


def current(evidence: Iterable[Evidence]) -> Sequence[Evidence]:
    """What counts: no record in whose place another one is."""
    known = list(evidence)
    gone = superseded(known)
    return [one for one in known if one.number not in gone] if gone else known
