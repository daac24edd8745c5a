"""Refusals as RFC 9457 problems."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from deploy.web import problems
from handlers.core import lifecycle
from handlers.core.rules import Action, Actor, Facts
from schemas import errors
from schemas.errors import (
    BadInput,
    FieldError,
    HuiyinError,
    StaleVersion,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from schemas.words import CaseState, Language

ONE_OF_EACH: list[HuiyinError] = [
    HuiyinError(),
    BadInput([FieldError("title", "必填。", "Required.")]),
    errors.Malformed(reason="JSON"),
    Unauthenticated(),
    errors.SignatureRefused(),
    errors.Forbidden(),
    errors.NotFound(),
    errors.CodeMistyped(),
    StaleVersion(current=7),
    errors.ActionNotAllowed(state="assigned", allowed_actions=["sign"]),
    errors.KeyReused(),
    errors.TooLarge(limit=10),
    TooMany(retry_after_seconds=3),
    Unavailable("kafka"),
]


def _decoded(error: HuiyinError, language: Language) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(problems.encode(error, language))
    return found


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("language", list(Language))
def test_every_refusal_has_the_standard_members(error: HuiyinError, language: Language) -> None:
    """Type, title, status and detail, all filled, and the code that programs read."""
    found = _decoded(error, language)

    assert f"urn:huiyin:problem:{error.code}" == found["type"]
    assert error.status == found["status"]
    assert error.code == found["code"]
    assert found["title"]
    assert found["detail"]
    assert "{" not in found["detail"]


def test_the_callers_language() -> None:
    """The same refusal in Chinese and English."""
    chinese, english = (
        _decoded(StaleVersion(current=7), language) for language in (Language.ZH, Language.EN)
    )

    assert (chinese["title"], english["title"]) == ("操作冲突", "Conflict")
    assert "第 7 版" in chinese["detail"]
    assert "version 7" in english["detail"]


def test_facts_are_members() -> None:
    """Programs need not read sentences."""
    refused = _decoded(_refusal_of_an_action(), Language.EN)

    assert _decoded(StaleVersion(current=7), Language.EN)["current"] == 7
    assert ("assigned", ["note"]) == (refused["state"], refused["allowed_actions"])


@pytest.mark.parametrize(
    ("limit", "zh", "en"),
    [
        (100, "100 字节。", "100 bytes."),
        (256 * 1024, "256 KB。", "256 KB."),
        (20 * 1024 * 1024, "20 MB。", "20 MB."),
        (2_000_000, "1.9 MB。", "1.9 MB."),
    ],
)
def test_a_limit_is_said_as_people_read_it(limit: int, zh: str, en: str) -> None:
    """Programs get the bytes."""
    refusal = errors.TooLarge(limit=limit)

    assert refusal.message(Language.ZH).endswith(f"上限为 {zh}")
    assert refusal.message(Language.EN).endswith(f"limit is {en}")
    assert limit == _decoded(refusal, Language.EN)["limit"]


def _refusal_of_an_action() -> errors.ActionNotAllowed:
    """As the lifecycle makes it: a supporting department may not sign."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    facts = Facts(now=at, return_until=at)
    with pytest.raises(errors.ActionNotAllowed) as refused:
        lifecycle.advance(CaseState.ASSIGNED, Action.SIGN, Actor.SUPPORTING, facts)
    return refused.value


def test_facts_never_replace_the_standard_members() -> None:
    """A fact that is called like a standard member loses."""
    assert _decoded(errors.Forbidden(status="x", type="y"), Language.EN)["status"] == 403


@pytest.mark.parametrize(("language", "reason"), [(Language.ZH, "必填。"), (Language.EN, "Required.")])
def test_wrong_fields_each_with_its_reason(language: Language, reason: str) -> None:
    """Where, and why, in one language."""
    found = _decoded(BadInput([FieldError("place.address", "必填。", "Required.")]), language)

    assert found["errors"] == [{"field": "place.address", "reason": reason}]


def test_headers_that_go_with_it() -> None:
    """When to come back, and how to sign in."""
    assert problems.headers(Unavailable("kafka", retry_after_seconds=9)) == {"retry-after": "9"}
    assert problems.headers(TooMany(retry_after_seconds=3)) == {"retry-after": "3"}
    assert problems.headers(Unauthenticated()) == {"www-authenticate": "Bearer"}
    assert problems.headers(errors.Forbidden()) == {}


def test_a_status_without_a_title_of_its_own() -> None:
    """Falls back to its family's."""
    assert problems.title(418, Language.EN) == "Bad request"
    assert problems.title(599, Language.ZH) == "系统错误"
