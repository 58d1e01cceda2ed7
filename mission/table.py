"""The eighty items by an exported ledger: python mission/table.py LEDGER.jsonl [--truth TRUTH.json]

Nothing of unfelt is imported: what stands here is read from the entries alone. The newest entry of gate close
names, for each control that the change was asked for, its state and the entry that it rests on.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

AREAS = {
    "planning": ("requirements", "risk", "window", "resources"),
    "communication": ("internal", "customers", "hand_offs", "in_flight"),
    "testing": ("functional", "performance", "usability", "monitoring"),
    "backup": ("data", "system", "recovery", "drill"),
    "training": ("plan", "materials", "change_support", "feedback"),
    "optimisation": ("collect", "analysis", "proposal", "iterate"),
    "compliance": ("assessment", "training", "checks", "report"),
    "security": ("assessment", "measures", "stability", "incident"),
    "cost": ("budget", "monitoring", "optimisation", "report"),
    "time": ("schedule", "progress", "replan", "report"),
    "team": ("form", "teamwork", "training", "incentives"),
    "risk": ("identify", "rate", "respond", "monitor"),
    "quality": ("standard", "control", "audit", "improve"),
    "satisfaction": ("survey", "analysis", "raise", "track"),
    "improvement": ("plan", "do", "check", "act"),
    "support": ("team", "channels", "training", "feedback"),
    "research": ("plan", "methods", "analysis", "application"),
    "partners": ("select", "talk", "work", "maintain"),
    "brand": ("position", "communicate", "maintain", "feedback"),
    "social": ("awareness", "practice", "report", "feedback"),
}
ITEMS = {
    f"{area}.{name}": f"{number}.{place}"
    for number, (area, names) in enumerate(AREAS.items(), 1)
    for place, name in enumerate(names, 1)
}
"""Each control by the number of its item."""
ANSWERED = ("pass", "stated", "signed")
BY_PEOPLE = ("communication.", "team.teamwork", "improvement.", "time.re", "compliance.report")
"""Controls whose derived evidence follows from what people did."""
BY_CUSTOMERS = ("rollout", "judgement")
HEAD = ("item", "control", "verdict", "origin", "simulated", "figure", "n", "entry", "artefact", "seconds")
WIDEST = 46

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One item, as the table shows it."""

    item: str
    control: str
    verdict: str
    origin: str
    simulated: str
    figure: str
    n: str
    entry: str
    artefact: str
    seconds: str


class TableError(SystemExit):
    """The export does not hold what the table is made of."""


def read(text: str) -> list[Entry]:
    """The entries, in the order of the chain; TableError where one is missing."""
    entries = [json.loads(line) for line in text.splitlines() if line.strip()]
    numbers = [one["number"] for one in entries]
    if numbers != list(range(1, len(entries) + 1)):
        raise TableError("the export is not the whole chain: entries are missing or out of order")
    return entries


def lines_of(entries: Sequence[Entry]) -> Iterator[Line]:
    """Every item, in its order."""
    gate = _newest(entries, "gate", gate="close")
    if gate is None:
        raise TableError("no entry says that gate close was open: unfelt gates --gate close --seal")
    change, controls = gate["body"]["change"], gate["body"]["controls"]
    if strange := sorted(set(controls) - set(ITEMS)):
        raise TableError(f"the gate names controls that are no items: {', '.join(strange)}")
    clock = Clock(entries)
    is_mission = bool(entries) and entries[0]["kind"] == "mission"
    for control, item in ITEMS.items():
        held = controls.get(control)
        if held is None:
            yield Line(item, control, "does not apply", "–", "–", "–", "–", "–", "–", "–")
        else:
            yield _line(entries, clock, control, held, change=change, is_mission=is_mission)


def _line(
    entries: Sequence[Entry],
    clock: "Clock",
    control: str,
    held: Mapping[str, Any],
    *,
    change: str,
    is_mission: bool,
) -> Line:
    state, number = held["state"], held["evidence"]
    if state == "waived":
        waiver = _newest(entries, "waiver", control=control, change=change)
        if waiver is None:
            raise TableError(f"{control} is waived, and no entry gives a waiver")
        by = "people" if is_mission else "no"
        figure = f"by {_short(waiver['body']['by'])}, {_short(waiver['body']['agreed_by'])}"
        at = (str(waiver["number"]), "–", clock.seconds(waiver))
        return Line(ITEMS[control], control, "waived", "–", by, figure, "–", *at)
    if state not in ANSWERED:
        return Line(ITEMS[control], control, f"open ({state})", "–", "–", "–", "–", str(number or "–"), "–", "–")
    entry = entries[number - 1]
    body = entry["body"]
    if entry["kind"] != "evidence" or (body["control"], body["change"], body["verdict"]) != (
        control,
        change,
        "pass",
    ):
        raise TableError(f"{control} rests on entry {number}, which is no passing evidence for it")
    return Line(
        ITEMS[control],
        control,
        "pass",
        body["origin"],
        _simulated(control, body) if is_mission else "no",
        _figure(body),
        _n(body),
        str(number),
        _artefact(body),
        clock.seconds(entry),
    )


