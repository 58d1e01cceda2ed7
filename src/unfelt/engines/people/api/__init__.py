"""What scripts may ask of this engine."""

from unfelt.engines.people.api import members
from unfelt.web.frame.mounts import Mount

MOUNTS = (Mount("members", "/", members.router, "house"),)
