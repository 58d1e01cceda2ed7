"""A door before the old shop that writes down who came: the record on which the guard is calibrated.

python mission/recorder.py PORT http://127.0.0.1:OLD FILE.csv
"""

import asyncio
import csv
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession, TCPConnector, web

COLUMNS = ("time", "customer", "path", "status", "duration_ms", "device")


class Door:
    """Passes every request on, and writes a line for it."""

    def __init__(self, session: ClientSession, write: Callable[[list[object]], object]) -> None:
        self._session, self._write = session, write

    async def answer(self, request: web.Request) -> web.Response:
        """What the old shop answers; who has no cookie gets one, and counts from their next request on."""
        customer, began, at = request.cookies.get("uid"), time.perf_counter(), datetime.now(UTC)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        body = await request.read()
        async with self._session.request(
            request.method, request.path_qs, headers=headers, data=body, allow_redirects=False
        ) as found:
            said = await found.read()
            left = ("content-length", "transfer-encoding", "content-encoding", "date", "server")
            answer = web.Response(status=found.status, body=said)
            for name, value in found.headers.items():
                if name.lower() not in (*left, "content-type"):
                    answer.headers.add(name, value)
            answer.headers["content-type"] = found.headers.get("content-type", "text/plain")
        if customer is None:
            answer.headers.add("set-cookie", f"uid={uuid.uuid4().hex}; Path=/; HttpOnly")
        taken = round(1000 * (time.perf_counter() - began), 1)
        device = "phone" if "Mobile" in request.headers.get("user-agent", "") else "other"
        self._write([at.isoformat(), customer or "", request.path, answer.status, taken, device])
        return answer


async def main() -> None:
    """Until it is ended."""
    port, old, file = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    with file.open("w", newline="", buffering=1) as kept:
        writer = csv.writer(kept)
        writer.writerow(COLUMNS)
        async with ClientSession(old, connector=TCPConnector(limit=200)) as session:
            app = web.Application()
            app.router.add_route("*", "/{tail:.*}", Door(session, writer.writerow).answer)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            print("ready", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
