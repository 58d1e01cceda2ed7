"""Who asks, and by http or https: as a proxy says, where it is one that the installation trusts."""

from collections.abc import Collection, MutableMapping
from ipaddress import ip_address

from unfelt.conf.settings import Addresses

HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


def believe(meta: MutableMapping[str, str], proxies: Collection[Addresses]) -> None:
    """The address is the client's, and what only a trusted proxy may say is gone where nobody trusted said it.

    >>> from ipaddress import ip_network
    >>> meta = {"REMOTE_ADDR": "10.0.0.2", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.5"}
    >>> believe(meta, [ip_network("10.0.0.0/8")]); meta["REMOTE_ADDR"]
    '203.0.113.5'
    """
    here = str(meta.get("REMOTE_ADDR", ""))
    said = {name: str(meta.pop(name)) for name in HEADERS if name in meta}
    if not _is_trusted(here, proxies):
        return
    chain = [one.strip() for one in said.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
    while chain and _is_trusted(here, proxies):
        here = chain.pop()
    meta["REMOTE_ADDR"] = here
    if said.get("HTTP_X_FORWARDED_PROTO", "").rsplit(",", 1)[-1].strip() == "https":
        meta["HTTP_X_FORWARDED_PROTO"] = "https"


def neighbourhood(address: str) -> str:
    """What counts as one address: an IPv6 customer has a whole /64.

    >>> neighbourhood("2001:db8::1"), neighbourhood("192.0.2.1")
    ('2001:db8::', '192.0.2.1')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(type(found)(int(found) >> 64 << 64)) if found.version == 6 else str(found)


def _is_trusted(address: str, proxies: Collection[Addresses]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found.version == one.version and found in one for one in proxies)
