"""What a choice of language finds behind the page that says what came of many cases."""

from deploy.docgen.reference import every_route
from schemas.http import Call, Principal, Redirect
from schemas.words import Language, Role
from sla.web.views import WatchQuery


async def test_the_address_of_what_was_done_leads_back_to_the_list() -> None:
    """With what it was filtered by: the page itself is the answer to a form, and can be fetched by nobody."""
    route = next(each for each in every_route() if (each.method, each.path) == ("GET", "/watch/many"))
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="lin"),
        language=Language.ZH,
        path={},
        headers={},
        address="127.0.0.1",
        query=WatchQuery(department="urban-management"),
    )

    answer = await route.answer(call)

    assert Redirect(to="/watch?department=urban-management") == answer
