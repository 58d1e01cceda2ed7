"""How commands fail: one clear message on stderr, and an exit code that says which way."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import IO, Any

import click

from unfelt.conf.language import Message, _
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.problems import DocumentErrors

DONE, NO, USAGE, UNDETERMINED = 0, 1, 2, 3
"""Done; the answer is no; wrong use; could not be determined."""
_WRONG_FILE = {errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG}


class Failure(click.ClickException):
    """The command ends here, with this message and this exit code."""

    def __init__(self, message: object, *, code: int) -> None:
        super().__init__(str(message))
        self.code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click reads it, a class attribute there
        """The exit code of the command."""
        return self.code

    def show(self, file: IO[Any] | None = None) -> None:
        """The message alone, on stderr."""
        click.echo(self.message, file=file, err=True)


@contextmanager
def readable() -> Iterator[None]:
    """Within the block, wrong documents and files that cannot be read or written end the command in a sentence."""
    from unfelt.adapters.routers import RouterError
    from unfelt.adapters.sources import SourceError

    try:
        yield
    except DocumentErrors as errors:
        raise Failure(errors, code=NO) from errors
    except (NotDoneError, RouterError, SourceError) as error:
        raise Failure(error, code=UNDETERMINED) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise file_failure(error) from error


def file_failure(error: OSError) -> Failure:
    """What to do about a file that is not there, or not ours to use."""
    code = USAGE if error.errno in _WRONG_FILE else UNDETERMINED
    sentence = {
        errno.ENOENT: Message(
            "{file}: there is no such file or directory. See `unfelt new`.", file=error.filename
        ),
        errno.EISDIR: Message("{file} is a directory; name a file.", file=error.filename),
        errno.EACCES: Message("{file} may not be read or written by this user.", file=error.filename),
        errno.ENOSPC: Message("{file}: the disk is full. Free some space and try again.", file=error.filename),
    }
    other = Message("{file}: {problem}", file=error.filename, problem=error.strerror)
    return Failure(sentence.get(error.errno or 0, other), code=code)


def no_such_command(name: str, known: Sequence[str]) -> Failure:
    """The name is refused; near ones are offered, never taken."""
    near = get_close_matches(name, known, n=3)
    if near:
        advice = _("There is no command {name}. Did you mean {near}?")
        return Failure(advice.format(name=name, near=", ".join(near)), code=USAGE)
    return Failure(
        _("There is no command {name}. There are: {known}.").format(name=name, known=", ".join(known)), code=USAGE
    )
