"""How a message is written: width, white space, invisible characters, and Traditional characters for matching.

Each function first looks whether there is anything to do, since most messages need nothing.
"""

import re

from schemas import simplified as characters
from schemas.wording import PLAIN, written_so

_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(PLAIN)) + "]")
_AROUND_LINE_END = re.compile(r" *\n *")
#: More than one blank line between two paragraphs says no more than one.
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACE_RUN = re.compile(r"  +")


def normalised(text: str) -> str:
    """`text` as the register keeps it: half-width letters and digits, plain white space, nothing invisible."""
    if _ODD.search(text):
        text = written_so(text.replace("\r\n", "\n"), PLAIN)
    # Before what looks around line ends, which from each of many spaces would look at all those behind it.
    if "  " in text:
        text = _SPACE_RUN.sub(" ", text)
    if " \n" in text or "\n " in text:
        text = _AROUND_LINE_END.sub("\n", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip()


def one_line(text: str) -> str:
    """`text`, normalised, its lines joined by spaces."""
    return " ".join(normalised(text).split("\n")).replace("  ", " ")


def simplified(text: str) -> str | None:
    """`text` in Simplified characters, for matching only; None where it already is."""
    converted = characters.as_read(text)
    return None if converted == text else converted


def as_said(text: str) -> str:
    """`text` as `matchable` makes it, with Taiwan's words left as they are; it has as many characters."""
    return characters.simplified(normalised(text)).lower()


def matchable(text: str) -> str:
    """`text` as searches compare it: normalised, Simplified, lower case."""
    plain = normalised(text)
    return (simplified(plain) or plain).lower()
