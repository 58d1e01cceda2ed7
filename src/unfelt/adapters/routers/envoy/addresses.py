"""Addresses that a router listens at and calls."""

import ipaddress
from dataclasses import dataclass
from typing import Any

from unfelt.adapters.routers import RouterError
from unfelt.conf.language import _


@dataclass(frozen=True, slots=True)
class Address:
    """A host, by name or number, and a port."""

    host: str
    port: int

    @property
    def is_number(self) -> bool:
        """Whether the host needs no look-up."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True

    def socket(self) -> dict[str, Any]:
        """As Envoy writes it."""
        return {"socket_address": {"address": self.host, "port_value": self.port}}


def listener(text: str) -> Address:
    """Where the router listens: `HOST:PORT`."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise RouterError(
            _("{text!r} is not an address to listen on. Allowed: HOST:PORT, such as 127.0.0.1:8080.").format(
                text=text
            )
        )
    return Address(host.strip("[]"), int(port))
