"""A value that a document may not hold; what stands below documents refuses in the same way."""

from unfelt.conf.refusal import RefusalError

__all__ = ["RefusalError"]
