"""What changes, sent to whoever watches: one reader of the records, however many watch."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import Error, connection

EVERY = 0.2
"""Seconds between two looks at the records."""
IDLE = 60.0
"""Seconds after which a subject that nobody watches is forgotten."""
BEAT = 15.0
"""Seconds after which a line is sent although nothing changed: proxies close what is silent."""


@dataclass(slots=True)
class Feed:
    """One subject: what `render` gives for each language, read once for all of its watchers."""

    render: Callable[[str], str]
    watchers: set[asyncio.Queue[dict[str, str]]] = field(default_factory=set)
    newest: dict[str, str] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _asked: float = field(default_factory=time.monotonic)

    @property
    def is_idle(self) -> bool:
        """Nobody watches, and nobody has begun to for a minute."""
        return not self.watchers and time.monotonic() - self._asked > IDLE

    async def watch(self, language: str) -> AsyncGenerator[str, None]:
        """Each new picture in that language, as server-sent events; it ends when the watcher leaves."""
        queue: asyncio.Queue[dict[str, str]] = asyncio.Queue(maxsize=1)
        self.watchers.add(queue)
        self._asked = time.monotonic()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
        elif self.newest:
            queue.put_nowait(self.newest)
        try:
            yield ": here\n\n"
            while True:
                try:
                    found = await asyncio.wait_for(queue.get(), BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    yield found[language]
        finally:
            self.watchers.discard(queue)

    async def _read(self) -> None:
        """Until nobody watches."""
        self.newest = {}
        while self.watchers:
            found = await asyncio.get_running_loop().run_in_executor(_reader, self._look)
            if found != self.newest:
                self.newest = found
                for queue in self.watchers:
                    if queue.full():
                        queue.get_nowait()  # Who is slow sees the newest picture, not every one.
                    queue.put_nowait(found)
            await asyncio.sleep(EVERY)

    def _look(self) -> dict[str, str]:
        try:
            return {language: event(self.render(language)) for language in LANGUAGES}
        except Error:
            connection.close()
            return dict.fromkeys(LANGUAGES, event(""))


LANGUAGES = ("zh", "en")
_reader = ThreadPoolExecutor(1, thread_name_prefix="feed")


def event(picture: str) -> str:
    """The picture as one server-sent event, a JSON text in one line; `silent` where there is none."""
    if not picture:
        return "event: silent\ndata: -\n\n"
    return f"event: picture\ndata: {json.dumps(picture, ensure_ascii=False)}\n\n"
