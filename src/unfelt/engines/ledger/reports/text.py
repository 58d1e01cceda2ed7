"""The characters of a report, by its byte order mark, by what its XML declares, and else as UTF-8."""

import codecs
import re

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import ReportError

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""In this order: the mark of UTF-32 begins with that of UTF-16."""
WIDE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How XML without a mark begins where each character takes two bytes."""
TABLES = re.compile(
    r"utf-8|ascii|iso8859-\d{1,2}|cp125\d|cp437|cp85\d|cp866|cp932|cp936|cp949|cp950|gbk|gb2312|gb18030|big5"
    r"|shift_jis|euc_jp|euc_kr|iso2022_jp|koi8-[ru]|mac-roman|tis-620"
)
"""Encodings in which ASCII is ASCII, under the names that Python gives them."""
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']""")


def decoded(content: bytes) -> str:
    """The text without its mark; ReportError where the bytes are not what they are said to be."""
    mark, encoding = next((one for one in MARKS if content.startswith(one[0])), (b"", ""))
    encoding = encoding or next((name for start, name in WIDE if content.startswith(start)), "")
    try:
        return content[len(mark) :].decode(encoding or _declared(content))
    except UnicodeDecodeError as error:
        said = Message("it is not text in {encoding}", encoding=(encoding or _declared(content)).upper())
        raise ReportError(said) from error


def _declared(content: bytes) -> str:
    found = _DECLARED.match(content[:400])
    if found is None:
        return "utf-8"
    name = found[1].decode("ascii")
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    if not TABLES.fullmatch(known):
        raise ReportError(Message("its encoding {name} is not known here: write it as UTF-8", name=name))
    return known
