"""What an error means: a database that is away, a value that it does not take, or a fault of unfelt itself."""

import logging

from django.db import InterfaceError, OperationalError

AWAY = (OperationalError, InterfaceError)
"""The database does not answer; every other error is no reason to say so."""
log = logging.getLogger("unfelt.console")


def note_failure(error: BaseException) -> None:
    """The error with where it came from, for who runs the console."""
    log.error("unfelt itself failed", exc_info=error)
