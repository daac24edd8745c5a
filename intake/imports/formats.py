"""How a workbook shows a whole number: `0551-62213456` of 55162213456, `GD-0034` of 34 (ECMA-376 Part 1 §18.8.31)."""

import re

#: A format of digits that are always shown, and of signs and words between them.
_SHAPE = re.compile(r'(?:"[^"]*"|\\.|_.|[-() /]|0)+')
#: Characters of a format at most (project choice: what Excel takes).
_LONGEST = 255
_PIECE = re.compile(r'"([^"]*)"|\\(.)|_.|([-() /])|(0+)')


def shape_of(code: str | None) -> str:
    """The format, as far as it is one of these; empty where numbers are shown as they are."""
    shape = (code or "").partition(";")[0]
    return (
        shape if shape != "0" and "0" in shape and len(shape) <= _LONGEST and _SHAPE.fullmatch(shape) else ""
    )


def shown(shape: str, digits: str) -> str:
    """The number as its sheet shows it: whatever digits there are too many stand in the first place."""
    pieces = [_PIECE.sub(_said, found.group()) for found in _PIECE.finditer(shape)]
    left = digits.zfill("".join(pieces).count("\0"))
    for at in range(len(pieces) - 1, -1, -1):
        if count := pieces[at].count("\0"):
            taken = left if "\0" not in "".join(pieces[:at]) else left[-count:]
            pieces[at], left = taken, left[: len(left) - len(taken)]
    return "".join(pieces)


def _said(piece: re.Match[str]) -> str:
    return "\0" * len(piece[4]) if piece[4] else piece[1] or piece[2] or piece[3] or ""
