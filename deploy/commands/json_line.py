"""A line of JSON that somebody wrote by hand: a field that nobody reads is a slip of theirs."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

import msgspec

from schemas.errors import Unusable
from schemas.said_twice import said_twice

S = TypeVar("S", bound=msgspec.Struct)


def read_line(line: str, into: type[S]) -> S:
    """The line as `into`.

    Raises:
        Unusable: a field that there is not, with the name that is meant, or all of them; or one that stands twice.
        msgspec.MsgspecError: no JSON, or none that fits.
    """
    raw = msgspec.json.decode(line)
    known = [field.encode_name for field in msgspec.structs.fields(into)]
    if (name := said_twice(line.encode())) is not None:
        raise Unusable(zh=f"{name!r} 出现两次", en=f"it says {name!r} twice")
    unknown = next((name for name in raw if name not in known), None) if isinstance(raw, Mapping) else None
    if unknown is None:
        return msgspec.convert(raw, into)
    if nearest := get_close_matches(unknown, known, n=1):
        raise Unusable(
            zh=f"没有字段 {unknown!r}：是否为 {nearest[0]!r}？",
            en=f"no field {unknown!r}: is {nearest[0]!r} meant?",
        )
    every = ", ".join(known)
    raise Unusable(zh=f"没有字段 {unknown!r}：可用 {every}", en=f"no field {unknown!r}: there are {every}")