def _newest(entries: Sequence[Entry], kind: str, **said: str) -> Entry | None:
    wanted = said.items()
    return next((one for one in reversed(entries) if one["kind"] == kind and wanted <= _texts(one["body"])), None)


def _texts(body: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(name, value) for name, value in body.items() if isinstance(value, str)}


def _short(name: str) -> str:
    return name.partition("@")[0]


def _simulated(control: str, body: Mapping[str, Any]) -> str:
    """Whether it rests on people or customers, who are made up here; a program or a look from outside does not."""
    if body["kind"] in ("answers", "sign-off") or (body["kind"] == "derived" and control.startswith(BY_PEOPLE)):
        return "people"
    return "customers" if body["kind"] in BY_CUSTOMERS or control == "improvement.check" else "no"


def _figure(body: Mapping[str, Any]) -> str:
    """Each number that the control has a limit for, beside that limit."""
    numbers, limits = body["payload"].get("numbers", {}), body.get("limits") or {}
    found = []
    for name, limit in limits.items():
        value = numbers.get(limits.get(f"{body['kind']}:{name}", name))
        if ":" not in name:
            found.append(f"{name} {limit}" if value is None else f"{name} {value:.4g} ({limit})")
    return ", ".join(found)


def _artefact(body: Mapping[str, Any]) -> str:
    """Of the report that a program wrote, else of its output or of the file that was brought."""
    kept = [*body.get("beside", ()), body.get("artefact") or "–"]
    return str(kept[0])[:12]


def _n(body: Mapping[str, Any]) -> str:
    """How many were counted: tests, requests, looks, customers, answers."""
    payload = body["payload"]
    numbers = payload.get("numbers", {})
    for name in ("n", "tests", "requests"):
        if name in numbers:
            return f"{numbers[name]:.0f}"
    if payload.get("looks"):
        return str(len(payload["looks"]))
    if payload.get("rates"):
        old, _bad, new, _worse = next(iter(payload["rates"].values()))
        return str(old + new)
    return str(payload["answered"]) if payload.get("answered") else "–"


class Clock:
    """The time of the machine behind business time: how many seconds into the run an entry was made."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._steps = [
            (one["number"], timedelta(seconds=one["body"]["seconds"]))
            for one in entries
            if one["kind"] == "clock moved"
        ]
        self._born = datetime.fromisoformat(entries[0]["at"]) if entries else None

    def seconds(self, entry: Entry) -> str:
        """Since the first entry."""
        if self._born is None:
            return "–"
        ahead = sum((length for number, length in self._steps if number <= entry["number"]), timedelta())
        return f"{(datetime.fromisoformat(entry['at']) - ahead - self._born).total_seconds():.0f}"


def last_line(lines: Sequence[Line]) -> str:
    """How many items were answered, and how."""
    count: Counter[str] = Counter()
    for one in lines:
        if one.verdict == "pass":
            count["lit" if one.origin in ("observed", "derived") else one.origin] += 1
        else:
            count[one.verdict.partition(" (")[0]] += 1
    return (
        f"{count['lit']} of {len(ITEMS)} observed or derived, {count['read']} read, {count['stated']} stated, "
        f"{count['signed']} signed, {count['waived']} waived, {count['does not apply']} not applicable, "
        f"{count['open']} open"
    )


def shown(lines: Sequence[Line]) -> str:
    """The table as text."""
    rows = [HEAD, *(tuple(text[:WIDEST] for text in astuple(one)) for one in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def truth_line(entries: Sequence[Entry], truth: bytes) -> str:
    """That the truth file is the one that was sealed; TableError where it is not."""
    said = entries[0]["body"].get("truth") if entries and entries[0]["kind"] == "mission" else None
    digest = hashlib.sha256(truth).hexdigest()
    if said != digest:
        raise TableError(f"the truth file is {digest[:12]}, and entry 1 sealed {str(said)[:12]}")
    return f"The truth file is the one that entry 1 sealed: {digest[:12]}"


def main() -> None:
    """The table and the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--truth", type=Path)
    options = parser.parse_args()
    entries = read(options.ledger.read_text(encoding="utf-8"))
    lines = list(lines_of(entries))
    print(shown(lines))
    if options.truth is not None:
        print(truth_line(entries, options.truth.read_bytes()))
    print(last_line(lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
