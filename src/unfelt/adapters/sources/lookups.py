"""What looks up promises where an arm keeps them, by the kind of its source."""

from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from unfelt.adapters.sources import RetryableSourceError, SourceError
from unfelt.adapters.sources.stores import Copies, Shelf
from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.source import PromiseSource, Reconciliation

Arm = Literal["old", "new"]


class Lookup(Protocol):
    """Where one arm keeps what it promised."""

    def kept(self, promises: Iterable[str], *, sure: bool = False) -> set[str]:
        """Those of the promises that are kept there; RetryableSourceError if it did not answer.

        It is asked with no promises too, to see that it answers. `sure`: asked once more for what is overdue;
        whatever is there has to be found, however long it takes.
        """


class Contained:
    """A lookup of somebody else: whatever it raises, it did not answer; it finds nothing but what was asked.

    What it keeps is there once, as it was promised; how much it holds besides, it does not say.
    """

    def __init__(self, kind: str, lookup: Lookup) -> None:
        self._kind, self._lookup = kind, lookup

    def kept(self, promises: Iterable[str], *, sure: bool = False) -> set[str]:
        """See Lookup."""
        wanted = set(promises)
        try:
            return wanted.intersection(self._lookup.kept(sorted(wanted), sure=sure))
        except SourceError:
            raise
        except Exception as error:
            said = Message("The source of kind {kind} did not answer: {error}", kind=self._kind, error=str(error))
            raise RetryableSourceError(said) from error

    def listed(self, promises: Iterable[str], *, sure: bool = False) -> dict[str, Copies]:
        """Each of the promises that it keeps, once."""
        return {promise: Copies(1) for promise in self.kept(promises, sure=sure)}

    def size(self) -> int:
        """It does not say: RetryableSourceError."""
        raise RetryableSourceError(Message("The source of kind {kind} counts no rows.", kind=self._kind))

    def is_same(self, other: object) -> bool:
        """Whether both arms keep their promises in one place is not known of it."""
        return False


Reader = Shelf | Contained
"""What looks promises up for one arm."""


def shelf_of(source: Reconciliation, arm: Arm) -> Shelf:
    """The store of that arm."""
    return Shelf(source.old if arm == "old" else source.new)


def lookup_of(source: PromiseSource, arm: Arm) -> Reader:
    """What looks up that arm's promises; SourceError where nobody registers a reader of its kind."""
    try:
        reader: Callable[[PromiseSource, Arm], Lookup] = plugins.part("source_reader", source.kind)
    except plugins.UnknownPartError as error:
        raise SourceError(error.message) from None
    lookup = reader(source, arm)
    return lookup if isinstance(lookup, Shelf) else Contained(source.kind, lookup)
