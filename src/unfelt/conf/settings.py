"""What the environment says; nothing else reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Oidc:
    """The house's own directory, by OpenID Connect."""

    url: str
    """UNFELT_OIDC_URL: its issuer."""
    client: str
    """UNFELT_OIDC_CLIENT: what it calls this installation."""
    secret_file: Path
    """UNFELT_OIDC_SECRET_FILE: a file with the secret that it shares with it."""
    name: str
    """UNFELT_OIDC_NAME: what the button on the login page says; the issuer's host if unset."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The server that takes the house's mail."""

    host: str
    port: int
    user: str
    password_file: Path | None
    """UNFELT_MAIL_PASSWORD_FILE: a file with the password of that user."""
    is_encrypted: bool
    sender: str
    """UNFELT_MAIL_FROM: whom mail is from."""
    ca_file: Path | None = None
    """UNFELT_MAIL_CA: a file with the authorities that its certificate may be of; those of the system if unset."""
    may_be_plain: bool = False
    """UNFELT_MAIL_TLS: `required`, or `offered` where mail may go unencrypted to a server that offers no TLS; it
    always may to this machine itself. A password never goes unencrypted to another machine."""


Addresses = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses of the house that unfelt may call besides public ones."""

    name: str
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class Publish:
    """Where checkpoints of the ledger are published; nowhere where nothing is set."""

    file: Path | None = None
    """UNFELT_PUBLISH_FILE: a directory, on another machine's disk for one."""
    git: str | None = None
    """UNFELT_PUBLISH_GIT: a repository that `git push` takes; its branch `checkpoints` gets a commit for each."""
    mail: str | None = None
    """UNFELT_PUBLISH_MAIL: an address, by the server of UNFELT_MAIL; once a day."""
    tsa: str | None = None
    """UNFELT_PUBLISH_TSA: the address of a time-stamp authority (RFC 3161); once an hour."""
    tsa_roots: Path | None = None
    """UNFELT_PUBLISH_TSA_ROOTS: certificates (PEM) that its stamps must lead to."""


class SettingsError(ValueError):
    """Variables that do not fit together."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation and the language of its reader."""

    home: Path
    """UNFELT_HOME: where records, experience and routers are kept; `.unfelt` here if unset."""
    database: str | None
    """UNFELT_DATABASE: where records are kept instead, `postgresql://USER:PASSWORD@HOST/NAME`."""
    language: str
    """UNFELT_LANG, else LC_ALL, LC_MESSAGES, LANG: Chinese for tags that begin with `zh`, else English."""
    playbook: Path | None = None
    """UNFELT_PLAYBOOK: the file with the controls that changes are asked for; those of unfelt if unset."""
    programme: Path | None = None
    """UNFELT_PROGRAMME: the file with recurring work; `programme.yaml` beside the plan if unset."""
    oidc: Oidc | None = None
    """Members can log in by it where the three UNFELT_OIDC_ variables are set."""
    mail: Mail | None = None
    """UNFELT_MAIL: `smtp://USER@HOST:PORT`, `smtps://` where TLS comes first; no mail if unset."""
    publish: Publish = Publish()
    """The UNFELT_PUBLISH_ variables."""
    networks: tuple[Network, ...] = ()
    """UNFELT_NETWORKS: `NAME=ADDRESSES,…`, such as `staging=10.20.0.0/16,local=127.0.0.1/32`: what probes,
    webhooks and the directory may be at, besides public addresses."""
    url: str = ""
    """UNFELT_URL: where people open the console if that is not where it listens, `https://unfelt.shop.example`."""
    proxies: tuple[Addresses, ...] = ()
    """UNFELT_PROXY: addresses or networks, with commas, whose `X-Forwarded-For` and `-Proto` are believed."""
    idle: int = 8 * 3600
    """UNFELT_SESSION_IDLE: after how long without use a session of the console ends, `30m` or `8h`; in seconds."""


