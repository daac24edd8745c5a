"""The two codes of a case, as a call shows them: on a page in its form, in the API by path and header or body."""

from intake.core.following.view import View
from intake.steps.act_on_case import Credentials, open_case, proven
from intake.web.dependencies import Dependencies
from schemas.errors import NotFound
from schemas.http import Call


def credentials_of(call: Call) -> Credentials:
    """What may be the codes of a case, as typed; empty where nothing is."""
    if call.form:
        return Credentials(
            tracking_code=call.form.get("tracking_code", ""), access_code=call.form.get("access_code", "")
        )
    in_body = getattr(call.body, "access_code", None)
    return Credentials(
        tracking_code=call.path.get("tracking_code", ""),
        access_code=call.headers.get("access-code") or in_body or "",
    )


async def opened(call: Call, *, dependencies: Dependencies) -> View:
    """The case that the call's codes open; see `open_case`."""
    return await open_case(
        call.unit_or_none, dependencies.keys, credentials_of(call), received_at=dependencies.received_at
    )


def are_right(call: Call, dependencies: Dependencies) -> bool:
    """Whether the codes belong to each other. The edge is told if they do: who has the right ones waits for nobody."""
    try:
        proven(dependencies.keys, credentials_of(call))
    except NotFound:
        return False
    call.no_guess()
    return True


async def tell_right_ones(call: Call, *, dependencies: Dependencies) -> None:
    """`Route.before` of what is opened by codes: right ones are told from guesses without Postgres."""
    are_right(call, dependencies)
