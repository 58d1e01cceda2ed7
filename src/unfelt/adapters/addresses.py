"""Which addresses unfelt may call: public ones, and the networks that the installation names."""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

from unfelt.conf.language import Message
from unfelt.conf.settings import Network

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""From a name and a port to addresses; raises OSError where there are none."""

NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, under an address that looks public.
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo, benchmarks, ORCHID.
        "2001:db8::/32",
        "2002::/16",  # 6to4: any IPv4 address in another coat.
        "3fff::/20",
    )
)
"""The special-purpose registries of IANA, written down: what a library calls global changes with its version."""
GLOBAL_IPV6 = ip_network("2000::/3")
PORTS = {"http": 80, "https": 443}


class OutgoingError(Exception):
    """A request that was not answered; the text names the class of failure, never what the other side said."""

    def __init__(self, said: Message) -> None:
        super().__init__(said)
        self.said = said

    def __str__(self) -> str:
        return str(self.said)


class RefusedError(OutgoingError):
    """It was not sent: the same text whatever is there, so that nobody learns from it what is there."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "not asked: the name is unknown here, or it leads to a network that this installation does not "
                "call (an admin allows networks with UNFELT_NETWORKS)"
            )
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be called besides public addresses, and how many redirects are followed."""

    networks: tuple[Network, ...] = ()
    redirects: int = 0

    def allows(self, address: Address) -> bool:
        """A public address, or one in a named network.

        >>> [Policy().allows(ip_address(one)) for one in ("1.1.1.1", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1")]
        [True, False, False, False]
        """
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return False
        plain = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        named = any(_holds(network.addresses, plain or address) for network in self.networks)
        return named or (plain is None and _is_public(address) and not _is_own(address))


def _holds(network: IPv4Network | IPv6Network, address: Address) -> bool:
    return address.version == network.version and address in network


def _is_public(address: Address) -> bool:
    if address.version == 6 and address not in GLOBAL_IPV6:
        return False  # Also IPv4-mapped, IPv4-compatible and NAT64 addresses, ULA and link-local ones.
    return not any(_holds(network, address) for network in NOT_PUBLIC)


def _is_own(address: Address) -> bool:
    """This machine's own, however public: what listens there may be meant for the machine alone.

    The kernel talks to its own address from that very address; no packet is sent.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect((str(address), 9))
        except OSError:
            return False  # No way there: nothing can be called.
        return ip_address(asked.getsockname()[0]) == address


@dataclass(frozen=True, slots=True)
class Place:
    """An address on the web in its one spelling."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As it stands in `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if PORTS.get(self.scheme) == self.port else f"{host}:{self.port}"


_URL = re.compile(r"([a-z]+)://([^/?#]*)([^#]*)", re.ASCII)
_HOST_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+))(?::([0-9]{1,5}))?", re.ASCII)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)


def place_of(url: str, *schemes: str) -> Place:
    """The parts of the URL; RefusedError where it can be read in two ways.

    >>> place_of("HTTPS://Shop.Example./contact?a=1#top", "https")
    Place(scheme='https', host='shop.example', port=443, path='/contact?a=1')
    """
    scheme, colon, rest = url.strip(" ").partition(":")
    found = _URL.fullmatch(scheme.lower() + colon + rest.partition("#")[0])
    if found is None or found[1] not in schemes or not rest.isprintable() or " " in rest or "\\" in rest:
        raise RefusedError
    host, port = host_and_port(found[2], default=PORTS.get(found[1]))
    path = found[3] if found[3].startswith("/") else f"/{found[3]}"
    try:
        return Place(found[1], host, port, quote(path, safe="/?%:@!$&'()*+,;=~-._[]"))
    except UnicodeEncodeError:
        raise RefusedError from None


def host_and_port(text: str, *, default: int | None = None) -> tuple[str, int]:
    """HOST:PORT, the host in its one spelling; RefusedError where it can be read in two ways."""
    found = _HOST_PORT.fullmatch(text)
    port = int(found[3]) if found is not None and found[3] else default
    if found is None or port is None or not 0 < port <= 65535:
        raise RefusedError
    try:
        host = str(IPv6Address(found[1])) if found[1] else _host(found[2])
    except ValueError:
        raise RefusedError from None
    return host, port


def _host(text: str) -> str:
    """A name, or four decimal numbers; ValueError for what a resolver might take for an address."""
    name = text.encode("idna").decode("ascii").lower().removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return str(IPv4Address(name))
    if len(name) > 253 or _NAME.fullmatch(name) is None:
        raise ValueError(text)
    return name


def literal(host: str) -> Address | None:
    """The address that the host is by itself; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def checked(found: Sequence[str], policy: Policy) -> tuple[str, ...]:
    """The addresses, all of which may be called: one that may not refuses the name altogether."""
    try:
        addresses = [ip_address(one) for one in found]
    except ValueError:
        raise RefusedError from None
    if not addresses or not all(policy.allows(one) for one in addresses):
        raise RefusedError
    return tuple(map(str, addresses))


def must_be_web(url: str, *, policy: Policy) -> None:
    """It is http or https, and no address that is refused as it stands; a name is asked at each call."""
    host = place_of(url, *PORTS).host
    if literal(host) is not None:
        checked([host], policy)
