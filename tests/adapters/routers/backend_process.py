"""A small service that says which arm it is and what it was sent. `backend_process.py ARM` prints its port."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers requests on one connection until the client has gone."""
    try:
        while await one(reader, writer):
            pass
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request is answered; False when there was none."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    target = urlsplit(lines[0].split()[1])
    asked = {name: values[0] for name, values in parse_qs(target.query).items()}
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    await asyncio.sleep(float(asked.get("sleep", "0")))
    body = json.dumps({"arm": sys.argv[1], "headers": headers}).encode()
    extra = "".join(f"{name}: {value}\r\n" for name, value in asked.items() if name != "sleep")
    status = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    writer.write(status.encode() + body)
    await writer.drain()
    return True


async def serve() -> None:
    """Serves on a free port for ever."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


asyncio.run(serve())
