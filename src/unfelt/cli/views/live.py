"""Live progress: a panel where there is a screen, lines where there is none."""

import json
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from unfelt.cli.views.rollout import affected_line, rollout_panel
from unfelt.conf.language import Message
from unfelt.rollout.phrases import state_name

LOG = 6
"""Sentences shown below the picture."""


class Progress:
    """Shows each status it is given: redrawn on a terminal, a line for each change elsewhere, or JSON lines."""

    def __init__(self, console: Console, *, title: str, as_json: bool = False) -> None:
        self._console = console
        self._title = title
        self._json = as_json
        self._log: deque[str] = deque(maxlen=LOG)
        self._last: tuple[Any, ...] = ()
        self._live = Live(console=console, auto_refresh=False, transient=True) if self._draws else None

    @property
    def _draws(self) -> bool:
        return self._console.is_terminal and not self._json

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, status: Mapping[str, Any]) -> None:
        """The newest status."""
        key = (status["state"], status["action"], status["share"])
        changed, self._last = key != self._last, key
        if changed:
            self._log.append(
                f"{status['at'][11:19]}Z {state_name(status['state'])}: {Message.of(status['because'])}"
            )
        if self._live:
            self._live.update(rollout_panel(status, title=self._title, log=tuple(self._log)), refresh=True)
        elif self._json:
            self._console.file.write(json.dumps(status, ensure_ascii=False) + "\n")
            self._console.file.flush()
        elif changed:
            self._console.print(f"{self._log[-1]} [{status['share']:.1%}; {affected_line(status)}]", markup=False)

    def complain(self, problem: str) -> None:
        """A problem that the worker meets and tries again."""
        if self._live:
            self._log.append(problem)
        elif not self._json:
            self._console.print(Text(problem, style="yellow"))
