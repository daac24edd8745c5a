"""What does not fit is named field by field, in words that people understand."""

from datetime import date
from typing import Annotated

import msgspec
import pytest

from schemas.errors import BadInput, FieldError
from schemas.http import Call, Principal, field_error, in_chinese, read
from schemas.words import Language


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A made-up form."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=3)]
    basis: str
    days: Annotated[int, msgspec.Meta(ge=1, le=15)] = 1
    day: date | None = None


def _wrong(**typed: str) -> list[tuple[str, str, str]]:
    with pytest.raises(BadInput) as refusal:
        read(Body, typed, strict=False)
    return [(error.field, error.zh, error.en) for error in refusal.value.errors]


def test_every_missing_field_is_named() -> None:
    """Nobody sends a form twice to hear of two empty fields."""
    missing = ("此项必填。", "This field is required.")

    assert _wrong() == [("reason", *missing), ("basis", *missing)]
    assert _wrong(basis="x", reason="") == [("reason", *missing)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"reason": "四个字呢"}, ("reason", "此项格式不对：最多 3 个字符。", "At most 3 characters.")),
        ({"days": "x"}, ("days", "此项格式不对：须为整数。", "Must be a whole number.")),
        ({"days": "0"}, ("days", "此项格式不对：不小于 1。", "1 or more.")),
        ({"days": "16"}, ("days", "此项格式不对：不大于 15。", "15 or less.")),
        (
            {"day": "x"},
            ("day", "此项格式不对：须为日期，如 2026-11-22。", "Must be a date such as 2026-11-22."),
        ),
    ],
)
def test_reasons_are_sentences(typed: dict[str, str], expected: tuple[str, str, str]) -> None:
    """In both languages, without the library's own words."""
    assert _wrong(**({"reason": "三个字", "basis": "x"} | typed)) == [expected]


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("Expected `bool | null`, got `str`", "须为 true 或 false", "Must be true or false."),
        ("Expected `str`, got `int`", "须为文字", "Must be text."),
        (
            "Expected `datetime`, got `int`",
            "须为时间，如 2026-11-22T16:45:00+08:00",
            "Must be a time such as 2026-11-22T16:45:00+08:00.",
        ),
        (
            "Invalid RFC3339 encoded datetime",
            "须为时间，如 2026-11-22T16:45:00+08:00",
            "Must be a time such as 2026-11-22T16:45:00+08:00.",
        ),
        ("Number out of range", "数字过大", "The number is too large."),
        ("Expected `float | null`, got `str`", "须为数字", "Must be a number."),
        ("Expected `object | array | null`, got `int`", "须为对象或列表", "Must be an object or a list."),
        ("Something else", "Something else", "Something else."),
    ],
)
def test_kinds_of_json_are_named_in_both_languages(reason: str, zh: str, en: str) -> None:
    """Whoever connects a system reads what to send instead, and not the library's words."""
    found = field_error(msgspec.ValidationError(f"{reason} - at `$.publish`"))

    assert ("publish", f"此项格式不对：{zh}。", en) == (found.field, found.zh, found.en)


def _known_by(**headers: str) -> str | None:
    """What a request with these headers is known by."""
    call = Call(principal=Principal(), language=Language.ZH, path={}, headers=headers, address="127.0.0.1")
    return call.idempotency_key


def test_idempotency_keys_are_bounded() -> None:
    """Absent and empty are no key; long or unprintable ones are refused."""
    assert (None, None, "k", "k" * 255) == (
        _known_by(),
        _known_by(**{"idempotency-key": " "}),
        _known_by(**{"idempotency-key": " k "}),
        _known_by(**{"idempotency-key": "k" * 255}),
    )
    for key in ("k" * 256, "a\nb"):
        with pytest.raises(BadInput):
            _known_by(**{"idempotency-key": key})


def test_a_key_that_is_none_is_named_as_its_header_is() -> None:
    """In the words of the documentation, with the limit."""
    with pytest.raises(BadInput) as refused:
        _known_by(**{"idempotency-key": "k" * 256})

    assert [
        FieldError("Idempotency-Key", "须为 1 到 255 个可见字符。", "Give 1 to 255 printable characters.")
    ] == list(refused.value.errors)


def test_what_is_wrong_with_a_file_is_said_in_chinese_with_its_field() -> None:
    """Whoever writes rules reads no library's words."""
    unknown = msgspec.ValidationError("Object contains unknown field `alow` - at `$.dispatch[0]`")

    assert "dispatch[0]：此项格式不对：没有程序读取 `alow`" == in_chinese(unknown)
