"""Long work as a bar on stderr; nothing of it where that is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[..., None]
"""Is told what is being done, then how much of how much of it is."""


@contextmanager
def progressing(what: str) -> Iterator[Tell]:
    """A bar that runs to and fro until it is told of how much: `tell(what, done, of)`."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def tell(name: str, done: int = 0, of: int | None = None) -> None:
            bar.update(task, description=name, completed=done, total=of)

        yield tell
