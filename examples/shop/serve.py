"""Starts everything of one arm, says when it is ready, and stops all of it.

python -m shop.serve old --port 9001 --data data
python -m shop.serve new --port 9002 --data data --build good
"""

import asyncio
import fcntl
import os
import signal
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import uvloop

from shop.builds import BUILDS
from shop.move import move
from shop.process import arguments, parent_ended
from shop.stock import stock

PATIENCE = 20
"""Seconds until a process must be ready, or gone."""


class ArmError(RuntimeError):
    """A process of this arm did not start, or ended by itself."""


class Arm:
    """The processes of one arm."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self, module: str, *options: str) -> str:
        """Starts one process and answers with its address once it is ready."""
        # Each watches this process, and ends when it is gone.
        command = [sys.executable, "-m", module, "--data", str(self._data), "--parent", str(os.getpid()), *options]
        # A session of its own: Ctrl-C in a terminal reaches this process, and this process alone stops the others.
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        self._processes.append(process)
        try:
            line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        except TimeoutError as error:
            raise ArmError(f"{module} was not ready within {PATIENCE} s.") from error
        if not line.startswith(b"ready "):
            raise ArmError(f"{module} did not start. Its own words are above.")
        return line.decode().split()[1]

    async def ended(self) -> None:
        """Waits until one of the processes has ended."""
        waits = [asyncio.create_task(process.wait()) for process in self._processes]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """None of the processes is left."""
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
        for process in self._processes:
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except TimeoutError:
                process.kill()
                await process.wait()


def prepare(arm: str, data: Path) -> None:
    """The stores of this arm, made when they are not there yet; two arms never make one at the same time."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (data / "old.db").exists():
            stock(data / "old.db")
        if arm == "new" and not (data / "checkout.db").exists():
            (data / "catalog.db").unlink(missing_ok=True)  # half of a move that was broken off
            move(data / "old.db", catalog=data / "catalog.db", checkout=data / "checkout.db")


async def serve(options: Namespace) -> None:
    """Serves until it is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ends = [asyncio.create_task(stop.wait())]
    if options.parent:
        ends.append(asyncio.create_task(parent_ended(options.parent)))
    arm = Arm(options.data)
    try:
        await _run(arm, options, ends=ends)
    finally:
        await arm.stop()


async def _run(arm: Arm, options: Namespace, *, ends: list[asyncio.Task[Any]]) -> None:
    starting = asyncio.create_task(_start(arm, options))
    if starting not in await _first(starting, *ends):
        starting.cancel()
    else:
        print(f"ready {starting.result()} ({options.arm})", flush=True)
        broken = asyncio.create_task(arm.ended())
        if broken in await _first(broken, *ends):
            raise ArmError("A process ended by itself; the others are stopped.")


async def _first(*tasks: asyncio.Task[Any]) -> set[asyncio.Task[Any]]:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return done


async def _start(arm: Arm, options: Namespace) -> str:
    port = ("--port", str(options.port))
    if options.arm == "old":
        return await arm.start("shop.old", *port)
    checkout = await arm.start("shop.checkout", "--build", options.build)
    return await arm.start("shop.gateway", *port, "--checkout", checkout)


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    parser = arguments(__doc__)
    parser.add_argument("arm", choices=("old", "new"))
    parser.add_argument("--build", choices=BUILDS, default="good", help="build of the new checkout")
    options = parser.parse_args()
    prepare(options.arm, options.data)
    try:
        # uvloop, because asyncio's own loop now and then loses a child that ends while it is being stopped.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(options))
    except ArmError as error:
        parser.exit(1, f"The {options.arm} shop is not up. {error}\n")


if __name__ == "__main__":
    main()
