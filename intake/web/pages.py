"""The citizen's pages: what this is, submit, follow, read what was answered to others.

The access code is never part of an address: a case is shown as the answer to a form, and each form on it carries the
codes along.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec

from intake.core.codes import Sender, parse_tracking_code
from intake.core.draft import TEXT_LIMIT, TITLE_LIMIT, checked_words
from intake.core.view import View
from intake.steps import act_on_case
from intake.steps.accept import accept_submission
from intake.steps.act_on_case import Credentials, open_case
from intake.steps.search import Search, search_published
from intake.store.published import find_published
from intake.web.bodies import COMMENT_LIMIT, REASON_LIMIT, SUPPLEMENT_LIMIT
from intake.web.dependencies import Dependencies
from intake.web.forms import Problem, draft_of, key_of, problems_of
from schemas.errors import (
    ActionNotAllowed,
    BadInput,
    CodeMistyped,
    FieldError,
    NotFound,
    Refused,
    Unavailable,
)
from schemas.http import ANYONE, Answer, Call, Page, Redirect, Route
from schemas.words import Channel, Kind

_LATEST = 5
_WRONG_CODES = (
    "查询号或查询码不对，请核对后再试。",
    "The tracking code or the access code is wrong; please check both.",
)
_PAGE = 20


class FollowQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The tracking code, where a link brought it along."""

    code: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The search form, as typed."""

    q: str = ""
    category: str | None = None
    department: str | None = None
    region: str | None = None
    from_day: str | None = msgspec.field(name="from", default=None)
    to_day: str | None = msgspec.field(name="to", default=None)
    cursor: str | None = None


async def show_home(dependencies: Dependencies, call: Call) -> Page:
    """What this is, what one can do, what was answered lately."""
    found = await search_published(call.unit, Search(limit=_LATEST), dependencies.shown.zone)
    latest = [dependencies.shown.published(row, call.language) for row in found.rows]
    return Page(template="intake/home.html", context={"latest": latest})


async def show_form(dependencies: Dependencies, call: Call) -> Page:
    """The empty form."""
    return _form_page({}, [])


def _form_page(form: Mapping[str, str], problems: Sequence[Problem], *, status: int = 200) -> Page:
    context = {
        "form": form,
        "resend": form,
        "problems": problems,
        "kinds": list(Kind),
        "nonce": form.get("nonce") or secrets.token_urlsafe(18),
        "title_limit": TITLE_LIMIT,
        "text_limit": TEXT_LIMIT,
    }
    return Page(template="intake/submit.html", context=context, status=status)


async def submit(dependencies: Dependencies, call: Call) -> Page:
    """Accept the form; whatever is refused comes back with everything that was typed."""
    envelope = dependencies.envelope(Sender(channel=Channel.WEB), key_of(call.form), call.language)
    try:
        receipt = await accept_submission(dependencies.reception, draft_of(call.form), envelope)
    except (Refused, Unavailable) as error:
        return _form_page(call.form, problems_of(error, call.language, field="title"), status=error.status)
    return Page(template="intake/submitted.html", context={"receipt": receipt, "resend": call.form})


async def back_to_form(dependencies: Dependencies, call: Call) -> Redirect:
    """The codes are shown once, as the answer to the form; a visit later leads to a new form."""
    return Redirect(to="/submit")


async def show_follow(dependencies: Dependencies, call: Call) -> Page:
    """The form for the two codes."""
    return _follow_page({"tracking_code": call.query.code or ""}, [])


def _follow_page(form: Mapping[str, str], problems: Sequence[Problem], *, status: int = 200) -> Page:
    context = {"form": form, "problems": problems, "way_back": "/follow"}
    return Page(template="intake/follow.html", context=context, status=status)


async def follow(dependencies: Dependencies, call: Call) -> Page:
    """The case that the two codes open."""
    try:
        return _case_page(dependencies, call, await _opened(dependencies, call))
    except NotFound as error:
        return _not_opened(call, error)


def _not_opened(call: Call, error: NotFound) -> Page:
    """The two codes again; whether the case exists is not said."""
    wrong = BadInput([FieldError("tracking_code", *_WRONG_CODES)])
    refusal = error if isinstance(error, CodeMistyped) else wrong
    problems = problems_of(refusal, call.language, field="tracking_code")
    return _follow_page(call.form, problems, status=error.status)


async def act(dependencies: Dependencies, call: Call) -> Page:
    """One of the citizen's actions, and the case after it."""
    action = _ACTIONS.get(call.path["action"])
    if action is None:
        raise NotFound
    try:
        case = await _opened(dependencies, call)
    except NotFound as error:
        return _not_opened(call, error)
    try:
        await action(dependencies, call, case)
    except (BadInput, ActionNotAllowed) as error:
        problems = problems_of(error, call.language, field="case")
        return _case_page(dependencies, call, case, problems=problems, status=error.status)
    return _case_page(dependencies, call, await _opened(dependencies, call), done=call.path["action"])


