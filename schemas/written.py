"""Answers in the format of another standard: built by the slice that speaks it, sent by the edge unchanged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.errors import HuiyinError
from schemas.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An answer that is written already, with its media type."""

    body: bytes
    content_type: str
    status: int = 200


#: Writes a refusal, in that language; the last are the words of the path.
Refusing = Callable[[HuiyinError, Language, Mapping[str, str]], Written]
