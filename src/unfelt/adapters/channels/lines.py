"""Text of others on its way into a header or a message: pure."""

import unicodedata

SUBJECT = 200
"""Characters of a subject."""


def one_line(text: str, *, most: int = SUBJECT) -> str:
    """One line of printable text, so long at most: whatever breaks a line or cannot be seen becomes a space.

    What looks like an encoded word (RFC 2047) is broken too: decoded on its way, it could hold line breaks.

    >>> one_line("Deploy\\r\\nBcc: all@shop.example")
    'Deploy Bcc: all@shop.example'
    >>> one_line("=?utf-8?q?=0D=0ABcc:_all=40shop.example?=")
    '= ?utf-8?q?=0D=0ABcc:_all=40shop.example?='
    """
    plain = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    line = " ".join(plain.split()).replace("=?", "= ?")
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def plain_text(text: str) -> str:
    """Lines of text; control characters and halves of characters become a question mark."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        "?" if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" else one for one in lines
    )
