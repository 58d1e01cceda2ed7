"""No text of anybody's becomes a header of a mail, another recipient or the death of the sender."""

from email import message_from_bytes, policy
from email.headerregistry import Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from postbox import postbox

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.lines import SUBJECT, one_line, plain_text
from unfelt.adapters.channels.mail import composed, recipient_of, send_mail, sender_of
from unfelt.conf.language import Message
from unfelt.conf.settings import Mail
from unfelt.engines.news import Item
from unfelt.engines.teamwork.letters import letter

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
MIME = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
HOUSE, TOLD = Address("House", addr_spec="unfelt@shop.example"), Address(addr_spec="lin@shop.example")
any_text = st.text(st.characters(exclude_categories=[]), max_size=120) | st.text(
    alphabet='\r\n\t\v\f\x00\x1c\x1d\x1e\x85\u2028\u2029 :,;<>@"=?_%Bc a字\ud800\u202e', max_size=60
)


@given(any_text, any_text)
@example("Deploy\r\nBcc: all@shop.example\r\n\r\nbody", "")
@example("=?utf-8?q?=0D=0ABcc:_a=40b.c?=", "")
@example("\ud800\u2028x", "\x00\r\n.\r\nQUIT")
def test_a_mail_has_its_own_headers_whatever_its_texts_hold(subject, text):
    """One each, the subject in one line, and one recipient; as the other side reads it."""
    sent = composed(HOUSE, TOLD, subject=subject, text=text).as_bytes(policy=policy.SMTP)
    read = message_from_bytes(sent, policy=policy.default)
    assert [name for name in read if name not in MIME] == HEADERS
    assert len(set(read.keys())) == len(read.keys())
    assert [one.addr_spec for one in read["To"].addresses] == ["lin@shop.example"]
    assert not set(str(read["Subject"])) & set("\r\n\x00")
    assert all(len(line) < 998 for line in sent.split(b"\r\n"))


@given(any_text)
def test_a_line_is_one_line_and_not_longer_than_it_may_be(text):
    """And it is the same when it is made again."""
    line = one_line(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    assert len(line) <= SUBJECT
    assert one_line(line) == line
    plain_text(text).encode()


@given(any_text)
@example("a@b.example, c@d.example")
@example("a@b.example\r\nBcc: c@d.example")
@example("a@b.example>\r\nRCPT TO:<c@d.example")
@example('"a\r\nb"@c.example')
@example("")
@example("@")
def test_a_recipient_is_one_mailbox_or_none(text):
    """From whatever an address field holds."""
    try:
        found = recipient_of(text)
    except ChannelError:
        return
    else:
        assert found.addr_spec.count("@") == 1 or '"' in found.addr_spec
        assert found.addr_spec.isprintable()
        assert not set(found.addr_spec) & set(" ,;<>")


@given(any_text)
def test_a_sender_is_one_mailbox_with_a_name_in_one_line(text):
    """From whatever the settings hold."""
    for given_sender in (text, f"{text} <unfelt@shop.example>"):
        try:
            found = sender_of(given_sender)
        except ChannelError:
            continue
        read = message_from_bytes(
            composed(found, TOLD, subject="s", text="t").as_bytes(policy=policy.SMTP), policy=policy.default
        )
        assert [name for name in read if name not in MIME] == HEADERS
        assert len(read["From"].addresses) == 1


@given(any_text, any_text)
def test_a_letter_has_a_subject_in_one_line_whatever_a_comment_or_the_brand_holds(text, brand):
    """One item is the subject itself."""
    said = Message("{name} asks about {change}: {text}", name=brand, change="split", text=text)
    subject, _body = letter([Item(None, said, "/")], "https://unfelt.example", house=brand, contact=brand)
    assert subject == one_line(subject)


@pytest.mark.parametrize(
    "subject", ["Deploy\nBcc: all@shop.example", "\r\n.\r\nMAIL FROM:<x@y.example>", "\ud800字\x00"]
)
def test_a_real_server_gets_one_mail_for_one_recipient(subject):
    """Over the wire."""
    with postbox() as (box, port):
        server = Mail("127.0.0.1", port, "", None, False, "Haus\r\nX: 1 <unfelt@shop.example>")
        send_mail(server, to="lin@shop.example", subject=subject, text=f"{subject}\r\n.\r\nQUIT\r\n")
    ((to, got, text),) = box.mails
    assert (to, got) == (["lin@shop.example"], one_line(subject))
    assert text.rstrip().endswith("QUIT")
