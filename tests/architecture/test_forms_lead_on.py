"""A form that changes something leads on, or is known again: a choice of language sends it once more (decision 10)."""

from collections.abc import Mapping
from functools import partial
from typing import Any, get_args, get_type_hints

from deploy.docgen.reference import every_route
from schemas.http import Redirect, Route

#: Forms that no redirect answers, and why sending one again does nothing twice.
_ANSWERED_BY_A_PAGE: Mapping[str, str] = {
    "/submit/done": "the form's own key is the message's",
    "/published/{tracking_code}/me-too": "the form's own key is the message's",
    "/submit/suggestions": "looks, and is a part of a page: no choice of language stands on it",
    "/submit/not-solved": "is a part of a page: no choice of language stands on it",
    "/follow": "looks",
    "/follow/{action}": "its page sends the codes on to /follow, and one that was refused has done nothing",
    "/unsubscribe/{token}/done": "who gets no more letters gets no more",
    "/desk/{case_id}/contact": "looks: each look is kept",
    "/desk/sign-many": "what was done a moment ago is not done again, and says so",
    "/review/in-hand": "what was done a moment ago is not done again, and says so",
    "/watch/notices/renew": "renewed as often as its page said it is not renewed again, and the same secret is shown",
    "/watch/many": "what was done a moment ago is not done again, and says so",
}


def _leads_on(route: Route) -> bool:
    answer: Any = route.answer
    while isinstance(answer, partial):
        answer = answer.func
    returned = get_type_hints(answer)["return"]
    return Redirect in (returned, *get_args(returned))


def test_a_form_leads_on_or_is_known_again() -> None:
    """Whatever else is answered by a page stands here with its reason."""
    answered = {
        route.path
        for route in every_route()
        if route.page and route.method == "POST" and not _leads_on(route)
    }

    assert set(_ANSWERED_BY_A_PAGE) == answered
