"""What became of suggestions, told by whoever showed them: a mini-app signs it, our own form sends it while it goes on."""

from functools import partial
from typing import Annotated, Literal

import msgspec

from intake.core.mini_app_signature import verify
from intake.core.public.offers import MOST_REPORTED, OfferOutcome
from intake.steps.offers import note_not_solved, take_report
from intake.web.dependencies import Dependencies
from schemas.http import ANYONE, Call, Limit, Page, Route

#: Characters of a code and of a number: longer is neither (project choice).
_ITEM, _PHONE = 64, 64


class OutcomeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What became of answers that a mini-app showed. `items`: tracking codes and entries' ids."""

    outcome: Literal["opened", "solved", "not_solved"]
    items: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=_ITEM)]],
        msgspec.Meta(min_length=1, max_length=MOST_REPORTED),
    ]
    #: Of `solved`: of it a keyed hash is kept for the figure of false comfort, and nothing else.
    phone: Annotated[str, msgspec.Meta(max_length=_PHONE)] | None = None


class OutcomeCounted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the items were counted: those that everybody may read now."""

    counted: list[str]


async def report_outcome(call: Call, *, dependencies: Dependencies) -> OutcomeCounted:
    """Count what a mini-app says; a replay is refused. The nonce is used in the transaction that counts."""
    body: OutcomeBody = call.body
    signed = verify(call.headers, call.raw_body, secrets=dependencies.mini_apps, now=dependencies.clock())
    what = OfferOutcome(body.outcome)
    counted = await take_report(
        call.unit, signed, what, body.items, body.phone or "", dependencies.keys, dependencies.zone
    )
    return OutcomeCounted(counted=list(counted))


async def go_on(call: Call, *, dependencies: Dependencies) -> Page:
    """What was offered did not settle it: counted, and nothing is shown; the form waits for nothing of it."""
    await note_not_solved(call.unit, call.form.get("item", "").split(","), dependencies.zone)
    return Page(template="intake/suggestions.html")


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """For mini-apps, which show suggestions on pages of their own."""
    return (
        Route(
            method="POST",
            path="/api/v1/mini-app/suggestions",
            answer=partial(report_outcome, dependencies=dependencies),
            who=ANYONE,
            summary="Say what became of suggestions that a mini-app showed, signed as its messages are.",
            body=OutcomeBody,
            returns=OutcomeCounted,
            limit=Limit.SUGGESTIONS,
        ),
    )


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """What the form on our own page sends while it goes on."""
    return (
        Route(
            method="POST",
            path="/submit/not-solved",
            answer=partial(go_on, dependencies=dependencies),
            who=ANYONE,
            summary="It is not settled",
            page=True,
            limit=Limit.FORMS,
        ),
    )
