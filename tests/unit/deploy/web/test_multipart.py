"""Forms that bring files: what no page of ours sends is refused before anybody works on it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from deploy.web.fields import pairs_of, query_of
from deploy.web.multipart import read_parts
from schemas.errors import Malformed, TooLarge

_FIELD = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n%s\r\n--b--\r\n'


async def _sent(body: bytes) -> AsyncIterator[bytes]:
    yield body


@pytest.mark.parametrize("said", ["", "; charset=utf-8", '; charset="UTF-8"'])
async def test_a_form_is_read_as_our_pages_write_it(said: str) -> None:
    """UTF-8, whether the browser says so or not."""
    headers = {"content-type": f"multipart/form-data; boundary=b{said}"}
    parts = await read_parts(headers, _sent(_FIELD % "路灯".encode()), 1000)

    assert parts.pairs == [("text", "路灯")]


@pytest.mark.parametrize(
    "said", ["; charset=punycode", "; charset=unicode_escape", "; charset=utf-7", '; a="' + ";" * 60_000]
)
async def test_what_would_hold_everybody_up_is_refused(said: str) -> None:
    """A codec that is slow, or makes halves of characters; and a header that takes seconds to read."""
    headers = {"content-type": f"multipart/form-data; boundary=b{said}"}

    with pytest.raises(Malformed):
        await read_parts(headers, _sent(_FIELD % b"a"), 1000)


async def test_a_field_that_is_too_large_is_said_to_be_so() -> None:
    """Whoever pasted a book reads that it is too much, not that their form cannot be read."""
    headers = {"content-type": "multipart/form-data; boundary=b"}
    with pytest.raises(TooLarge):
        await read_parts(headers, _sent(_FIELD % (b"a" * 1001)), 1000)


@pytest.mark.parametrize(
    "text", ["路灯坏了".encode("gbk"), "路燈壞了".encode("big5"), "路灯".encode("utf-16"), b"\xe8\xb7"]
)
async def test_what_is_no_utf_8_is_refused_and_not_taken_for_something_else(text: bytes) -> None:
    """In either kind of form, in words: its sender can send it again, and of garbled words nobody could."""
    headers = {"content-type": "multipart/form-data; boundary=b"}
    quoted = "".join(f"%{byte:02x}" for byte in text).encode()

    with pytest.raises(Malformed, match="UTF-8"):
        await read_parts(headers, _sent(_FIELD % text), 1000)
    for raw in (b"text=" + quoted, quoted + b"=text", b"text=" + text.replace(b"&", b"")):
        with pytest.raises(Malformed, match="UTF-8"):
            pairs_of(raw)


def test_a_form_may_hold_any_utf_8() -> None:
    """Quoted or not, with characters of four bytes; nothing is refused for being strange."""
    assert [("词", "𠮶家湾 +\ufffd"), ("b", "")] == pairs_of("词=%F0%A0%AE%B6家湾+%2B%EF%BF%BD&b=".encode())


@pytest.mark.parametrize("read", [pairs_of, query_of])
def test_signs_that_quote_nothing_are_refused_in_their_thousands(read: Callable[[bytes], Any]) -> None:
    """Each costs as much as ten other characters; a few, and any number that quote, are what somebody wrote."""
    for raw in (b"q=" + b"%" * 8_000, b"q=" + b"%e" * 4_000, b"q=&" * 4_000):
        with pytest.raises(Malformed):
            read(raw)
    assert {"a": "100%", "b": "%" * 300} == dict(read(b"a=100%&b=" + b"%25" * 300))
