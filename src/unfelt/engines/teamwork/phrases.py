"""Words for what is sent."""

from collections.abc import Mapping

from unfelt.conf.language import Message

REPORTS: Mapping[str, Message] = {
    "compliance": Message("Compliance report"),
    "cost": Message("Cost report"),
    "time": Message("Schedule report"),
}
"""Reports by their kind."""
