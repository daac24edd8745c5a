"""A name is a name; whatever else stands beside the number is words."""

import msgspec
import pytest

from intake.core.contact_words import words_beside
from intake.core.registration import prepare_message
from schemas.values import Contact
from tests.unit.intake.messages import KEYS, draft, message


@pytest.mark.parametrize(
    "name",
    [
        "王小明", "王", "欧阳娜娜", "諸葛明", "张先生", "司马女士", "阿依古丽·买买提", "古力娜扎尔•拜合提亚尔",
        "Mary O'Neil", "김민준", "Jean-Luc Martin", "ئادىل",
    ],
)  # fmt: skip
def test_a_name_is_nothing_to_judge(name: str) -> None:
    """In whatever script it is; it never leaves what is sealed."""
    assert "" == words_beside(Contact(name=name, phone="13812345678", email="a@example.org"))


@pytest.mark.parametrize(
    "words", ["举报王局长受贿", "王局贪污", "城管收钱，别告诉他们", "I saw him take the money there"]
)
@pytest.mark.parametrize("field", ["name", "hours", "language", "remarks"])
def test_what_is_no_name_is_words(field: str, words: str) -> None:
    """Wherever it stands."""
    assert words in words_beside(msgspec.structs.replace(Contact(phone="13812345678"), **{field: words}))


def test_the_words_are_masked() -> None:
    """A number beside them does not come along, nor does the name."""
    found = words_beside(
        Contact(name="王小明", phone="13812345678", hours="晚上打13812345678找王小明，局长收钱")
    )

    assert "局长收钱" in found
    assert "1381234" not in found
    assert "王小明" not in found


def test_nothing_is_nothing() -> None:
    """As nearly always."""
    assert "" == words_beside(None) == words_beside(Contact()) == words_beside(Contact(hours=" "))


def test_a_message_is_registered_with_them() -> None:
    """What routing judges beside the text."""
    event = message(draft("a", "b", contact=Contact(name="举报王局长受贿"))).event

    assert "举报王局长受贿" == prepare_message(event, KEYS).beside
