"""A request's body as its route takes it; what is wrong with it is said in words, in either language."""

import codecs
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.bilingual import Bilingual
from schemas.errors import BadInput, FieldError, Malformed
from schemas.http import field_error

#: Behind each name, as programs write them, and as some people do.
_NAMED, _NAMED_APART = b'":', b'" :'
_PLACE = re.compile(r"\(byte (\d+)\)|in position (\d+)")


class _SaysTwice(Exception):
    """An object says one name twice; raised with the name."""


def read_body(decoder: msgspec.json.Decoder[Any], raw: bytes) -> Any:
    """What `raw` says.

    Raises:
        BadInput: a field that does not fit, or one that is said twice: which was meant nobody knows.
        Malformed: it is no JSON.
    """
    # Some programs mark UTF-8, which JSON lets a reader leave out (RFC 8259 §8.1).
    plain = raw.removeprefix(codecs.BOM_UTF8)
    try:
        body = decoder.decode(plain)
    except msgspec.ValidationError as error:
        raise BadInput([field_error(error)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(reason=_in_words(error)) from error
    # Cheap, for what nearly nobody sends: what stands before each mark of a name, behind the quotation mark before it.
    names = [piece[piece.rfind(b'"') :] for piece in plain.split(_NAMED)[:-1]]
    if len(set(names)) < len(names) or _NAMED_APART in plain:
        _check_once(plain)
    return body


def _check_once(plain: bytes) -> None:
    try:
        json.loads(plain, object_pairs_hook=_once)
    except _SaysTwice as said:
        raise BadInput(
            [FieldError(str(said), "这一项出现了两次，请只留一个。", "It stands twice; keep one of them.")]
        ) from said


def _once(pairs: Sequence[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _SaysTwice(name)


def _in_words(error: Exception) -> Bilingual:
    """Where it is no JSON any more."""
    found = _PLACE.search(str(error))
    place = found and (found[1] or found[2])
    zh = "须为 UTF-8 编码的 JSON" + (f"，第 {place} 字节处有误" if place else "，这里不完整或嵌套过深")
    return Bilingual(zh=zh, en=f"JSON: {error}")
