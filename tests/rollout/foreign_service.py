"""A library's catalogue: a service unfelt has never seen. It prints its port and serves for ever.

FAULT=none, or `mobile`: a reader on a phone gets an apology with status 503 three times out of four; or `slow`:
every answer takes ten times as long; or `closed`: a reader on a phone is refused with 403, which no metric names;
or `double`: one loan in twenty is written twice. With STORE, a file, each page is a loan, its number in the header
x-loan, and in the table loans before it is answered.
The page /asked tells how many requests for other pages it has answered.
"""

import asyncio
import hashlib
import os
import sqlite3
import sys
from pathlib import Path

FAULT = os.environ.get("FAULT", "none")
STORE = os.environ.get("STORE", "")
loans = sqlite3.connect(STORE, isolation_level=None) if STORE else None
if loans is not None:
    loans.executescript("PRAGMA journal_mode = WAL; CREATE TABLE loans (number TEXT, fee INTEGER);")
counter = {"answered": 0, "lent": 0}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one connection until the reader has gone."""
    try:
        while await one(reader, writer):
            pass
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request is answered."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    if head.startswith("GET /asked "):
        status, body = "200 OK", str(counter["answered"]).encode()
    else:
        counter["answered"] += 1
        await asyncio.sleep(0.03 if FAULT == "slow" else 0.003)
        status, body = ("200 OK", b"a book")
        if is_faulty(head):
            status, body = ("503 Sorry", b"sorry") if FAULT == "mobile" else ("403 Members only", b"no")
        status += lent()
    writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()
    return True


def lent() -> str:
    """The headers of a loan that is in the store."""
    if loans is None:
        return ""
    counter["lent"] += 1
    number = f"{Path(STORE).stem}-{counter['lent']}"
    is_doubled = FAULT == "double" and counter["lent"] % 20 == 0
    loans.executemany("INSERT INTO loans VALUES (?, 150)", [(number,)] * (1 + is_doubled))
    return f"\r\nx-loan: {number}\r\nx-fee: 1.50e2"


def is_faulty(head: str) -> bool:
    """Whether the planted fault hits this request."""
    if FAULT not in ("mobile", "closed") or "iPhone" not in head:
        return False
    return hashlib.sha256(head.encode()).digest()[0] % 4 > 0


async def serve() -> None:
    """Serves on a free port for ever."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


asyncio.run(serve())
