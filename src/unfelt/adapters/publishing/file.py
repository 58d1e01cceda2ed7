"""A directory elsewhere: another machine's, write-once storage, whatever is mounted there."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from unfelt.adapters.publishing import PublishError


@dataclass(frozen=True, slots=True)
class File:
    """It has to be there: a mount that is missing is a failure, not a new directory."""

    directory: Path
    every: timedelta = timedelta(0)

    @property
    def name(self) -> str:
        """With its path."""
        return f"file {self.directory}"

    def publish(self, name: str, content: bytes) -> bytes:
        """Whole or not at all; another content under the same name is refused."""
        write_once(self.directory / name, content)
        return b""


def write_once(path: Path, content: bytes) -> None:
    """The file holds that and nothing else; PublishError where it held something else, or cannot be written."""
    try:
        if path.exists():
            if path.read_bytes() != content:
                raise PublishError(f"{path} is there already and holds something else")
            return
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise PublishError(f"{path}: {error.strerror}") from error
