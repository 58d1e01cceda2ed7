"""Recorded experience, judged by the guard of a live rollout: what it would have decided, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from unfelt.adapters.sources import Batch, Intake
from unfelt.adapters.sources.account import Account
from unfelt.adapters.sources.census import Census
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import sentences
from unfelt.engines.guard.decision import Affected, CellView, Decision, SplitView
from unfelt.engines.guard.guard import Guard
from unfelt.engines.guard.soundness import unproved, unsound
from unfelt.engines.guard.trouble import recorded_trouble_of
from unfelt.kernel.tally import ANYTHING

ENDS = frozenset({"back", "promote"})
"""Decisions after which nothing is looked at any more. A spent budget may still turn out to be harm."""


@dataclass(slots=True)
class Judgement:
    """Every decision that differs from the one before, the last of them, and what was read.

    census: of all customers, where nobody is on old.
    """

    decisions: list[Decision] = field(default_factory=list)
    final: Decision | None = None
    lines: int = 0
    unparsed: int = 0
    unknown: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    census: Census | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON-ready data; sentences are in the language in force."""
        if self.final is None:
            raise ValueError("Nothing was judged.")
        final = self.final
        return {
            "final": final.action,
            "at": final.at.isoformat(),
            "because": str(final.because),
            "metric": final.metric,
            "segment": final.segment,
            "customers": _customers(final),
            "affected": _affected(final),
            "split": {"ok": final.split.ok, "e_value": final.split.e_value},
            "hurt": [list(cell) for cell in final.hurt],
            "decisions": [_row(decision) for decision in self.decisions],
            "intake": {"lines": self.lines, "unparsed": self.unparsed, "unknown": self.unknown},
            "excluded": dict(self.excluded),
            "account": self.account.plain(),
            "counted": "all" if self.census else None,
            "looked_at": self.census.plain() if self.census else None,
        }


def judge(
    change: Change,
    batches: Iterable[Batch],
    *,
    segments: Mapping[str, Sequence[str]],
    account: Account | None = None,
    census: Census | None = None,
) -> Judgement:
    """What the guard decides, look by look; `final` is its last word, `hold` where the record ends too soon.

    Where the recording as a whole cannot be believed, that word is `unmeasured`, whatever was decided on the way.
    Where nobody is on old nothing is compared: it says then what became of whom, by the census.
    """
    guard = Guard(change, segments=segments)
    judgement = Judgement(account=account or Account(), census=census)
    doubt = unsound(account, change) if account else None
    missing = unproved(account, change) if account else None
    for batch in batches:
        if batch.until is None:
            continue
        decision = guard.observe(
            batch.tallies,
            failures=batch.failures,
            splits=batch.splits,
            exposed=batch.exposed,
            in_flight=batch.in_flight,
            felt=batch.felt,
            at=batch.until,
            share=None,
            unmeasured=recorded_trouble_of(batch, change) or doubt or missing,
        )
        _take(judgement, decision, batch.intake, batch.excluded)
        if decision.action in ENDS or not decision.split.ok:
            break
    if census is not None and (judgement.final is None or judgement.final.split.ok):
        judgement.final = _counted(change, census)
        judgement.decisions, missing = [judgement.final], None
    _doubt(judgement, doubt, missing)
    return judgement


def _counted(change: Change, census: Census) -> Decision:
    """What became of all customers, beside the budget; at most the affected and the unknown are affected."""
    budget, affected = change.guard.impact_budget, census.affected
    because = sentences.counted(census.customers, known=census.known, affected=affected, budget=budget)
    return Decision(
        action="spent" if affected > budget else "hold",
        share=None,
        because=because,
        affected=Affected(
            at_most=affected + census.unknown,
            estimate=float(affected),
            of=census.customers,
            confidence=1.0,
            at_least=affected,
            ceiling=affected + census.unknown,
        ),
        metric=None,
        segment=None,
        at=census.until,
        cells=(_whole(census),),
        split=SplitView(ok=True, e_value=1.0),
    )


def _whole(census: Census) -> CellView:
    blank = dict.fromkeys(("back", "promote", "margin", "estimate", "low", "high"))
    return CellView(ANYTHING, None, None, new=census.customers, new_bad=census.affected, old=0, old_bad=0, **blank)


def _doubt(judgement: Judgement, doubt: Message | None, missing: Message | None) -> None:
    """The last word is withdrawn where the recording does not bear it."""
    final = judgement.final
    reason = doubt or (missing if final and final.action != "back" else None)
    if final is None or reason is None:
        return
    judgement.final = replace(final, action="unmeasured", because=reason, metric=None, segment=None, hurt=())
    if judgement.decisions[-1].action != "unmeasured":
        judgement.decisions.append(judgement.final)


def _take(judgement: Judgement, decision: Decision, intake: Intake, excluded: Mapping[str, int]) -> None:
    if not judgement.decisions or decision.action != judgement.decisions[-1].action:
        judgement.decisions.append(decision)
    spent = judgement.final is not None and judgement.final.action == "spent"
    if not spent or decision.action == "back":
        judgement.final = decision
    judgement.lines += intake.lines
    judgement.unparsed += intake.unparsed
    judgement.unknown += intake.unknown
    judgement.excluded = excluded


def _customers(decision: Decision) -> dict[str, int]:
    whole = next(c for c in decision.cells if c.metric == ANYTHING and c.segment is None and c.stratum is None)
    return {"old": whole.old, "new": whole.new}


def _affected(decision: Decision) -> dict[str, float]:
    affected = decision.affected
    return {
        "at_most": affected.at_most,
        "at_least": affected.at_least,
        "ceiling": affected.ceiling,
        "estimate": affected.estimate,
        "confidence": affected.confidence,
    }


def _row(decision: Decision) -> dict[str, Any]:
    return {
        "at": decision.at.isoformat(),
        "action": decision.action,
        "because": str(decision.because),
        "metric": decision.metric,
        "segment": decision.segment,
        "customers": _customers(decision),
        "affected": _affected(decision),
    }
