"""One server process: it says when it is ready, and ends with the process that started it."""

import argparse
import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import ASGIApp

HOST = "127.0.0.1"
KEEP_ALIVE = 120
"""Seconds. Longer than any client or router keeps a connection, so that none sends into a closing one."""
LOOK = 0.25
"""Seconds between two looks at whether the parent still lives."""


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options which every process of the shop has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="directory of the stores")
    add_parent(parser)
    return parser


def add_parent(parser: argparse.ArgumentParser) -> None:
    """The option to end together with whoever started this process."""
    # A number, because a process whose parent is gone already could not find out who it was.
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process, the parent, has ended")


def serve(app: ASGIApp, *, port: int, parent: int | None) -> None:
    """Serves until it is told to stop (SIGTERM, SIGINT), or its parent is gone."""
    try:
        listener = socket.create_server((HOST, port), backlog=1024)
    except OSError as error:
        sys.exit(
            f"Port {port} on {HOST} cannot be used: {os.strerror(error.errno)}. Choose another one with --port."
        )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, contextlib.suppress(KeyboardInterrupt):
        runner.run(_serve(app, listener, parent=parent))


async def parent_ended(parent: int) -> None:
    """Waits until the process that started this one has ended, however it ended."""
    while os.getppid() == parent:
        await asyncio.sleep(LOOK)


async def _serve(app: ASGIApp, listener: socket.socket, *, parent: int | None) -> None:
    server = uvicorn.Server(_config(app))
    with listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        watching = asyncio.create_task(_watch(server, parent)) if parent else None
        if await _is_started(server, serving):
            print(f"ready http://{HOST}:{listener.getsockname()[1]}", flush=True)
        await serving
    if watching:
        watching.cancel()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=2,
    )


async def _is_started(server: uvicorn.Server, serving: "asyncio.Task[None]") -> bool:
    while not (server.started or serving.done()):
        await asyncio.sleep(0.01)
    return server.started


async def _watch(server: uvicorn.Server, parent: int) -> None:
    await parent_ended(parent)
    server.should_exit = True
