"""What was seen from outside, as evidence: one payload for each control that has probes."""

from collections.abc import Mapping, Sequence

from unfelt.adapters.http import Policy
from unfelt.adapters.probes.looking import Looked, look_at
from unfelt.documents.sections import Probe
from unfelt.engines.ledger.kinds import Look, Probed


def probed(probes: Sequence[Probe], *, policy: Policy) -> Mapping[str, Probed]:
    """All probes looked at now, by control: `looks`, `failed` and `slowest` (seconds) are their numbers."""
    found: dict[str, list[Look]] = {probe.control: [] for probe in probes}
    for looked in look_at(probes, policy=policy):
        found[looked.probe.control].append(_look(looked))
    return {control: Probed.seen(looks) for control, looks in found.items()}


def _look(looked: Looked) -> Look:
    probe = looked.probe
    return Look(
        target=probe.target,
        expect=probe.expect or "",
        good=looked.seen.good,
        saw=looked.seen.saw.plain(),
        seconds=round(looked.seconds, 3),
    )
