"""Names and the authentication of mail: SPF (RFC 7208), DMARC (RFC 7489)."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from unfelt.adapters.addresses import OutgoingError, RefusedError, checked, host_and_port
from unfelt.adapters.probes.form import Asked, Seen
from unfelt.conf.language import Message

INTERNAL = tuple(
    map(
        dns.name.from_text,
        (
            *("local", "localhost", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa"),
            *("10.in-addr.arpa", "127.in-addr.arpa", "254.169.in-addr.arpa", "168.192.in-addr.arpa"),
            *(f"{second}.172.in-addr.arpa" for second in range(16, 32)),
            *(f"{second}.100.in-addr.arpa" for second in range(64, 128)),
            *("c.f.ip6.arpa", "d.f.ip6.arpa", "e.f.ip6.arpa"),
        ),
    )
)
"""Names that only a house's own name server knows (RFC 6303, 6762, 8375 and what is in use); a server that the
plan names, in a network that is allowed, may be asked for them."""
POLICIES = ("none", "quarantine", "reject")
"""DMARC policies, weakest first."""


class Found(NamedTuple):
    """The records of a name, or why they could not be asked for."""

    records: tuple[str, ...]
    problem: Message | None = None


def record(asked: Asked) -> Seen:
    """The name has a record of that type (A if none is said) that holds the text."""
    parts = urlsplit(asked.target)
    kind = parts.path.strip("/").upper() or "A"
    found = _records(parts.hostname or "", kind, asked)
    if found.problem is not None:
        return Seen(None, found.problem)
    shown = ", ".join(found.records) or "–"
    good = any(asked.expect in one for one in found.records) if asked.expect else bool(found.records)
    return Seen(good, Message("{kind}: {records}", kind=kind, records=shown[:200]))


def mail(asked: Asked) -> Seen:
    """The domain says by SPF who sends for it, and its DMARC policy is at least the expected one (`none`)."""
    domain = urlsplit(asked.target).hostname or ""
    least = asked.expect or "none"
    if least not in POLICIES:
        return Seen(None, Message("Allowed: {choices}.", choices=", ".join(POLICIES)))
    senders, policies = _records(domain, "TXT", asked), _records(f"_dmarc.{domain}", "TXT", asked)
    problem = senders.problem or policies.problem
    if problem is not None:
        return Seen(None, problem)
    spf = [one for one in senders.records if one.lower().split(" ")[0] == "v=spf1"]
    dmarc = [_tags(one) for one in policies.records if one.lower().startswith("v=dmarc1")]
    if len(spf) != 1 or len(dmarc) != 1:
        return Seen(
            False,
            Message("{spf} SPF and {dmarc} DMARC records, and one of each is due", spf=len(spf), dmarc=len(dmarc)),
        )
    closed = spf[0].lower().split()[-1] in ("-all", "~all") or " redirect=" in spf[0].lower()
    policy = dmarc[0].get("p", "")
    good = closed and policy in POLICIES and POLICIES.index(policy) >= POLICIES.index(least)
    return Seen(good, Message("SPF {spf}, DMARC p={policy}", spf=spf[0], policy=policy or "–"))


def _tags(text: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _equals, value in pairs}


def _records(name: str, kind: str, asked: Asked) -> Found:
    """Nothing of that type is an answer; no answer is a problem."""
    try:
        resolver = _resolver(name, asked)
        answer = resolver.resolve(name, dns.rdatatype.from_text(kind), lifetime=asked.within, search=False)
        records = tuple(_text(one) for one in answer)
        if kind in ("A", "AAAA") and not asked.server:
            checked(records, asked.policy)
    except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
        return Found(())
    except OutgoingError as error:
        return Found((), error.said)
    except (dns.exception.DNSException, ValueError, OSError) as error:
        problem = type(error).__name__
        return Found((), Message("no name server answered: {problem}", problem=problem))
    return Found(records)


def _resolver(name: str, asked: Asked) -> dns.resolver.Resolver:
    """The system's for names of the whole world, or the server that the plan names, where it may be called."""
    resolver = dns.resolver.Resolver(configure=not asked.server)
    if asked.server:
        host, resolver.port = host_and_port(asked.server, default=53)
        resolver.nameservers = list(asked.reach().addresses(host, resolver.port))
    elif any(dns.name.from_text(name).is_subdomain(one) for one in INTERNAL):
        raise RefusedError
    return resolver


def _text(data: object) -> str:
    """A TXT record is its parts put together; others as they are written."""
    parts = getattr(data, "strings", None)
    return b"".join(parts).decode("utf-8", "replace") if parts else str(data)
