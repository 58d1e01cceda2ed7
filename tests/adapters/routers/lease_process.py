"""A guard reduced to its lease: holds one in its own process until it is killed. Prints address and path."""

import json
import sys
import time
from pathlib import Path

from unfelt.adapters.routers.lease import LeaseLapsedError, LeaseServer

server = LeaseServer(directory=Path(sys.argv[1]))
path = server.open()
server.extend(8)
sys.stdout.write(json.dumps({"address": server.address, "path": path}) + "\n")
sys.stdout.flush()
while True:
    time.sleep(0.2)
    try:
        server.extend(8)
    except LeaseLapsedError:
        sys.stdout.write("lapsed\n")
        sys.stdout.flush()
        time.sleep(3600)
