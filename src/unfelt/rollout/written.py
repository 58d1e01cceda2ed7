"""A plan as it was written down."""

from dataclasses import dataclass

from unfelt.documents.change import Change


@dataclass(frozen=True, slots=True)
class Written:
    """A plan as it was written down: its digest and canonical text."""

    change: Change
    digest: str
    canonical: str
