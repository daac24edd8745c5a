"""Refusals as `application/problem+json` (RFC 9457), in the caller's language."""

from typing import Any

import msgspec

from schemas.errors import BadInput, HuiyinError
from schemas.words import Language

CONTENT_TYPE = "application/problem+json"

_TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录", "Sign in"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持此方法", "Method not allowed"),
    409: ("操作冲突", "Conflict"),
    413: ("内容过大", "Too large"),
    415: ("格式不支持", "Unsupported format"),
    422: ("内容需要修改", "Please correct"),
    429: ("操作过于频繁", "Too many requests"),
    500: ("系统错误", "Server error"),
    503: ("暂不可用", "Not available"),
}


def title(status: int, language: Language) -> str:
    """A short heading for a status."""
    zh, en = _TITLES.get(status, _TITLES[400 if status < 500 else 500])
    return zh if language is Language.ZH else en


def problem(error: HuiyinError, language: Language) -> dict[str, Any]:
    """The members of the problem: the standard ones, the facts, and for wrong fields each with its reason."""
    members: dict[str, Any] = {name: fact for name, fact in error.facts.items() if _plain(fact)}
    members |= {
        "type": f"urn:huiyin:problem:{error.code}",
        "title": title(error.status, language),
        "status": error.status,
        "detail": error.message(language),
        "code": error.code,
    }
    if isinstance(error, BadInput):
        chinese = language is Language.ZH
        members["errors"] = [{"field": e.field, "reason": e.zh if chinese else e.en} for e in error.errors]
    return members


def headers(error: HuiyinError) -> dict[str, str]:
    """Headers that go with it."""
    found: dict[str, str] = {}
    if "retry_after_seconds" in error.facts:
        found["retry-after"] = str(error.facts["retry_after_seconds"])
    if error.status == 401:
        found["www-authenticate"] = "Bearer"
    return found


def encode(error: HuiyinError, language: Language) -> bytes:
    """The body."""
    return msgspec.json.encode(problem(error, language))


def _plain(fact: object) -> bool:
    return isinstance(fact, (str, int, float, bool, list, tuple))
