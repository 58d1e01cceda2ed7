"""Why a job failed, in words that hold nothing of anybody's: no password, no text that somebody wrote."""

from pathlib import Path
from traceback import extract_tb

import unfelt
from unfelt.adapters.publishing import PublishError
from unfelt.conf.language import Message

PACKAGE = Path(unfelt.__file__).resolve().parent


def said_of(error: BaseException) -> Message:
    """The sentence of an error of ours; of any other one its kind and where in unfelt it was raised."""
    for name in ("message", "said"):
        if isinstance(found := getattr(error, name, None), Message):
            return found
    if isinstance(error, PublishError):
        return Message("{problem}", problem=str(error)[:500])
    return Message("{kind} at {place}", kind=type(error).__name__, place=_place(error))


def _place(error: BaseException) -> str:
    """The innermost line of unfelt, below the one that called the job; of others' code the name of the file."""
    frames = extract_tb(error.__traceback__)[1:]
    ours = [one for one in frames if Path(one.filename).is_relative_to(PACKAGE)]
    if ours:
        return f"{Path(ours[-1].filename).relative_to(PACKAGE.parent).as_posix()}:{ours[-1].lineno}"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "–"
