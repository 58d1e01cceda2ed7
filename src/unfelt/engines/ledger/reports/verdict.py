"""What follows where a report is not of a run that says something."""

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates.facts import Verdict
from unfelt.engines.ledger.payload import Said
from unfelt.engines.ledger.reports.form import State

WITHOUT: dict[State, Verdict] = {
    "nothing": "not_run",
    "failed": "not_run",
    "little": "inconclusive",
    "broken": "fail",
}


def of_report(state: State, why: dict[str, object] | None) -> Said | None:
    """Nothing that ran is no pass, nor is a run that failed or was too short; None where the numbers decide."""
    if state == "ran":
        return None
    return WITHOUT[state], Message.of(why) if why else Message("nothing ran")
