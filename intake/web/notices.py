"""The address in each letter by which its reader gets no more of them: a page for people, one POST for mail programs."""

from functools import partial

import msgspec

from intake.steps.notices import stop_notices
from intake.web.dependencies import Dependencies
from schemas.http import ANYONE, Call, Limit, Page, Redirect, Route

#: Of the last part of the address (project choice: ours have 38 characters).
_LONGEST = 200


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """No further notices of that case."""

    stopped: bool = True


async def ask(call: Call) -> Page:
    """The page that asks once more: a program that only follows links must stop nothing (RFC 8058 §3.2)."""
    token = str(call.path["token"])[:_LONGEST]
    return Page(template="intake/unsubscribe.html", context={"token": token, "done": False})


async def stop(call: Call, *, dependencies: Dependencies) -> Page:
    """Stop the notices of the case that the token in the address belongs to, and say so."""
    await stop_notices(call.unit, dependencies.keys, str(call.path["token"])[:_LONGEST])
    return Page(template="intake/unsubscribe.html", context={"token": "", "done": True, "way_back": "/"})


async def back_to_question(call: Call) -> Redirect:
    """The address of what was done, opened anew: it is asked again."""
    return Redirect(to=f"/unsubscribe/{call.path['token']}")


async def stop_by_program(call: Call, *, dependencies: Dependencies) -> Stopped:
    """The same for a mail program's one click (RFC 8058)."""
    await stop_notices(call.unit, dependencies.keys, str(call.path["token"])[:_LONGEST])
    return Stopped()


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The page, its button, and the one click."""
    path = "/unsubscribe/{token}"
    return (
        Route(method="GET", path=path, answer=ask, who=ANYONE, summary="Stop notices?", page=True, limit=Limit.FORMS,
              database=False),
        Route(method="POST", path=f"{path}/done", answer=partial(stop, dependencies=dependencies), who=ANYONE,
              summary="Stop notices", page=True, limit=Limit.FOLLOWING),
        Route(method="GET", path=f"{path}/done", answer=back_to_question, who=ANYONE, summary="Stop notices?", page=True,
              limit=Limit.FORMS, database=False),
        Route(method="POST", path=path, answer=partial(stop_by_program, dependencies=dependencies), who=ANYONE,
              summary="Stop the notices of a case, as mail programs do (RFC 8058).", returns=Stopped,
              limit=Limit.FOLLOWING),
    )  # fmt: skip