async def _rate(dependencies: Dependencies, call: Call, case: View) -> None:
    score = call.form.get("score", "")
    if score not in ("1", "2", "3", "4", "5"):
        raise BadInput([FieldError("score-5", "请选择一项评价。", "Choose a rating.")])
    comment = call.form.get("comment", "")
    if len(comment) > COMMENT_LIMIT:
        raise BadInput([_too_long("comment", COMMENT_LIMIT)])
    await act_on_case.rate(call.unit, case, score=int(score), comment=comment)


async def _object(dependencies: Dependencies, call: Call, case: View) -> None:
    reason = checked_words("objection", call.form.get("objection", ""), REASON_LIMIT)
    await act_on_case.object_to_outcome(call.unit, dependencies.keys, case, reason=reason)


async def _supplement(dependencies: Dependencies, call: Call, case: View) -> None:
    text = checked_words("supplement", call.form.get("supplement", ""), SUPPLEMENT_LIMIT)
    await act_on_case.supplement(call.unit, dependencies.keys, case, text=text)


async def _withdraw(dependencies: Dependencies, call: Call, case: View) -> None:
    reason = call.form.get("withdrawal", "").strip()
    if reason:
        reason = checked_words("withdrawal", reason, REASON_LIMIT)
    await act_on_case.withdraw(call.unit, dependencies.keys, case, reason=reason)


_ACTIONS: Mapping[str, Callable[[Dependencies, Call, View], Awaitable[None]]] = {
    "rating": _rate,
    "objection": _object,
    "supplement": _supplement,
    "withdrawal": _withdraw,
}


def _too_long(field: str, limit: int) -> FieldError:
    return FieldError(field, f"最多 {limit} 个字符。", f"At most {limit} characters.")


async def _opened(dependencies: Dependencies, call: Call) -> View:
    credentials = Credentials(
        tracking_code=call.form.get("tracking_code", ""), access_code=call.form.get("access_code", "")
    )
    return await open_case(
        call.unit_or_none, dependencies.keys, credentials, received_at=dependencies.received_at
    )


def _case_page(
    dependencies: Dependencies,
    call: Call,
    case: View,
    *,
    problems: Sequence[Problem] = (),
    done: str = "",
    status: int = 200,
) -> Page:
    codes = {"tracking_code": case.tracking_code, "access_code": call.form.get("access_code", "")}
    # What was done is not done again for another language; what was refused comes with what was typed.
    resend = {"resend": call.form} if problems else {"resend": codes, "resend_to": "/follow"}
    context = {
        **resend,
        "case": dependencies.shown.case(case, call.language),
        "access_code": codes["access_code"],
        "form": {} if done else call.form,
        "problems": problems,
        "done": done,
    }
    return Page(template="intake/case.html", context=context, status=status)


async def show_published(dependencies: Dependencies, call: Call) -> Page:
    """Search published answers."""
    asked: SearchQuery = call.query
    search = Search(
        words=asked.q[:50],
        category=asked.category,
        department=asked.department,
        region=asked.region,
        from_day=asked.from_day,
        to_day=asked.to_day,
        cursor=asked.cursor,
        limit=_PAGE,
    )
    problems: Sequence[Problem] = []
    found = None
    try:
        found = await search_published(call.unit, search, dependencies.shown.zone)
    except BadInput as error:
        problems = problems_of(error, call.language)
    items = [dependencies.shown.published(row, call.language) for row in found.rows] if found else []
    context = {"asked": asked, "found": found, "items": items, "problems": problems}
    return Page(template="intake/published.html", context=context, status=422 if problems else 200)


async def show_answer(dependencies: Dependencies, call: Call) -> Page:
    """One published answer."""
    code = parse_tracking_code(dependencies.keys.code_secret, call.path["tracking_code"])
    row = await find_published(call.unit.db, code)
    if row is None:
        raise NotFound
    return Page(
        template="intake/answer.html", context={"item": dependencies.shown.published(row, call.language)}
    )


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The table of the pages."""
    return (
        _page("GET", "/", partial(show_home, dependencies), "Home"),
        _page("GET", "/submit", partial(show_form, dependencies), "Submit", database=False),
        _page(
            "POST", "/submit/done", partial(submit, dependencies), "Submitted", database=False, limited=True
        ),
        _page("GET", "/submit/done", partial(back_to_form, dependencies), "Submit", database=False),
        _page(
            "GET", "/follow", partial(show_follow, dependencies), "Follow", database=False, query=FollowQuery
        ),
        _page(
            "POST", "/follow", partial(follow, dependencies), "Follow", guessable=True, without_database=True
        ),
        _page("POST", "/follow/{action}", partial(act, dependencies), "Act on the case", guessable=True),
        _page(
            "GET", "/published", partial(show_published, dependencies), "Published answers", query=SearchQuery
        ),
        _page("GET", "/published/{tracking_code}", partial(show_answer, dependencies), "Published answer"),
    )


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=ANYONE, summary=summary, page=True, **more)
