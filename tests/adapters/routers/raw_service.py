"""A service that takes whatever it is sent and says exactly what that was. `raw_service.py [CHAIN KEY]`: its port.

With a certificate it speaks TLS. Names of headers are told as they were spelled, and in order.
"""

import asyncio
import base64
import hashlib
import json
import ssl
import sys
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

LARGEST = 1_000_000
"""Bytes of a body that it takes."""
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Headers = list[tuple[str, str]]


async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers requests on one connection until either side has had enough."""
    with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        while await one(reader, writer):
            await writer.drain()
    writer.close()


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request is answered; whether another may follow."""
    line = (await reader.readline()).decode("latin-1").rstrip("\r\n")
    if not line:
        return False
    headers: Headers = []
    while text := (await reader.readline()).decode("latin-1").rstrip("\r\n"):
        name, _, value = text.partition(":")
        headers.append((name, value.strip()))
    method, _, rest = line.partition(" ")
    target = rest.rpartition(" ")[0] or rest
    said = {name.lower(): value for name, value in headers}
    asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    path = target.partition("?")[0]
    if "upgrade" in said.get("connection", "").lower() and said.get("upgrade", "").lower() == "websocket":
        await websocket(reader, writer, said["sec-websocket-key"])
        return False
    if int(said.get("content-length", "0") or 0) > LARGEST:
        answer(writer, "413 Too Much", [("Connection", "close")], b"too much")
        await writer.drain()
        await discard(reader)
        return False
    if said.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await body_of(reader, said)
    if path.endswith("/sse"):
        await events(writer, int(asked.get("n", "3")), float(asked.get("gap", "0.5")))
        return False
    await asyncio.sleep(float(asked.get("sleep", "0")))
    more = [("Content-Type", "application/json")]
    more += [(name[2:], value) for name, value in asked.items() if name.startswith("h-")]
    if path.endswith("/spelled"):
        more += [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"), ("X-MiXeD-Case", "v")]
    if path.endswith("/big"):
        more += [("X-Big", "b" * int(asked["n"]))]
    told = {"line": line, "headers": headers, "length": len(body)}
    status = asked.get("status", "200 Fine As It Is")
    is_bare = method == "HEAD" or status.startswith("304")
    answer(writer, status, more, json.dumps(told).encode(), is_bare=is_bare)
    return said.get("connection", "").lower() != "close" and not line.endswith("HTTP/1.0")


async def body_of(reader: asyncio.StreamReader, said: dict[str, str]) -> bytes:
    """What was sent behind the headers."""
    if "chunked" not in said.get("transfer-encoding", ""):
        return await reader.readexactly(int(said.get("content-length", "0") or 0))
    found = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        found += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return found


async def discard(reader: asyncio.StreamReader) -> None:
    """As web servers do: what is still coming is read, so that the answer is not lost."""
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            while await reader.read(65536):
                pass


def answer(
    writer: asyncio.StreamWriter, status: str, more: Headers, body: bytes, *, is_bare: bool = False
) -> None:
    """One answer of a known length."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in more)
    writer.write(
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + (b"" if is_bare else body)
    )


async def events(writer: asyncio.StreamWriter, count: int, gap: float) -> None:
    """A stream of events, each sent when it happens."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for number in range(count):
        writer.write(f"data: {number}\n\n".encode())
        await writer.drain()
        await asyncio.sleep(gap)


async def websocket(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
    """An echo of small messages."""
    accepted = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest())  # noqa: S324  (RFC 6455)
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(head + b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n")
    while True:
        start = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(start[1] & 127)))
        writer.write(bytes((start[0], len(text))) + text)
        await writer.drain()


async def serve() -> None:
    """Serves on a free port for ever."""
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context, limit=1 << 20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
