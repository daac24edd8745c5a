"""Whom to call, said with whatever refuses a citizen's words before anybody read them: they may tell of danger."""

from typing import TypeVar

from intake.core.danger import EmergencyLine, call_first, lines_to_call
from schemas.bilingual import Bilingual
from schemas.errors import HuiyinError, TypeRefused
from schemas.http import Limit, Route
from schemas.words import Language

#: What a route counts against by which citizens write to us.
_DOORS = frozenset({Limit.SUBMISSIONS, Limit.FOLLOWING, Limit.UPLOADS})
#: Of what was refused unread (RFC 9110 §15.5, RFC 6585 §4), or was read and could not be kept. What is wrong with words
#: that were read says it by itself, where they tell of danger (decision 66).
_UNREAD = frozenset({400, 403, 408, 413, 415, 429, 500, 503})
E = TypeVar("E", bound=HuiyinError)
_CALL = Bilingual(
    zh=call_first(lines_to_call(EmergencyLine, Language.ZH), Language.ZH),
    en=call_first(lines_to_call(EmergencyLine, Language.EN), Language.EN),
)


def with_whom_to_call(error: E, route: Route) -> E:
    """The refusal; at the doors by which citizens write it ends with whom to call."""
    is_file = isinstance(error, TypeRefused)
    if route.method == "POST" and route.limit in _DOORS and error.status in _UNREAD and not is_file:
        error.also = None if "call_now" in error.facts else _CALL
    return error
