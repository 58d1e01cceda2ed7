"""A branch of a git repository elsewhere: each checkpoint is a commit."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from unfelt.adapters.publishing import PublishError

BRANCH = "checkpoints"
WITHIN = 60
"""Seconds for each command."""
_AS = ("-c", "user.name=unfelt", "-c", "user.email=unfelt@unfelt.invalid", "-c", "commit.gpgsign=false")


@dataclass(frozen=True, slots=True)
class Git:
    """What `git push` takes; who may push is git's own business."""

    remote: str
    every: timedelta = timedelta(minutes=1)

    @property
    def name(self) -> str:
        """With its address, without what stands before an @ in it: that may hold a password."""
        return f"git {_without_secrets(self.remote)}"

    def publish(self, name: str, content: bytes) -> bytes:
        """The commit that holds it."""
        with tempfile.TemporaryDirectory(prefix="unfelt-git-") as directory:
            self._run(directory, "init", "--quiet")
            self._run(directory, "remote", "add", "--", "origin", self.remote)
            if self._run(directory, "ls-remote", "--heads", "origin", BRANCH):
                self._run(directory, "fetch", "--quiet", "--depth", "1", "origin", BRANCH)
                self._run(directory, "checkout", "--quiet", "-B", BRANCH, "FETCH_HEAD")
            else:
                self._run(directory, "checkout", "--quiet", "--orphan", BRANCH)
            return self._commit(Path(directory), name, content)

    def _commit(self, directory: Path, name: str, content: bytes) -> bytes:
        path = directory / name
        if path.exists() and path.read_bytes() != content:
            raise PublishError(f"{self.name} holds another {name}")
        path.write_bytes(content)
        self._run(str(directory), "add", "--", name)
        if self._run(str(directory), "status", "--porcelain"):
            self._run(str(directory), *_AS, "commit", "--quiet", "-m", name)
            self._run(str(directory), "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")
        return self._run(str(directory), "rev-parse", "HEAD").strip()

    def _run(self, directory: str, *command: str) -> bytes:
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        try:
            ran = subprocess.run(
                ["git", *command],
                cwd=directory,
                env=environment,
                capture_output=True,
                timeout=WITHIN,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PublishError(f"git could not be run: {type(error).__name__}") from error
        if ran.returncode:
            said = ran.stderr.decode(errors="replace").replace(self.remote, _without_secrets(self.remote))
            raise PublishError(f"git {command[0]}: {said.strip()[-300:]}")
        return ran.stdout


def _without_secrets(remote: str) -> str:
    before, at, after = remote.rpartition("@")
    return f"{before.partition('://')[0]}://{after}" if at and "://" in before else remote
