"""A case that the department had and has no more: its page says so in words, and leads on."""

from collections.abc import Awaitable, Callable

from schemas.errors import MovedOn
from schemas.http import Call, Page

#: RFC 9110 §15.5.11: it was here, and is not any more. Systems are answered 404, as for any case of another department.
_GONE = 410


async def unless_moved(call: Call, *, answer: Callable[[Call], Awaitable[Page]]) -> Page:
    """What `answer` says; or that a dispatcher has given the case to others."""
    try:
        return await answer(call)
    except MovedOn as refusal:
        told = {"message": refusal.message(call.language)}
        return Page(template="handlers/desk_moved.html", context=told, status=_GONE)
