"""Decodes a request's JSON body into the type of its route, with errors in both languages."""

import codecs
import re
from typing import Any

import msgspec

from schemas.bilingual import Bilingual
from schemas.errors import BadInput, FieldError, Malformed
from schemas.http import field_error
from schemas.said_twice import said_twice

_PLACE = re.compile(r"\(byte (\d+)\)|in position (\d+)")


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
    except UnicodeDecodeError as error:
        raise Malformed(reason=_in_words(_undecodable(plain) or error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(reason=_in_words(error)) from error
    if (name := said_twice(plain)) is not None:
        raise BadInput(
            [FieldError(name, "这一项出现了两次，请只留一个。", "It stands twice; keep one of them.")]
        )
    return body


def _undecodable(plain: bytes) -> UnicodeDecodeError | None:
    """Where the whole of it is no UTF-8: the parser counts from the beginning of a text within it."""
    try:
        plain.decode()
    except UnicodeDecodeError as error:
        return error
    return None


def _in_words(error: Exception) -> Bilingual:
    """Where it is no JSON any more."""
    found = _PLACE.search(str(error))
    place = found and (found[1] or found[2])
    zh = "须为 UTF-8 编码的 JSON" + (f"，第 {place} 字节处有误" if place else "，这里不完整或嵌套过深")
    return Bilingual(zh=zh, en=f"JSON: {error}")
