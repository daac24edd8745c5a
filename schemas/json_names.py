"""Finds the field names of a JSON text without parsing it, at a tenth of the cost."""

from collections.abc import Sequence

#: What may stand between a name and its colon (RFC 8259 §2).
_BLANK = b" \t\r\n"
#: Quotation marks of one body up to which this pays. Project choice: ten times those of any form; with more, a parser is
#: quicker than pieces.
_MANY = 1000


def pieces_of(raw: bytes) -> Sequence[bytes] | None:
    """What stands outside of texts and within them, in turns; None where only a parser can tell one from the other.

    `raw` is JSON; of anything else nothing is said. An escaped quotation mark ends no text: with its backslash it becomes
    two underscores, as two backslashes do. None of that may stand in a name, which would be another then.
    """
    if raw.count(b'"') > _MANY:
        return None
    if b"\\" not in raw:
        return raw.split(b'"')
    pieces = raw.replace(b"\\\\", b"__").replace(b'\\"', b"__").split(b'"')
    return None if any(b"\\" in name or b"__" in name for name in names_in(pieces)) else pieces


def names_in(pieces: Sequence[bytes]) -> Sequence[bytes]:
    """The names among what `pieces_of` found: the texts with a colon behind them."""
    # What is no JSON may end within a text.
    texts = zip(pieces[1::2], pieces[2::2], strict=False)
    return [name for name, behind in texts if behind[:1] == b":" or behind.lstrip(_BLANK)[:1] == b":"]
