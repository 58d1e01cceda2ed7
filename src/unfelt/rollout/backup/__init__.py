"""Backup and restore of an installation: its records, keys and files in one archive."""

from unfelt.conf.refusal import NotDoneError


class BackupError(NotDoneError):
    """It cannot be backed up or restored; `message` says why and what to do, and nothing was changed."""
