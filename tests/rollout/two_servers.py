"""Two real web servers with the defaults of their makers before one application: Caddy is old, nginx is new.

`two_servers.py app PORT` is the application, `two_servers.py customers URL RATE SEED` who comes.
"""

import asyncio
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from unfelt.testing.ports import free_port

CADDY = """\
{{
  admin off
  auto_https off
}}
http://:{port} {{
  bind 127.0.0.1
  root * {site}
  encode gzip
  reverse_proxy /api/* 127.0.0.1:{app}
  file_server
}}
"""
NGINX = """\
user root;
worker_processes 1;
daemon off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  gzip on;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {site};
    location /api/ {{ proxy_pass http://127.0.0.1:{app}; proxy_set_header Host $http_host; }}
    location / {{ try_files $uri $uri/ =404; }}
  }}
}}
"""
DESK = "Mozilla/5.0 (X11; Linux x86_64)"


def site(place: Path) -> Path:
    """Pages, a script and data, of some size."""
    place.mkdir()
    (place / "docs").mkdir()
    (place / "index.html").write_text("<html><title>Parcels</title>" + "<p>Where is it?</p>" * 200 + "</html>")
    (place / "docs" / "index.html").write_text("<html><title>Help</title></html>")
    (place / "app.js").write_text("function track(parcel) { return parcel }\n" * 700)
    return place


@contextmanager
def process(*command: str) -> Iterator[None]:
    """It runs until the block ends."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(10)


def program(name: str) -> str:
    """Where it is; both are Debian packages (caddy, nginx-light)."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, f"{name} is not installed: apt-get install caddy nginx-light"
    return found


@contextmanager
def two_servers(place: Path) -> Iterator[tuple[str, str]]:
    """The addresses of old and new."""
    place.mkdir()
    pages, app, old, new = site(place / "site"), free_port(), free_port(), free_port()
    (place / "Caddyfile").write_text(CADDY.format(port=old, app=app, site=pages))
    (place / "nginx.conf").write_text(NGINX.format(port=new, app=app, site=pages, place=place))
    caddy = (program("caddy"), "run", "--config", str(place / "Caddyfile"), "--adapter", "caddyfile")
    with (
        process(sys.executable, __file__, "app", str(app)),
        process(*caddy),
        process(program("nginx"), "-c", str(place / "nginx.conf")),
    ):
        time.sleep(2)
        yield f"http://127.0.0.1:{old}", f"http://127.0.0.1:{new}"


async def echo(request: web.Request) -> web.Response:
    """The headers as they arrived."""
    return web.json_response({"headers": [list(one) for one in request.headers.items()]})


async def upload(request: web.Request) -> web.Response:
    """How much arrived."""
    return web.json_response({"got": len(await request.read())})


async def customer(session: aiohttp.ClientSession, url: str, name: str) -> None:
    """Two requests of one kind; the kind is the customer's."""
    draw = random.Random(name)
    kind = draw.choices(("page", "docs", "upload", "cookie", "tenant"), (62, 12, 10, 10, 6))[0]
    headers = {"Cookie": f"uid={name}", "User-Agent": DESK}
    if kind == "cookie":
        headers["Cookie"] += "; basket=" + "a" * 9000
    if kind == "tenant":
        headers["X_Tenant"] = "t1"
    path = {"docs": "/docs", "upload": "/api/upload", "tenant": "/api/echo"}.get(
        kind, draw.choice(("/", "/app.js"))
    )
    for _ in range(2):
        body = b"a" * 1_500_000 if kind == "upload" else None
        asked = session.request("POST" if body else "GET", url + path, headers=headers, data=body)
        try:
            async with asked as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            continue
        await asyncio.sleep(0.2)


async def customers(url: str, rate: float, seed: int) -> None:
    """They come for ever."""
    draw, number = random.Random(seed), 0
    jar = aiohttp.DummyCookieJar()
    visits: set[asyncio.Task[None]] = set()
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=10)) as session:
        while True:
            number += 1
            visit = asyncio.ensure_future(customer(session, url, f"c{seed}-{number}"))
            visits.add(visit)
            visit.add_done_callback(visits.discard)
            await asyncio.sleep(draw.expovariate(rate))


def main() -> None:
    """As the first word says."""
    if sys.argv[1] == "app":
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/api/echo", echo)
        app.router.add_route("*", "/api/upload", upload)
        web.run_app(app, host="127.0.0.1", port=int(sys.argv[2]), print=None, max_field_size=2**17)
    else:
        asyncio.run(customers(sys.argv[2], float(sys.argv[3]), int(sys.argv[4])))


if __name__ == "__main__":
    main()
