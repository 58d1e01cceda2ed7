"""Web servers as customers run them, started for a test: nginx and Caddy where they are installed."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PATHS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))

NGINX = """
{user} worker_processes 1; daemon off; pid {home}/pid; error_log {home}/error.log;
events {{ }}
http {{
  access_log off; default_type text/plain; types {{ text/html html; application/javascript js; video/mp4 mp4; }}
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
  uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  server {{
    listen 127.0.0.1:{port}; root {home}/site; client_max_body_size 1m;
    gzip on; gzip_types application/javascript; gzip_min_length 100;
    location /api/ {{
      proxy_pass http://127.0.0.1:{app}; proxy_http_version 1.1; proxy_buffering off;
      proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $http_connection; proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""
USER = "user root;" if os.geteuid() == 0 else ""
CADDY = """
{{
  admin off
  auto_https off
  storage file_system {home}/storage
}}
http://127.0.0.1:{port}, http://:{port} {{
  bind 127.0.0.1
  root * {home}/site
  encode gzip
  reverse_proxy /api/* 127.0.0.1:{app} {{
    flush_interval -1
  }}
  file_server
}}
"""


def find(name: str) -> str | None:
    """Where the program is, if it is installed."""
    return shutil.which(name, path=PATHS)


@contextmanager
def raw_service(*certificate: Path, program: str = "raw_service.py") -> Iterator[int]:
    """The port of a service that tells what it was sent."""
    command = (sys.executable, str(HERE / program), *map(str, certificate))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@contextmanager
def web_server(kind: str, home: Path, *, port: int, app: int) -> Iterator[int]:
    """The port of that server, with a site of its own and the service behind `/api/`."""
    _write_site(home / "site")
    text = {"nginx": NGINX, "caddy": CADDY}[kind].format(home=home, port=port, app=app, user=USER)
    config = home / "config"
    config.write_text(text)
    program = find(kind)
    assert program is not None
    command = {
        "nginx": (program, "-p", str(home), "-e", str(home / "error.log"), "-c", str(config)),
        "caddy": (program, "run", "--config", str(config), "--adapter", "caddyfile"),
    }[kind]
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
    try:
        _await(process, port, home)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _write_site(site: Path) -> None:
    (site / "docs").mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html><p>" + "shop " * 100)
    (site / "docs" / "index.html").write_text("<!doctype html><p>docs")
    (site / "app.js").write_text("let a = 1;\n" * 100)
    (site / "video.mp4").write_bytes(bytes(range(256)) * 40)


def _await(process: subprocess.Popen[bytes], port: int, home: Path) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError((home / "said").read_text()[-2000:])
