"""What a channel keeps to, driven for real against a server of the suite."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from unfelt.adapters.channels import Channel, ChannelError, Means
from unfelt.adapters.channels.registered import given_channels
from unfelt.conf import plugins
from unfelt.conf.settings import Mail
from unfelt.testing.contracts.checks import Check, broken, label_faults
from unfelt.testing.contracts.services import Sink, closed_port, fetch_to, mail_sink, silent, web_sink

SUBJECT, TEXT = "apples are ripe", "three trees wait for you"
LONGEST = 65.0
"""Seconds within which a channel has been told no, or gives up."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of a channel: one that it takes, one that it refuses, and what of the first one is secret.

    by: `web` where it is called by the one client for the web, `mail` where by the mail server.
    """

    good: str
    bad: str
    secret: str = ""
    by: str = "web"


@dataclass
class Site:
    """A channel, and the server that its messages come to."""

    channel: Channel
    addresses: Addresses
    sink: Sink

    def send(self, subject: str = SUBJECT, *, port: int | None = None) -> str:
        """Why it was not taken by the server, or at that port; nothing where it was."""
        at = self.sink.port if port is None else port
        means = Means(Mail("127.0.0.1", at, "", None, False, "unfelt@shop.example"), fetch_to(at))
        try:
            self.channel.send(self.addresses.good, subject=subject, text=TEXT, means=means)
        except ChannelError as error:
            return str(error)
        return ""

    def not_taken(self, port: int) -> Iterator[str]:
        """What is wrong with how it says that nobody takes it there."""
        began, said = time.monotonic(), self.send(port=port)
        if (took := time.monotonic() - began) > LONGEST:
            yield f"It took {took:.0f} s."
        yield from self.is_no_word(said)

    def is_no_word(self, said: str) -> Iterator[str]:
        """It was taken after all, or the word about it holds what is secret."""
        if not said:
            yield "It says that it was taken."
        if self.addresses.secret and self.addresses.secret in said:
            yield "The error holds what is secret of the address."


def channel_faults(channel: str | Channel, addresses: Addresses) -> list[str]:
    """What the channel does not keep to, by its name or as it is; empty where all holds.

    A server that says nothing is waited for as long as the channel waits: for ours, 20 s.
    """
    made = plugins.part("channel", channel)() if isinstance(channel, str) else channel
    with mail_sink() if addresses.by == "mail" else web_sink() as sink:
        return broken(CHECKS, Site(made, addresses, sink))


def is_called_something(site: Site) -> Iterator[str]:
    """Its label and the hint how an address is spelled are there in both languages."""
    for named in (site.channel.label, site.channel.hint):
        yield from label_faults(named)


def knows_its_addresses(site: Site) -> Iterator[str]:
    """It takes its own addresses, and says of any other, in both languages, why it is none."""
    if (problem := site.channel.problem(site.addresses.good)) is not None:
        yield f"It refuses {site.addresses.good}: {problem}"
    for bad in (site.addresses.bad, "", "\n", f"{site.addresses.good}\r\nBcc: all@shop.example"):
        problem = site.channel.problem(bad)
        if problem is None:
            yield f"It takes {bad!r}."
        else:
            yield from label_faults(problem)


def takes_nobody_elses(site: Site) -> Iterator[str]:
    """An address of it is one of no other channel."""
    for name, other in given_channels().items():
        is_other = site.channel.is_given and type(other) is not type(site.channel)
        if is_other and other.problem(site.addresses.good) is None:
            yield f"It is one of {name} too."


def sends(site: Site) -> Iterator[str]:
    """A message arrives once, with its subject and its text, by the means that it is given."""
    if said := site.send():
        yield said
    if len(site.sink.taken) != 1:
        yield f"{len(site.sink.taken)} messages came."
    for word in (SUBJECT, TEXT):
        if not any(word.encode() in one for one in site.sink.taken):
            yield f"{word!r} did not come."


def keeps_a_subject_in_its_line(site: Site) -> Iterator[str]:
    """A line break in the subject breaks nothing: the message is one, and goes to nobody else."""
    site.sink.taken.clear()
    site.sink.recipients.clear()
    if said := site.send(f"{SUBJECT}\r\nBcc: all@shop.example\r\n\r\nnew"):
        yield said
    if len(site.sink.taken) != 1 or len(site.sink.recipients) > 1:
        yield f"{len(site.sink.taken)} messages came, to {site.sink.recipients}."
    if any(one in b"".join(site.sink.taken) for one in (b"\nBcc:", b"\\nBcc:", b"\rBcc:", b"\\rBcc:")):
        yield "The line break came through."


def says_that_it_was_refused(site: Site) -> Iterator[str]:
    """A server that does not take it is a ChannelError without what is secret."""
    site.sink.status = 503
    yield from site.is_no_word(site.send())
    site.sink.status = 200


def says_that_nobody_is_there(site: Site) -> Iterator[str]:
    """A server that is not there is a ChannelError without what is secret."""
    yield from site.not_taken(closed_port())


def gives_up_on_silence(site: Site) -> Iterator[str]:
    """A server that says nothing is a ChannelError within a minute."""
    with silent() as port:
        yield from site.not_taken(port)


CHECKS: tuple[Check[Site], ...] = (
    is_called_something,
    knows_its_addresses,
    takes_nobody_elses,
    sends,
    keeps_a_subject_in_its_line,
    says_that_it_was_refused,
    says_that_nobody_is_there,
    gives_up_on_silence,
)
