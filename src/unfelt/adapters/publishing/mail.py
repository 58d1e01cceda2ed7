"""A mailbox: the checkpoint is a line of the mail."""

from dataclasses import dataclass
from datetime import timedelta

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.mail import send_mail
from unfelt.adapters.publishing import PublishError
from unfelt.conf.settings import Mail


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's who keeps mail; once a day is enough for people."""

    server: Mail
    to: str
    every: timedelta = timedelta(days=1)

    @property
    def name(self) -> str:
        """With its address."""
        return f"mail {self.to}"

    def publish(self, name: str, content: bytes) -> bytes:
        """The server has taken the mail."""
        subject = f"unfelt: {name.removesuffix('.json')}"
        try:
            send_mail(self.server, to=self.to, subject=subject, text=content.decode())
        except ChannelError as error:
            raise PublishError(str(error)) from error
        return b""
