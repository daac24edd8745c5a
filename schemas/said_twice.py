"""Refuses JSON objects that name a field twice: parsers keep the last value silently."""

import json
import re

from schemas.json_names import names_in, pieces_of

#: Where an object begins and ends, and each text, with the colon behind it where it is a name (RFC 8259 §2).
_TOKEN = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(?:[ \t\r\n]*+(:))?|[{}]', re.DOTALL)


def said_twice(raw: bytes) -> str | None:
    """The first name that stands twice in one object, as it stands there; None of most JSON.

    Looks at names alone: what a value holds may be what no parser takes. `raw` is JSON that somebody has read.
    """
    pieces = pieces_of(raw)
    if pieces is not None:
        names = names_in(pieces)
        # No two alike in all of it, as in most.
        if len(set(names)) == len(names):
            return None
    return _found(raw)


def _found(raw: bytes) -> str | None:
    within: list[set[str]] = []
    for token in _TOKEN.finditer(raw):
        if token[2]:
            name = _name(token[1])
            if name in within[-1]:
                return name
            within[-1].add(name)
        elif token[1] is None:
            if token[0] == b"{":
                within.append(set())
            else:
                within.pop()
    return None


def _name(raw: bytes) -> str:
    """What the name says, whichever way it is written: `te\\u0078t` is `text`."""
    written = raw.decode("utf-8", "backslashreplace")
    if "\\" not in written:
        return written
    try:
        said = json.loads(f'"{written}"', strict=False)
    except json.JSONDecodeError:
        return written
    return str(said.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
