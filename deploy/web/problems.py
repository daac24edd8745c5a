"""Refusals as `application/problem+json` (RFC 9457), in the caller's language."""

from typing import Any

import msgspec
import structlog

from deploy.messaging.consuming.error_policy import ErrorKind, error_kind
from deploy.observability.logs import where
from schemas.errors import BadInput, FieldError, HuiyinError, NotShown, Refused, Unavailable
from schemas.words import Language

log = structlog.get_logger()

CONTENT_TYPE = "application/problem+json"

_TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("需要登录", "Sign in"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持此方法", "Method not allowed"),
    408: ("没有及时传完", "Too slow"),
    409: ("操作冲突", "Conflict"),
    413: ("内容过大", "Too large"),
    415: ("格式不支持", "Unsupported format"),
    422: ("内容需要修改", "Please correct"),
    429: ("操作过于频繁", "Too many requests"),
    431: ("请求头过大", "Headers too large"),
    500: ("系统错误", "Server error"),
    503: ("暂不可用", "Not available"),
}


def title(status: int, language: Language) -> str:
    """A short heading for a status."""
    return language.choose(*_TITLES.get(status, _TITLES[400 if status < 500 else 500]))


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
        members["errors"] = [{"field": one.field, "reason": one.message(language)} for one in error.errors]
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
    """The JSON body of the refusal (RFC 9457), in that language."""
    return msgspec.json.encode(problem(error, language))


def refusal_of(error: Exception, path: str, *, only_looks: bool = False) -> HuiyinError:
    """What is said of an error: a refusal as it is; of what nobody foresaw the log knows more than the caller.

    `only_looks`: whoever asked wanted nothing done.
    """
    if isinstance(error, HuiyinError):
        return error
    meaning = error_kind(error)
    if meaning is ErrorKind.TRANSIENT:
        log.warning("request.dependency-away", route=path, error=type(error).__name__)
        return NotShown("postgres") if only_looks else Unavailable("postgres")
    if _is_bad_text(error):
        return BadInput(
            [FieldError("body", "含有无法保存的字符。", "Holds characters that cannot be stored.")]
        )
    log.error("request.failed", route=path, error=type(error).__name__, where=where(error))
    return HuiyinError()


def _is_bad_text(error: Exception) -> bool:
    """NUL, or half of a surrogate pair: valid JSON that Postgres cannot hold."""
    # asyncpg wraps what it cannot encode.
    causes = (error, error.__cause__)
    return getattr(error, "sqlstate", None) == "22021" or any(
        isinstance(cause, UnicodeEncodeError) for cause in causes
    )


class Unrouted(HuiyinError):
    """No such address, or not with this method."""

    code = "no-such-route"
    zh = "没有这个地址，或不支持这种请求方法。"
    en = "There is nothing at this address, or not for this method."

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status  # type: ignore[misc]  # as Starlette found it


class NoHttp(Refused):
    """What came is no HTTP, or breaks off as none may."""

    code = "no-http"
    zh = "无法读取请求，请返回上一页再试一次。"
    en = "The request cannot be read; go back and try once more."


class HeadersTooLarge(Refused):
    """The address and the headers have no end, or hold more than any browser sends: mostly cookies of other sites."""

    status = 431
    code = "headers-too-large"
    zh = "浏览器随请求发来的信息过多。请在浏览器设置里清除本网站的 Cookie，再打开一次；地址过长时请改短。"
    en = (
        "Your browser sent too much along. Clear this site's cookies in its settings, and open the page once more; shorten "
        "an address that is very long."
    )


class TooSlow(Refused):
    """The body did not come in time."""

    status = 408
    code = "too-slow"
    zh = "内容没有及时传完，尚未提交。请检查网络，返回上一页再提交一次。"
    en = "It did not arrive in time, and nothing was submitted. Check the connection, go back and send it once more."


def _plain(fact: object) -> bool:
    return isinstance(fact, (str, int, float, bool, list, tuple))
