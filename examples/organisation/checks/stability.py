"""A service is killed and begun again by who watches it: how long nobody was served, in seconds."""

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

SERVER = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *rest): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
print(server.server_port, flush=True)
server.serve_forever()
"""


def begin(port: int) -> tuple[subprocess.Popen[str], int]:
    """The service, and the port on which it answers."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline() if process.stdout else 0)


def answers(port: int) -> bool:
    """Whether it answers now."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as page:
        return bool(page.status == 200)
    return False


def main() -> None:
    """Kill it, begin it again, time the gap."""
    process, port = begin(0)
    if not answers(port):
        raise SystemExit("it never answered")
    process.kill()
    process.wait()
    began = time.monotonic()
    process, _same = begin(port)
    while not answers(port):
        time.sleep(0.01)
    print(json.dumps({"recovery": time.monotonic() - began}))
    process.kill()
    process.wait()


if __name__ == "__main__":
    main()
