"""A difference in one sentence, in the reader's language."""

from unfelt.adapters.sources.unregistered import ANYWHERE, Feature
from unfelt.conf.language import Message
from unfelt.engines.differences.judge import Shown


def sentence(one: Shown) -> Message:
    """What differs, on which route, and for how many customers on either arm."""
    values = {
        "route": one.feature.route,
        "value": one.feature.value,
        "old": counts_of(one)[0],
        "new": counts_of(one)[1],
    }
    template = _SENTENCES[one.feature.kind, one.feature.route == ANYWHERE]
    return Message.of({"text": template.text, "values": values})


def counts_of(one: Shown) -> tuple[str, str]:
    """Of each arm how many customers of how many, or the middle amount."""
    if one.middle is not None:
        old, new = one.middle
        return _amount(one.feature.kind, old), _amount(one.feature.kind, new)
    return f"{one.old:,}/{one.of_old:,}", f"{one.new:,}/{one.of_new:,}"


def _amount(kind: str, number: float) -> str:
    """With its unit."""
    if kind == "ms":
        return f"{number:,.0f} ms" if number < 10_000 else f"{number / 1000:,.1f} s"
    if kind == "bytes":
        return f"{number:,.0f} B" if number < 10_000 else f"{number / 1000:,.0f} kB"
    return f"{number:,.2f}"


def name(feature: Feature) -> Message:
    """What kind of thing it is."""
    return _NAMES[feature.kind]


_NAMES = {
    "visit": Message("visits"),
    "status": Message("status"),
    "redirect": Message("redirect"),
    "type": Message("content type"),
    "flag": Message("connection ended early"),
    "header": Message("response header"),
    "shape": Message("content"),
    "ms": Message("duration"),
    "bytes": Message("size"),
    "times": Message("requests per customer"),
}
_SENTENCES = {
    ("visit", False): Message("{route}: customers who come here: old {old}, new {new}"),
    ("status", False): Message("{route} answers {value}: old {old}, new {new}"),
    ("status", True): Message("answers with {value}: old {old}, new {new}"),
    ("redirect", False): Message("{route} sends customers to {value}: old {old}, new {new}"),
    ("type", False): Message("{route} answers with the type {value}: old {old}, new {new}"),
    ("flag", False): Message("{route} ends with {value}: old {old}, new {new}"),
    ("shape", False): Message("{route}: answers that hold {value}: old {old}, new {new}"),
    ("header", False): Message("{route} answers with the header {value}: old {old}, new {new}"),
    ("header", True): Message("answers with the header {value}: old {old}, new {new}"),
    ("ms", False): Message("{route}: the slowest answer of a customer: old {old}, new {new}"),
    ("bytes", False): Message("{route}: the largest answer of a customer: old {old}, new {new}"),
    ("ms", True): Message("the mean answer of a customer takes: old {old}, new {new}"),
    ("bytes", True): Message("the mean answer of a customer has: old {old}, new {new}"),
    ("times", False): Message("{route}: requests per customer: old {old}, new {new}"),
    ("times", True): Message("requests per customer: old {old}, new {new}"),
}
