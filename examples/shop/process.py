"""One server process: it says when it is ready, and ends with the process that started it."""

import argparse
import asyncio
import os
import socket
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
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the process that started this one ends"
    )
    return parser


def serve(app: ASGIApp, *, port: int, with_parent: bool) -> None:
    """Serves until it is told to stop (SIGTERM, SIGINT), or its parent is gone."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, port=port, with_parent=with_parent))


async def end_with_parent(stop: asyncio.Event) -> None:
    """Sets `stop` when the process that started this one has ended, however it ended."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(LOOK)
    stop.set()


async def _serve(app: ASGIApp, *, port: int, with_parent: bool) -> None:
    server = uvicorn.Server(_config(app))
    with socket.create_server((HOST, port), backlog=1024) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        watching = asyncio.create_task(_watch(server)) if with_parent else None
        await _started(server, serving)
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


async def _started(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    while not (server.started or serving.done()):
        await asyncio.sleep(0.01)


async def _watch(server: uvicorn.Server) -> None:
    gone = asyncio.Event()
    await end_with_parent(gone)
    server.should_exit = True