LANGUAGE_VARIABLES = ("UNFELT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables; an empty variable counts as unset.

    >>> settings_from({"LANG": "zh_CN.UTF-8"}).language
    'zh_CN.UTF-8'
    """
    language = next((environment[name] for name in LANGUAGE_VARIABLES if environment.get(name)), "en")
    return Settings(
        home=Path(environment.get("UNFELT_HOME") or ".unfelt"),
        database=environment.get("UNFELT_DATABASE") or None,
        language=language,
        playbook=_path(environment.get("UNFELT_PLAYBOOK")),
        programme=_path(environment.get("UNFELT_PROGRAMME")),
        oidc=_oidc(environment),
        mail=_mail(environment),
        publish=_publish(environment),
        networks=_networks(environment.get("UNFELT_NETWORKS", "")),
        url=_url(environment.get("UNFELT_URL", "")),
        proxies=_proxies(environment.get("UNFELT_PROXY", "")),
        idle=_seconds(environment.get("UNFELT_SESSION_IDLE") or "8h"),
    )


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(_network(one.strip()) for one in text.split(",") if one.strip())


def _network(text: str) -> Network:
    name, equals, addresses = (part.strip() for part in text.partition("="))
    try:
        if name and equals:
            return Network(name, ip_network(addresses))
    except ValueError:
        pass  # Said below.
    raise SettingsError(
        f"UNFELT_NETWORKS names networks, such as staging=10.20.0.0/16,local=127.0.0.1/32; given: {text}"
    )


def _publish(environment: Mapping[str, str]) -> Publish:
    def said(name: str) -> str | None:
        return environment.get(f"UNFELT_PUBLISH_{name}") or None

    found = Publish(_path(said("FILE")), said("GIT"), said("MAIL"), said("TSA"), _path(said("TSA_ROOTS")))
    if found.mail and not environment.get("UNFELT_MAIL"):
        raise SettingsError("UNFELT_PUBLISH_MAIL wants UNFELT_MAIL too: the server that takes the mail.")
    if (found.tsa is None) != (found.tsa_roots is None):
        raise SettingsError("UNFELT_PUBLISH_TSA and UNFELT_PUBLISH_TSA_ROOTS belong together.")
    if found.tsa and urlsplit(found.tsa).scheme not in ("http", "https"):
        raise SettingsError(f"UNFELT_PUBLISH_TSA is http:// or https://…; given: {found.tsa}")
    if found.git and found.git.startswith("-"):
        raise SettingsError(f"UNFELT_PUBLISH_GIT is a repository, not an option; given: {found.git}")
    return found


def _url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
        raise SettingsError(f"UNFELT_URL is http:// or https:// and a host, without a path; given: {text!r}.")
    return text.rstrip("/")


def _proxies(text: str) -> tuple[Addresses, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as error:
        raise SettingsError(f"UNFELT_PROXY is addresses or networks such as 10.0.0.0/8: {error}.") from error


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([1-9]\d{0,3})(m|h)", text)
    seconds = int(found[1]) * {"m": 60, "h": 3600}[found[2]] if found else 0
    if not 60 <= seconds <= 12 * 3600:
        raise SettingsError(f"UNFELT_SESSION_IDLE is 1m to 12h, such as 30m or 8h; given: {text!r}.")
    return seconds


def _mail(environment: Mapping[str, str]) -> Mail | None:
    url, sender = environment.get("UNFELT_MAIL", ""), environment.get("UNFELT_MAIL_FROM", "")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.password or not sender:
        raise SettingsError(
            "UNFELT_MAIL is smtp://USER@HOST:PORT or smtps://…, with UNFELT_MAIL_FROM beside it; the password is "
            "in the file that UNFELT_MAIL_PASSWORD_FILE names."
        )
    is_encrypted = parts.scheme == "smtps"
    port = parts.port or (465 if is_encrypted else 25)
    password = _path(environment.get("UNFELT_MAIL_PASSWORD_FILE"))
    tls = environment.get("UNFELT_MAIL_TLS") or "required"
    if tls not in ("required", "offered"):
        raise SettingsError(f"UNFELT_MAIL_TLS is required (as if unset) or offered; given: {tls}")
    ca = _path(environment.get("UNFELT_MAIL_CA"))
    user, may_be_plain = parts.username or "", tls == "offered"
    return Mail(parts.hostname, port, user, password, is_encrypted, sender, ca, may_be_plain)


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    url, client, secret = (environment.get(f"UNFELT_OIDC_{name}", "") for name in ("URL", "CLIENT", "SECRET_FILE"))
    if not (url or client or secret):
        return None
    if not (url and client and secret):
        raise SettingsError("UNFELT_OIDC_URL, UNFELT_OIDC_CLIENT and UNFELT_OIDC_SECRET_FILE belong together.")
    return Oidc(url, client, Path(secret), environment.get("UNFELT_OIDC_NAME") or urlsplit(url).hostname or url)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def settings() -> Settings:
    """The settings of this process."""
    import os

    return settings_from(os.environ)
