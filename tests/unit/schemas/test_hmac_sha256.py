"""Codes under a key."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.hmac_sha256 import HmacSha256


@given(st.binary(max_size=200), st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_codes_are_those_of_the_library(key: bytes, texts: list[bytes]) -> None:
    """Whatever the key's length, for one text after the other."""
    keyed = HmacSha256(key)

    assert [hmac.digest(key, text, "sha256") for text in texts] == [keyed.digest(text) for text in texts]


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)  # fmt: skip
def test_codes_are_those_of_the_standard(key: bytes, text: bytes, code: str) -> None:
    """RFC 4231, cases 1, 2 and 6."""
    assert code == HmacSha256(key).digest(text).hex()
