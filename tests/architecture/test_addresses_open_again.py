"""The address that a citizen's form leads to stands in the address bar, is kept and passed on: it opens something again."""

from deploy.docgen.reference import every_route
from schemas.http import ANYONE

#: Parts of a page, which no address bar shows, and what always redirects.
_NEVER_SHOWN = {"/submit/suggestions", "/submit/not-solved", "/sign-out"}


def test_what_a_citizens_form_leads_to_can_be_opened_again() -> None:
    """A telephone that gives a page back after a while asks for it with GET, and so does whoever kept its address."""
    pages = [route for route in every_route() if route.page and route.who == ANYONE]
    sent_to = {route.path for route in pages if route.method == "POST"}

    assert sent_to - _NEVER_SHOWN <= {route.path for route in pages if route.method == "GET"}
