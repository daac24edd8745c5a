"""A case that the department had and has no more: its pages say so in words, and lead on."""

from handlers.steps.read_cases import why_absent
from schemas.errors import MovedOn, NotFound
from schemas.http import Answer, Call, Page, Redirect

#: RFC 9110 §15.5.11: it was here, and is not any more. Systems are answered 404, as for any case of another department.
_GONE = 410


async def unless_moved(call: Call, *, answer: Answer) -> Page | Redirect:
    """What `answer` says; or that the case was given to others, or taken back.

    Raises:
        NotFound: the department never had it, or has it.
        MovedOn: a form was sent: what somebody wrote stands on the page of the refusal.
    """
    try:
        answered: Page | Redirect = await answer(call)
    except NotFound:
        refusal = await why_absent(call.unit, call.principal.own_department, call.case_id)
        if not isinstance(refusal, MovedOn):
            raise
        if call.form:
            raise refusal from None
        told = {"message": refusal.message(call.language)}
        return Page(template="handlers/desk_moved.html", context=told, status=_GONE)
    return answered
