"""Which channels there are, and which of them an address belongs to."""

from collections.abc import Mapping

from unfelt.adapters.channels import Channel, ChannelError, Means
from unfelt.conf import plugins
from unfelt.conf.language import Message


def channels() -> Mapping[str, Channel]:
    """All that are registered, by name: ours first, so that no plug-in takes over an address of ours."""
    ours = plugins.PARTS["channel"]
    ordered = sorted(plugins.names("channel"), key=lambda name: (name not in ours, name))
    return {name: plugins.part("channel", name)() for name in ordered}


def given_channels() -> Mapping[str, Channel]:
    """Those for which members give addresses of their own."""
    return {name: channel for name, channel in channels().items() if channel.is_given}


def by_channel(addresses: str) -> Mapping[str, str]:
    """Addresses, one a line, by the channel of each; one that is of none is left out."""
    found: dict[str, str] = {}
    for address in addresses.splitlines():
        for name, channel in given_channels().items():
            if channel.problem(address) is None:
                found.setdefault(name, address)
                break
    return found


def send_to(address: str, *, subject: str, text: str, means: Means) -> None:
    """By the channel that it is an address of; ChannelError where it is not taken."""
    for channel in given_channels().values():
        if channel.problem(address) is None:
            return channel.send(address, subject=subject, text=text, means=means)
    known = ", ".join(str(channel.label) for channel in given_channels().values())
    raise ChannelError(Message("no channel has an address of that kind; there are: {channels}", channels=known))
