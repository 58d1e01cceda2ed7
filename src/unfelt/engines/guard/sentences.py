"""What the guard says, in sentences that a manager understands."""

from unfelt.conf.language import Message
from unfelt.documents.units import Margin, format_confidence, format_fraction
from unfelt.engines.guard.cells import Cell, Layout
from unfelt.engines.guard.decision import Affected
from unfelt.engines.guard.evidence import Evidence


def percent(share: float) -> str:
    """`2.5%`: three digits at most."""
    return f"{100 * share:.3g}%"


def beyond(margin: Margin | None) -> str:
    """`+2%` or `1.5x`; nothing where there is no margin."""
    if margin is None:
        return ""
    return str(margin) if margin.kind == "ratio" else f"+{margin}"


def back(cell: Cell, evidence: Evidence, layout: Layout, *, proved: bool) -> Message:
    """Why customers go back: the counts of the cell that decided."""
    place = layout.index[cell.metric, cell.segment, None]
    if cell.kind == "score":
        return _score(cell, *evidence.counts[place].tolist())
    new, old, _expected = evidence.failures(place)
    expected, closed = evidence.by_chance(place), int(evidence.counts[place, 1])
    told: object = int(new)
    if int(new) != closed:
        told = Message("{n} ({closed} with their window over)", n=int(new), closed=closed)
    counts: dict[str, object] = {"new": told, "old": int(old), "expected": f"{expected:.1f}".removesuffix(".0")}
    if proved:
        return _after(cell, counts)
    if cell.segment is None:
        return Message(
            "“{metric}” is worse on new: it happened to {new} customers on new and to {old} on old; with no "
            "difference about {expected} on new would have had it.",
            metric=cell.title,
            **counts,
        )
    return Message(
        "“{metric}” is worse on new for {segment}: it happened to {new} customers on new and to {old} on old; "
        "with no difference about {expected} on new would have had it.",
        metric=cell.title,
        segment=cell.segment,
        **counts,
    )


def _score(cell: Cell, n1: float, x1: float, n0: float, x0: float) -> Message:
    return Message(
        "“{metric}” is worse on new for {group}: {new} on average of {n1} customers on new, {old} of {n0} on old.",
        metric=cell.title,
        group=cell.segment or Message("everybody"),
        new=f"{x1 / max(n1, 1):.3f}",
        n1=int(n1),
        old=f"{x0 / max(n0, 1):.3f}",
        n0=int(n0),
    )


def _after(cell: Cell, counts: dict[str, object]) -> Message:
    if cell.segment is None:
        return Message(
            "“{metric}” has become worse than the margin {margin} since promotion: {new} customers on new and "
            "{old} on old had it, where {expected} on new would mean no difference.",
            metric=cell.title,
            margin=beyond(cell.margin),
            **counts,
        )
    return Message(
        "“{metric}” has become worse than the margin {margin} since promotion for {segment}: {new} customers on "
        "new and {old} on old had it, where {expected} on new would mean no difference.",
        metric=cell.title,
        segment=cell.segment,
        margin=beyond(cell.margin),
        **counts,
    )


def promote(affected: Affected, *, cells: int) -> Message:
    """Why the change may go to everybody."""
    return Message(
        "Proved unfelt: all {cells} comparisons rule out harm beyond their margins; at most {at_most} of {of} "
        "customers were affected ({confidence} confidence).",
        cells=cells,
        at_most=affected.at_most,
        of=affected.of,
        confidence=format_confidence(affected.confidence),
    )


def spent(affected: Affected, known: Message, *, budget: int) -> Message:
    """Why nobody more may be exposed, and what is known all the same."""
    return Message(
        "The impact budget is spent without proof: up to {at_most} of {of} customers on new may be affected, and "
        "one more customer could exceed the {budget} that were allowed. {known}",
        at_most=affected.at_most,
        of=affected.of,
        budget=budget,
        known=known,
    )


def looks_worse(cell: Cell, *, excess: float) -> Message:
    """What speaks against new, though it is no proof."""
    return Message(
        "“{metric}” ({group}) looks worse on new by about {excess}, which is not proved.",
        metric=cell.title,
        group=cell.segment or Message("everybody"),
        excess=percent(excess),
    )


def looks_alike(more: int | None) -> Message:
    """Nothing speaks against new, and that it is unfelt is not proved."""
    if more is None:
        return Message("No difference was seen so far; that there is none worth mentioning is not proved.")
    return Message(
        "No difference was seen so far; about {more} more customers on new would be needed for the proof.",
        more=more,
    )


