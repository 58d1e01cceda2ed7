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

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import numbers

MOST_OUTPUT = 1_000_000
"""Bytes of output that are kept, from its beginning; a program that writes 64 times as much is stopped."""
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of the program: its exit code, None where it was stopped or did not begin; its output; why."""

    code: int | None
    output: bytes
    why: Message | None = None


def run_program(words: Sequence[str], *, within: timedelta, told: Mapping[str, str] | None = None) -> Ran:
    """The program to its end, or stopped with everything that it started when the time or the output runs out.

    told: variables of its environment besides those that are there.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                list(words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(told or {})},
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


def printed(output: bytes) -> dict[str, float]:
    """The numbers of the JSON on the last line of output; none where there is no such line."""
    lines = output.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else {}
    except (ValueError, RecursionError):
        return {}
    return numbers(found)
