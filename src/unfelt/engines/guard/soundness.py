"""Whether a recording as a whole can be believed: what of it was read, and what could not be. Pure."""

from collections.abc import Callable, Mapping

from scipy.stats import fisher_exact

from unfelt.adapters.sources.account import Account, Lines
from unfelt.conf.language import Message
from unfelt.documents.change import Change

UNREAD = 0.01
"""The part of the lines that may be lost, and of outcomes that may be missing, where the plan does not say."""
CHANCE = 0.001
"""Arms that differ as much by chance are rarer than this."""
FEWEST = 5
"""So many lines must be lost before the arms are compared."""
HALF = 0.5
"""Of an arm with more outcomes missing than this, nothing was measured."""


def limit_of(change: Change) -> float:
    """What part of the lines may be lost by the plan."""
    return UNREAD if change.guard.unread is None else change.guard.unread


def unsound(account: Account, change: Change) -> Message | None:
    """Why no word on this recording can stand, whatever it is; None where one may."""
    limit = limit_of(change)
    return (
        _customers(account)
        or _lost(account, limit)
        or _differ(account)
        or _nobody(account, limit)
        or _unmeasured(account)
    )


def unproved(account: Account, change: Change) -> Message | None:
    """Why nothing is proved by this recording; that new is worse may be: what is missing counts as bad."""
    due = sum(_answered(arm) for arm in account.arms.values())
    if account.total("unknown") <= limit_of(change) * due:
        return None
    return _missing(account, account.total("unknown"), due)


def _customers(account: Account) -> Message | None:
    if account.servers:
        return _LOOKS[account.servers](account.customers)
    if account.customers > 1:
        return None
    return Message(
        "the recording holds {n} customer: the customer that the plan names is the same in every line",
        n=account.customers,
    )


_LOOKS: Mapping[str, Callable[[int], Message]] = {
    "path": lambda n: Message(
        "the {n} customers of the recording look like paths of pages, not like customers", n=n
    ),
    "server": lambda n: Message(
        "the {n} customers of the recording look like addresses of servers, not like customers", n=n
    ),
    "host": lambda n: Message(
        "the {n} customers of the recording look like names of hosts, not like customers", n=n
    ),
}


def _lost(account: Account, limit: float) -> Message | None:
    lost = sum(arm.lost for arm in account.arms.values())
    due = sum(arm.due for arm in account.arms.values())
    if lost <= limit * due:
        return None
    if account.total("misdated") == lost:
        return Message(
            "{lost} of {lines} rows of the recording are dated where nothing was recorded", lost=lost, lines=due
        )
    return Message(
        "{lost} of {lines} lines of the recording cannot be read, such as {example}. {near}",
        lost=lost,
        lines=due,
        example=account.examples[0] if account.examples else "…",
        near=account.near or "",
    )


def _differ(account: Account) -> Message | None:
    found = _apart(account, lambda arm: (arm.lost, arm.due))
    if found is None:
        return None
    (old, of_old), (new, of_new) = found
    return Message(
        "{old} of {of_old} lines of old and {new} of {of_new} lines of new cannot be read: more than chance has "
        "it in one of them, such as {example}",
        old=old,
        of_old=of_old,
        new=new,
        of_new=of_new,
        example=account.examples[0] if account.examples else "…",
    )


def _nobody(account: Account, limit: float) -> Message | None:
    found = _apart(account, lambda arm: (arm.nobody, arm.read))
    if found is None:
        return None
    (old, of_old), (new, of_new) = found
    if abs(old / max(of_old, 1) - new / max(of_new, 1)) <= limit:
        return None
    return Message(
        "{old} of {of_old} lines of old and {new} of {of_new} lines of new name no customer: more than chance has "
        "it in one of them",
        old=old,
        of_old=of_old,
        new=new,
        of_new=of_new,
    )


def _apart(
    account: Account, count: Callable[[Lines], tuple[int, int]]
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The counts of old and new where they differ by more than chance; None where they do not."""
    if not {"old", "new"} <= account.arms.keys():
        return None
    old, new = count(account.arms["old"]), count(account.arms["new"])
    if old[0] + new[0] < FEWEST or not old[1] or not new[1]:
        return None
    table = [[old[0], old[1] - old[0]], [new[0], new[1] - new[0]]]
    return (old, new) if fisher_exact(table).pvalue < CHANCE else None


def _unmeasured(account: Account) -> Message | None:
    if any(arm.unknown > HALF * _answered(arm) for arm in account.arms.values()):
        return _missing(account, account.total("unknown"), sum(map(_answered, account.arms.values())))
    return None


def _answered(arm: Lines) -> int:
    """Lines that should say what became of a customer."""
    return arm.read - arm.nobody - arm.misdated


def _missing(account: Account, unknown: int, due: int) -> Message:
    return Message(
        "the outcome of {unknown} of {due} rows is missing, such as of {example}: text that is no number, or "
        "nothing",
        unknown=unknown,
        due=due,
        example=account.puzzle or "…",
    )