def split_wrong(evidence_new: int, evidence_old: int, *, borne: float) -> Message:
    """The sample-ratio check failed."""
    return Message(
        "The split is not what was asked: {new} customers came to new and {old} to old, which neither chance nor "
        "the imbalance of {borne} that the plan bears explains. Nothing measured can be trusted; look for lost "
        "log lines, bots, caches in front of the router.",
        new=evidence_new,
        old=evidence_old,
        borne=format_fraction(borne),
    )


def counted(customers: int, *, known: int, affected: int, budget: int) -> Message:
    """Everybody was on new: what became of them, without inference."""
    said = Message(
        "Everybody was on new, and nothing is compared: {known} of {customers} customers were looked at, "
        "{affected} affected, {unknown} unknown.",
        known=known,
        customers=customers,
        affected=affected,
        unknown=customers - known,
    )
    if affected <= budget:
        return said
    return Message("{said} That is more than the {budget} that were allowed.", said=said, budget=budget)


def given_up(reason: Message, *, seconds: float) -> Message:
    """Unmeasured for too long."""
    return Message(
        "Customers go back because nothing could be measured for {seconds} s. {reason}",
        seconds=f"{seconds:g}",
        reason=reason,
    )


def widen(share: float, *, start: bool, exposed: int) -> Message:
    """Why the share grows."""
    if start:
        return Message("The first {share} of customers go to new.", share=percent(share))
    return Message(
        "No harm seen among {exposed} customers on new, and the impact budget has room: {share} go to new.",
        exposed=exposed,
        share=percent(share),
    )


def narrow(share: float) -> Message:
    """Why the share shrinks without going back."""
    return Message(
        "The impact budget is short: the share goes down to {share} until more is known.", share=percent(share)
    )


def disturbed(share: float) -> Message:
    """Both arms got worse soon after a widening."""
    return Message(
        "Old got worse together with new after the last widening: only {share} go to new, to see whether new "
        "disturbs old.",
        share=percent(share),
    )


def interference() -> Message:
    """Old got worse with each of two widenings and recovered each time the share was lowered."""
    return Message(
        "Twice in a row old got worse with a widening and recovered once the share was lowered: new disturbs old, "
        "and the change goes back."
    )


def sudden(*, now: float, before: float, share: float) -> Message:
    """Something hits both arms alike."""
    return Message(
        "Something hits old and new alike: {now} of the customers on old meet something bad, {before} before. "
        "Only {share} go to new until it is over, so that it does not use up the impact budget.",
        now=percent(now),
        before=percent(before),
        share=percent(share),
    )


def drifted(*, now: float, before: float, share: float) -> Message:
    """Both arms have got worse little by little."""
    return Message(
        "Something bad happens more often than it did, on old as on new ({now} of the customers on old, {before} "
        "before): the proof would now use up more than the impact budget. Only {share} go to new until that is "
        "better.",
        now=percent(now),
        before=percent(before),
        share=percent(share),
    )


def waiting_for_windows() -> Message:
    """Nothing has closed yet."""
    return Message("Waiting for the first customers to be observed to the end.")


def waiting_for_cell(cell: str) -> Message:
    """A required cell has had no customer."""
    return Message("No customer of {cell} has been observed yet; the proof needs some.", cell=cell)


def waiting_for_proof(cell: Cell, *, more: int) -> Message:
    """The cell that holds the proof up, and how many customers it needs."""
    if cell.segment is None and cell.stratum is None:
        return Message(
            "About {more} more customers on new are needed to rule out {margin} “{metric}”.",
            more=more,
            margin=beyond(cell.margin),
            metric=cell.title,
        )
    return Message(
        "About {more} more customers on new are needed to rule out {margin} “{metric}” for {group}.",
        more=more,
        margin=beyond(cell.margin),
        metric=cell.title,
        group=cell.segment or cell.stratum,
    )


def suspicious(cell: Cell) -> Message:
    """Something looks worse, but chance may explain it."""
    return Message(
        "“{metric}” ({group}) looks worse on new, but chance may explain it: "
        "the share does not grow until it is clear.",
        metric=cell.title,
        group=cell.segment or Message("everybody"),
    )


def watching_after() -> Message:
    """After promotion."""
    return Message("Promoted: new stays within its margins so far.")


def judged(cell: Cell | None) -> Message:
    """Recorded data ended, or goes on, without a verdict."""
    if cell is None:
        return Message("Neither harm nor proof in the data so far.")
    return waiting_for_cell(cell.segment or cell.stratum or cell.metric)
