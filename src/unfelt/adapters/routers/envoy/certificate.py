"""The certificate that customers meet: checked before Envoy has it, and taken up anew when it is renewed."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.tables import OURS, version
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.change import Change

SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105  (the name of a type)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two files of PEM."""

    chain: Path
    key: Path

    def check(self) -> None:
        """Both can be read and belong together; RouterError says what is wrong with which."""
        for path in (self.chain, self.key):
            try:
                path.open("rb").close()
            except OSError as error:
                raise RouterError(
                    _("{file} cannot be read ({problem}). Correct rollout.tls in the plan.").format(
                        file=path, problem=error.strerror
                    )
                ) from error
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            raise RouterError(
                _(
                    "{certificate} and {key} are no certificate and its key ({problem}). Both must be PEM, the "
                    "key without a password."
                ).format(certificate=self.chain, key=self.key, problem=str(error)[:200])
            ) from error

    def table(self) -> dict[str, Any]:
        """As Envoy reads it; it looks again when something in the certificate's directory is replaced."""
        secret = {
            "@type": SECRET,
            "name": OURS,
            "tls_certificate": {
                "certificate_chain": {"filename": str(self.chain)},
                "private_key": {"filename": str(self.key)},
                "watched_directory": {"path": str(self.chain.parent)},
            },
        }
        return {"version_info": version(), "resources": [secret]}

    def context(self) -> ssl.SSLContext:
        """For a client that trusts this very certificate, whoever issued it, and no other."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname = False  # It is asked by its address.
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        made.load_verify_locations(self.chain)
        return made


def certificate_of(change: "Change") -> Certificate | None:
    """The certificate of the plan, by absolute paths; None where the router speaks plain HTTP."""
    tls = change.rollout.tls if change.rollout else None
    return Certificate(Path(tls.certificate).absolute(), Path(tls.key).absolute()) if tls else None


def _no_password() -> str:
    raise ValueError("the key has a password")
