"""The services behind the router: where each is, and how it is spoken to."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.rolling import RolloutPlan

TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
PLAIN = "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"
MATCH = "envoy.transport_socket_match"
CASE = {
    "stateful_formatter": {
        "name": "preserve_case",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3"
            ".PreserveCaseFormatterConfig",
            "forward_reason_phrase": True,
        },
    }
}
"""Names of headers stay as they are spelled."""


@dataclass(frozen=True, slots=True)
class Service:
    """One arm: its address, and what its connections must be. ca, name: of a service behind TLS."""

    address: Address
    is_secure: bool = False
    ca: Path | None = None
    name: str = ""
    http2: bool = False
    keep_case: bool = False

    def check(self) -> None:
        """The authorities can be read; RouterError says what is wrong."""
        if not self.is_secure or self.ca is None:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(self.ca)
        except (OSError, ssl.SSLError) as error:
            raise RouterError(
                _(
                    "{file} holds no authorities in PEM ({problem}). Correct rollout.services.ca in the plan."
                ).format(file=self.ca, problem=str(error)[:200])
            ) from error

    def socket(self) -> dict[str, Any]:
        """How its connections are made, as Envoy writes it."""
        if not self.is_secure:
            return plain_socket()
        named = {"san_type": "IP_ADDRESS" if Address(self.name, 0).is_number else "DNS"}
        validation = {
            "trusted_ca": {"filename": str(self.ca or system_authorities())},
            "match_typed_subject_alt_names": [named | {"matcher": {"exact": self.name}}],
        }
        context: dict[str, Any] = {
            "@type": TLS,
            "common_tls_context": {
                "alpn_protocols": ["h2" if self.http2 else "http/1.1"],
                "validation_context": validation,
            },
        }
        if named["san_type"] == "DNS":
            context["sni"] = self.name
        return {"name": "envoy.transport_sockets.tls", "typed_config": context}

    def protocol(self) -> dict[str, Any]:
        """The version of HTTP, as Envoy writes it."""
        if self.http2:
            return {"http2_protocol_options": {"allow_connect": True}}
        return {"http_protocol_options": {"header_key_format": CASE} if self.keep_case else {}}


def services(plan: "RolloutPlan") -> tuple[Service, Service]:
    """Old and new of the plan."""
    return _service(plan, plan.old), _service(plan, plan.new)


def _service(plan: "RolloutPlan", url: str) -> Service:
    told, secure = plan.services, urlsplit(url).scheme == "https"
    at = backend(url)
    return Service(
        at,
        is_secure=secure,
        ca=Path(told.ca).absolute() if told and told.ca else None,
        name=(told.name if told else None) or at.host,
        http2=told.http2 if told else False,
        keep_case=plan.keep_case,
    )


def backend(url: str) -> Address:
    """Where an arm is served: `http://HOST:PORT` or `https://HOST:PORT`."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not parts.hostname or not port or parts.path not in {"", "/"} or parts.query:
        said = _("{url!r} is not an address the router can send to. Allowed: http://HOST:PORT, https://HOST:PORT.")
        raise RouterError(said.format(url=url))
    return Address(parts.hostname, port)


def plain_socket() -> dict[str, Any]:
    """A connection in the clear."""
    return {"name": "envoy.transport_sockets.raw_buffer", "typed_config": {"@type": PLAIN}}


def system_authorities() -> Path:
    """The file with the authorities that this system trusts; RouterError where it has none."""
    paths = ssl.get_default_verify_paths()
    for one in (paths.cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"):
        if one and Path(one).is_file():
            return Path(one)
    raise RouterError(_("This system names no authorities for TLS. Write rollout.services.ca in the plan."))
