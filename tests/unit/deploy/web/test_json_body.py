"""Bodies of requests: what they say, and what is wrong with them."""

from typing import Any

import msgspec
import pytest

from deploy.web.json_body import read_body
from schemas.errors import BadInput, Malformed
from schemas.words import Language


class Inner(msgspec.Struct):
    """An object within another."""

    text: str = ""


class Body(msgspec.Struct):
    """What a route takes."""

    text: str = ""
    inner: Inner | None = None
    many: list[Inner] = []


DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Body)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text": "a", "inner": {"text": "b"}, "many": [{"text": "c"}, {"text": "d"}]}',
        rb'{"text": "\"text\": \"x\", \"text\": 1", "inner": {"text" : "b"}}',
        b'\xef\xbb\xbf{"text": "a"}',
        b'{"text": "a", "k": 0, "k2" :' + b"9" * 5000 + b"}",
        b'{"text": "a", "unread" : "\xd6\xd0"}',
    ],
)
def test_one_name_in_several_objects_is_read(raw: bytes) -> None:
    """Each object has names of its own; a text may hold what looks like one."""
    assert isinstance(read_body(DECODER, raw), Body)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b'{"text": "a", "text": "b"}', "text"),
        (b'{"text" : "a", "text" : "b"}', "text"),
        (b'{"inner": {"text": "a", "text": "a"}}', "text"),
        (b'{"unread": 1, "text": "a", "unread": 2}', "unread"),
        (b'{"text"\n: "a", "text": "b"}', "text"),
        (b'{"text": "a", "text"\t: "b"}', "text"),
        (b'{"text": "a", "te\\u0078t": "b"}', "text"),
    ],
)
def test_what_is_said_twice_under_one_name_is_refused(raw: bytes, name: str) -> None:
    """Which of the two was meant nobody knows, and the other would be lost."""
    with pytest.raises(BadInput) as refused:
        read_body(DECODER, raw)

    assert [name] == [error.field for error in refused.value.errors]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"text": NaN}', b'{"text": "\xff"}', b'{"a":' + b"[" * 50_000])
def test_what_is_no_json_is_told_in_the_callers_language(raw: bytes) -> None:
    """Nobody who reads Chinese reads what a parser says."""
    with pytest.raises(Malformed) as refused:
        read_body(DECODER, raw)

    assert "须为 UTF-8 编码的 JSON" in refused.value.message(Language.ZH)
    assert "JSON is" not in refused.value.message(Language.ZH)
    assert "JSON" in refused.value.message(Language.EN)


def test_a_byte_that_is_no_text_is_told_where_it_stands() -> None:
    """The parser counts from the beginning of the text that it stands in."""
    with pytest.raises(Malformed) as refused:
        read_body(DECODER, b'{"text": "\xd6"}')

    assert "第 10 字节" in refused.value.message(Language.ZH)
