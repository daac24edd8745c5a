"""A line of JSON that somebody wrote by hand: a field that nobody reads is a slip of theirs."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

import msgspec

from schemas.errors import Unusable
from schemas.said_twice import said_twice

S = TypeVar("S", bound=msgspec.Struct)
#: How much of two names is the same where one is a slip for the other, 0–1 (project choice: two of four letters that changed
#: places are, and no word that files have besides).
_ALIKE = 0.75


def read_line(line: str, into: type[S], *, others: bool = False) -> S:
    """The line as `into`. `others`: it may hold what other programs read, but for a slip of a field that it lacks.

    Raises:
        Unusable: a field that there is not, with the name that is meant, or all of them; or one that stands twice.
        msgspec.MsgspecError: no JSON, or none that fits.
    """
    raw = msgspec.json.decode(line)
    if (name := said_twice(line.encode())) is not None:
        raise Unusable(zh=f"{name!r} 出现两次", en=f"it says {name!r} twice")
    if isinstance(raw, Mapping):
        _check(raw, [field.encode_name for field in msgspec.structs.fields(into)], others=others)
    return msgspec.convert(raw, into)


def _check(raw: Mapping[str, object], known: Sequence[str], *, others: bool) -> None:
    lacking, every = [name for name in known if name not in raw], ", ".join(known)
    for name in raw:
        if name in known:
            continue
        if nearest := get_close_matches(name, lacking, n=1, cutoff=_ALIKE):
            raise Unusable(
                zh=f"没有字段 {name!r}：是否为 {nearest[0]!r}？",
                en=f"no field {name!r}: is {nearest[0]!r} meant?",
            )
        if not others:
            raise Unusable(zh=f"没有字段 {name!r}：可用 {every}", en=f"no field {name!r}: there are {every}")
