"""What simulated rollouts import, once for all of them: they are forked from a process that has done so.

No connection to any records is open there; each fork names its own.
"""

import dbos  # noqa: F401

from unfelt.conf.database import connect, database_settings

connect("sqlite:///nowhere", migrate=False)

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

import unfelt.rollout.people  # noqa: E402
import unfelt.rollout.verifying  # noqa: E402
import unfelt.rollout.workflow  # noqa: E402, F401


def keep_records_in(database: str) -> None:
    """This process reads and writes those records from here on."""
    settings.UNFELT_DATABASE = database
    connections.settings.update(connections.configure_settings({"default": database_settings(database)}))
    connections["default"] = connections.create_connection("default")
