"""Me too (我也遇到): the form behind a public matter, and for dispatchers how many people say so of which."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from intake.core.me_too import Recurrence
from intake.core.same_again import nonce_at
from intake.steps.accept import accept_once
from intake.steps.me_too import list_recurring, read_matter
from intake.web.danger_lines import shown_lines
from intake.web.dependencies import Dependencies
from intake.web.forms import draft_of, errors_of
from intake.web.sending import envelope_of
from schemas.errors import Refused, Unavailable
from schemas.forms import NO_ERRORS, FormErrors
from schemas.http import ANYONE, Call, Limit, Page, Route
from schemas.words import ContactPreference, Role

_PATH = "/published/{tracking_code}/me-too"
#: Those who decide what recurs, and those who watch over it.
_WHO = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Of a form that nobody acted upon (RFC 9110 §15.5.4).
_NOT_DONE = 403
#: What the form asks for; whatever else is sent along is none of it.
_FIELDS = ("text", "address", "name", "phone", "email", "preference", "nonce")


class RecurrenceList(msgspec.Struct, frozen=True, kw_only=True):
    """The public matters of which people say that they are theirs, too; most since the answer first, a hundred at most."""

    items: Sequence[Recurrence]


async def show_form(call: Call, *, dependencies: Dependencies) -> Page:
    """The form: nothing in it is required."""
    matter = await read_matter(call.unit, dependencies.keys, call.path["tracking_code"])
    title = matter.title_for_all(dependencies.keys)
    return await _form_page(call, dependencies, {"subject": title}, NO_ERRORS)


async def _form_page(
    call: Call,
    dependencies: Dependencies,
    form: Mapping[str, str],
    errors: FormErrors,
    *,
    status: int = 200,
    is_draft: bool = False,
) -> Page:
    context = {
        "form": form,
        "nonce": form.get("nonce") or nonce_at(dependencies.clock(), dependencies.entropy(18).hex()),
        "code": call.path["tracking_code"],
        "resend": form,
        "errors": errors,
        "is_draft": is_draft,
        "preferences": list(ContactPreference),
        **(await shown_lines(dependencies, call.language, form.get("text", ""))),
    }
    return Page(template="intake/me_too.html", context=context, status=status)


async def send(call: Call, *, dependencies: Dependencies) -> Page:
    """Accept the message under codes of its own; what is refused comes back with all that was typed."""
    if call.is_draft:
        return await _form_page(call, dependencies, call.form, NO_ERRORS, status=_NOT_DONE, is_draft=True)
    form = {name: call.form[name] for name in _FIELDS if call.form.get(name)}
    form["same_as"] = call.path["tracking_code"]
    try:
        draft = draft_of(form)
        envelope = await envelope_of(call, form, draft, dependencies)
        receipt, is_again = await accept_once(dependencies.reception, draft, envelope)
    except (Refused, Unavailable) as error:
        errors = errors_of(error, call.language, otherwise="text")
        return await _form_page(call, dependencies, call.form, errors, status=error.status)
    told = await shown_lines(dependencies, call.language, form.get("text", ""))
    more = {"resend": call.form, **told}
    return Page(
        template="intake/submitted.html",
        context={"receipt": receipt, "is_again": is_again, "is_me_too": True, **more},
    )


async def show_recurring(call: Call) -> RecurrenceList:
    """What people say is theirs, too."""
    return RecurrenceList(items=await list_recurring(call.unit))


async def recurring_page(call: Call) -> Page:
    """The page that lists what people say is theirs, too."""
    return Page(template="intake/recurring.html", context={"rows": await list_recurring(call.unit)})


def routes() -> tuple[Route, ...]:
    """The list for programs; whoever sends a message names the matter in it (`same_as`)."""
    return (
        Route(method="GET", path="/api/v1/review/me-too", answer=show_recurring, who=_WHO,
              summary="Public matters that others say are theirs, too.", returns=RecurrenceList),
    )  # fmt: skip


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """The form for everybody, and the list for dispatchers."""
    bound: Any = {"dependencies": dependencies}
    return (
        Route(method="GET", path=_PATH, answer=partial(show_form, **bound), who=ANYONE,
              summary="Me too", page=True, limit=Limit.READING),
        Route(method="POST", path=_PATH, answer=partial(send, **bound), who=ANYONE, summary="Me too, sent",
              page=True, limit=Limit.SUBMISSIONS, database=False, takes_drafts=True, keeps_words=True),
        Route(method="GET", path="/review/me-too", answer=recurring_page, who=_WHO,
              summary="Said by others, too", page=True),
    )  # fmt: skip
