"""A line of a jsonl file: an object, and whether it says two things under one name."""

import json
import math
import re
from contextlib import suppress
from typing import NamedTuple

import msgspec

from schemas.said_twice import said_twice

#: What stands behind each name, and now and then within a text.
_NAMED = re.compile(rb'"\s*:')


class Repeated(NamedTuple):
    """An object with a name twice: which of the two was meant nobody knows, and what the other holds would be lost."""

    name: str
    line: str


def object_in(line: bytes) -> object:
    """The object in the line; `Repeated` where a name stands twice in it; as text, what is no object."""
    row = _decoded(line)
    text = line.decode("utf-8", errors="replace")
    if not isinstance(row, dict):
        return text
    # Reading every line twice would cost an import a third: most have as many names as there are marks behind names.
    if _names_in(row) == len(_NAMED.findall(line)):
        return row
    name = said_twice(line)
    return row if name is None else Repeated(name, text)


def _decoded(line: bytes) -> object:
    """Also what Python writes and JSON has not: NaN, which stands for nothing, and halves of surrogate pairs."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(line)
    try:
        return _writable(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _writable(value: object) -> object:
    """The same, so that it can be written again: a row that is not taken is put aside in a file, and stops no import."""
    if isinstance(value, dict):
        return {_writable(name): _writable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [*map(_writable, value)]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return (
        value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if isinstance(value, str)
        else value
    )


def _names_in(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_names_in, value.values()))
    return sum(map(_names_in, value)) if isinstance(value, list) else 0
