"""What seals dead letters of submissions."""

import pytest
from pydantic import SecretStr

from deploy.messaging.dead.dead_letter_seal import Content, LetterSealed, letter_seal
from deploy.settings import Settings

OLD, NEW = "the secret of last year 31415926", "another secret of this year 27182818"
CONTENT = Content(b"\x00key", None, [("ce_id", b"1"), ("empty", None), ("ce_id", "漏水".encode())])


def _settings(secret: str, former: str = "") -> Settings:
    return Settings(secret_key=SecretStr(secret), previous_secret_keys=SecretStr(former))


def test_a_former_secret_opens_what_it_sealed() -> None:
    """As its successor's predecessor, too."""
    sealed = letter_seal(_settings(OLD)).seal(CONTENT, "t 0/1")

    assert CONTENT == letter_seal(_settings(OLD)).unseal(sealed, "t 0/1")
    assert CONTENT == letter_seal(_settings(NEW, OLD)).unseal(sealed, "t 0/1")


@pytest.mark.parametrize(
    ("secret", "where", "bit"), [(NEW, "t 0/1", 0), (OLD, "t 0/2", 0), (OLD, "t 0/1", 1), ("", "t 0/1", 0)]
)
def test_anything_else_opens_nothing(secret: str, where: str, bit: int) -> None:
    """Another key or none, another record's place, a byte that was changed: one sentence for all."""
    sealed = bytearray(letter_seal(_settings(OLD)).seal(CONTENT, "t 0/1"))
    sealed[-1] ^= bit

    with pytest.raises(LetterSealed, match=where):
        letter_seal(_settings(secret)).unseal(bytes(sealed), where)


def test_the_same_content_is_sealed_differently_each_time() -> None:
    """Nobody sees that two letters are one."""
    seal = letter_seal(_settings(OLD))

    assert seal.seal(CONTENT, "t 0/1") != seal.seal(CONTENT, "t 0/1")
