"""Backup and restore of an installation: its records, keys and files in one archive."""

from unfelt.conf.language import Message


class BackupError(Exception):
    """It cannot be backed up or restored; `message` says why and what to do, and nothing was changed."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
