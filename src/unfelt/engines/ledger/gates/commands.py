"""Controls that a program answers: run with a limit of time and output, and nothing of it left behind."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from pathlib import Path
from xml.etree import ElementTree

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control
from unfelt.engines.ledger.gates.decide import verdict_of
from unfelt.engines.ledger.gates.facts import GateError, Verdict

MOST_OUTPUT = 1_000_000
"""Bytes of output that are kept, from its beginning; a program that writes 64 times as much is stopped."""
LARGEST = 20_000_000
"""Bytes of a result file, at most."""
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of the program: its exit code, None where it was stopped or did not begin; its output; why."""

    code: int | None
    output: bytes
    why: Message | None = None


def run_program(words: Sequence[str], *, within: timedelta) -> Ran:
    """The program to its end, or stopped with everything that it started when the time or the output runs out."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                list(words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return Ran(None, b"", Message("{program}: {problem}", program=words[0], problem=error.strerror))
        why = _watched(process, output.fileno(), within=within.total_seconds())
        _end(process)
        output.seek(0)
        kept = output.read(MOST_OUTPUT)
    return Ran(None if why else process.returncode, kept, why)


def _watched(process: "subprocess.Popen[bytes]", output: int, *, within: float) -> Message | None:
    """None once it has ended by itself; else why it has to be stopped."""
    looks = max(1, round(within / _LOOK))
    for _look in range(looks):
        try:
            process.wait(_LOOK)
        except subprocess.TimeoutExpired:
            if os.fstat(output).st_size > 64 * MOST_OUTPUT:
                return Message("it wrote more than {most} bytes", most=64 * MOST_OUTPUT)
        else:
            return None
    return Message("it did not end within {seconds} s", seconds=f"{within:g}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Nothing of its session is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def numbers_in(ran: Ran, *, junit: Path | None = None, result: Path | None = None) -> dict[str, float]:
    """The numbers of a JUnit file (tests, failures, skipped), a JSON file, or JSON on the last line of output.

    GateError says which file cannot be read.
    """
    if junit is not None:
        return _junit(read_small(junit), junit)
    text = read_small(result) if result is not None else _last_line(ran.output)
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        if result is None:
            return {}
        raise GateError(Message("{file} is not JSON: {error}", file=result, error=error)) from error
    plain = found if isinstance(found, dict) else {}
    return {
        str(name): float(value)
        for name, value in plain.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    }


def concluded(control: Control, ran: Ran, numbers: Mapping[str, float]) -> tuple[Verdict, Message]:
    """Stopped or not begun: not run. Another exit code than 0: failed. Else by the control's limits."""
    if ran.code is None:
        return "not_run", Message("it was not run to its end: {why}", why=ran.why or "–")
    if ran.code != 0:
        return "fail", Message("it ended with exit code {code}", code=ran.code)
    return verdict_of(control, numbers)


def read_small(path: Path) -> bytes:
    """The bytes of the file, or GateError where there are too many or it cannot be read."""
    try:
        size = path.stat().st_size
        if size <= LARGEST:
            return path.read_bytes()
    except OSError as error:
        raise GateError(Message("{file}: {problem}", file=path, problem=error.strerror)) from error
    said = Message(
        "{file} is too large to be kept: {size} bytes, and {most} are allowed.", file=path, size=size, most=LARGEST
    )
    raise GateError(said)


def _last_line(output: bytes) -> bytes:
    lines = output.strip().splitlines()
    return lines[-1] if lines else b""


def _junit(content: bytes, path: Path) -> dict[str, float]:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise GateError(Message("{file} has a document type of its own, which no JUnit file has.", file=path))
    try:
        root = ElementTree.fromstring(content)  # noqa: S314  (no document type: nothing can be expanded)
    except ElementTree.ParseError as error:
        raise GateError(Message("{file} is not XML: {error}", file=path, error=error)) from error
    cases = list(root.iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return {"tests": len(cases), "failures": failed, "skipped": skipped}
