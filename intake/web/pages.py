"""The citizen's pages: what this is, submit, follow, read what was answered to others.

The access code is never part of an address: a case is shown as the answer to a form, and each form on it carries the
codes along.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec

from intake.core.draft import checked_words
from intake.core.following.received import was_received
from intake.core.following.view import View
from intake.core.public.published import Search
from intake.steps import act_on_case
from intake.steps.accept import accept_once
from intake.steps.act_on_case import Addition
from intake.steps.read_published import search_published
from intake.web import (
    again,
    knowledge,
    notices,
    offers,
    promises,
    published,
    suggestions,
    unanswered,
    uploads,
)
from intake.web.api import view_of
from intake.web.bodies import COMMENT_LIMIT, REASON_LIMIT, SUPPLEMENT_LIMIT
from intake.web.codes import guess_of, opened
from intake.web.danger_lines import shown_lines, typed_in
from intake.web.dependencies import Dependencies
from intake.web.forms import REPEATED, draft_of, errors_of, ids_in
from intake.web.published import MARKING, published_views
from intake.web.sending import envelope_of
from intake.web.suggestions import OfferedAnswer
from intake.web.views import CaseAnswer
from schemas.errors import (
    ActionNotAllowed,
    BadInput,
    CodeMistyped,
    FieldError,
    NotFound,
    Refused,
    Unavailable,
)
from schemas.forms import NO_ERRORS, FormErrors
from schemas.http import ANYONE, Call, Limit, Page, Redirect, Route
from schemas.words import CaseState, ContactPreference, Kind, Language

_Answer = Callable[..., Awaitable[Page | Redirect]]
#: Project choice: what fits beneath the home page's cards.
_LATEST = 5
#: Says no more than the two together are wrong: whether the case exists is nobody else's business.
_WRONG_CODES = (
    "查询号或查询码不对，请核对后再试。",
    "The tracking code or the access code is wrong; please check both.",
)
#: Ratings that ask whether it is to be done anew (project choice: 1 and 2 of 5, as 好差评 calls them bad).
_BAD_SCORES = ("1", "2")
#: Of a form that nobody acted upon (RFC 9110 §15.5.4).
_NOT_DONE = 403


class FollowQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The tracking code, where a link brought it along."""

    code: Annotated[str, msgspec.Meta(max_length=64)] | None = None


async def show_home(call: Call, *, dependencies: Dependencies) -> Page:
    """What this is, what one can do, what was answered lately."""
    found = await search_published(call.unit, Search(limit=_LATEST), dependencies.zone)
    latest = await published_views(call, found.cases, dependencies)
    return Page(template="intake/home.html", context={"latest": latest})


async def show_form(call: Call, *, dependencies: Dependencies) -> Page:
    """The empty form for a new message."""
    return await _form_page(dependencies, {}, NO_ERRORS, call.language)


async def _form_page(
    dependencies: Dependencies,
    form: Mapping[str, str],
    errors: FormErrors,
    language: Language,
    *,
    status: int = 200,
    is_draft: bool = False,
    offered: Sequence[OfferedAnswer] = (),
) -> Page:
    context = {
        **MARKING,
        "suggestions": offered,
        "is_scripted": False,
        "seen": ids_in(form, "seen"),
        "offer": await uploads.offered(dependencies, form),
        "is_draft": is_draft,
        "form": form,
        "resend": form,
        "errors": errors,
        "kinds": list(Kind),
        "preferences": list(ContactPreference),
        **(await shown_lines(dependencies, language, form.get("text", ""), title=form.get("title", ""))),
    }
    return Page(template="intake/submit.html", context=context, status=status)


async def submit(call: Call, *, dependencies: Dependencies) -> Page:
    """Accept the form; whatever is refused, or was made for a visitor who is no more, comes back with all that was typed."""
    form, refusal = await uploads.with_files(call, dependencies)
    if call.is_draft:
        errors = errors_of(refusal, call.language) if refusal else NO_ERRORS
        return await _form_page(dependencies, form, errors, call.language, status=_NOT_DONE, is_draft=True)
    try:
        draft = draft_of(form, refusal)
        if offered := await suggestions.before_sending(call, form, dependencies):
            return await _form_page(dependencies, form, NO_ERRORS, call.language, offered=offered)
        envelope = await envelope_of(call, form, draft, dependencies)
        receipt, is_again = await accept_once(dependencies.reception, draft, envelope)
    except (Refused, Unavailable) as error:
        errors = errors_of(error, call.language, otherwise="title")
        return await _form_page(dependencies, form, errors, call.language, status=error.status)
    told = await shown_lines(
        dependencies, call.language, draft.text, title=draft.title, known=receipt.call_now
    )
    context = {"receipt": receipt, "is_again": is_again, "resend": form, **told}
    return Page(template="intake/submitted.html", context=context)


async def back_to_form(_call: Call) -> Redirect:
    """The codes are shown once, as the answer to the form; a visit later leads to a new form."""
    return Redirect(to="/submit")


async def back_to_codes(_call: Call) -> Redirect:
    """The address of a case's page after something was done there, kept or opened anew: the codes are never part of it."""
    return Redirect(to="/follow")


async def show_follow(call: Call) -> Page:
    """The form that asks for the two codes, with the tracking code where a link brought it along."""
    return _follow_page({"tracking_code": call.query.code or ""}, NO_ERRORS)


def _follow_page(form: Mapping[str, str], errors: FormErrors, *, status: int = 200) -> Page:
    context = {"form": form, "errors": errors, "way_back": "/follow"}
    return Page(template="intake/follow.html", context=context, status=status)


async def follow(call: Call, *, dependencies: Dependencies) -> Page:
    """The page of the case that the two codes open; wrong codes come back to the form."""
    try:
        case = await opened(call, dependencies=dependencies)
    except NotFound as error:
        return _not_opened(call, error)
    return await _case_page(call, case, dependencies=dependencies)


def _not_opened(call: Call, error: NotFound) -> Page:
    """The two codes again; whether the case exists is not said."""
    wrong = BadInput([FieldError("tracking_code", *_WRONG_CODES)])
    refusal = error if isinstance(error, CodeMistyped) else wrong
    errors = errors_of(refusal, call.language, otherwise="tracking_code")
    return _follow_page(call.form, errors, status=error.status)


async def act(call: Call, *, dependencies: Dependencies) -> Page:
    """One of the citizen's actions, and the case after it."""
    action = _ACTIONS.get(call.path["action"])
    if action is None:
        raise NotFound
    try:
        case = await opened(call, dependencies=dependencies)
    except NotFound as error:
        return _not_opened(call, error)
    try:
        await action(call, case, dependencies=dependencies)
    except BadInput as error:
        return await _refused(call, case, error, dependencies=dependencies)
    except ActionNotAllowed as error:
        # What came before this one may have changed the case since it was opened.
        return await _refused(
            call, await opened(call, dependencies=dependencies), error, dependencies=dependencies
        )
    return await _case_page(
        call,
        await opened(call, dependencies=dependencies),
        dependencies=dependencies,
        done=call.path["action"],
    )


async def _refused(call: Call, case: View, error: Refused, *, dependencies: Dependencies) -> Page:
    """The case as it is, with the reason and whatever was typed: in its form, or above where there is none any more."""
    action = call.path["action"]
    is_repeated = isinstance(error, ActionNotAllowed) and was_received(case, action)
    if is_repeated and await again.is_same(call, case, dependencies.keys):
        return await _case_page(call, case, dependencies=dependencies, done=again.DONE)
    errors = errors_of(
        REPEATED if is_repeated else error, call.language, otherwise="case", files=f"{action}-files", text=action
    )  # fmt: skip
    return await _case_page(
        call, case, dependencies=dependencies, errors=errors, status=error.status, tried=action
    )


async def _rate(call: Call, case: View, *, dependencies: Dependencies) -> None:
    score = call.form.get("score", "")
    if score not in ("1", "2", "3", "4", "5"):
        raise BadInput([FieldError("score-5", "请选择一项评价。", "Choose a rating.")])
    comment = call.form.get("comment", "")
    if len(comment) > COMMENT_LIMIT:
        raise BadInput([_too_long("comment", COMMENT_LIMIT)])
    await act_on_case.rate(call.unit, dependencies.keys, case, score=int(score), comment=comment)


async def _answer_call_back(call: Call, case: View, *, dependencies: Dependencies) -> None:
    said = {name: call.form.get(name, "") for name in ("contacted", "solved", "satisfied")}
    known = {"contacted": ("yes", "no"), "solved": ("yes", "partly", "no"), "satisfied": ("yes", "no")}
    missing = [
        FieldError(f"{name}-yes", "请选择一项。", "Choose one.")
        for name, may in known.items()
        if said[name] not in may
    ]
    comment = call.form.get("said", "")
    if len(comment) > COMMENT_LIMIT:
        missing.append(_too_long("said", COMMENT_LIMIT))
    if missing:
        raise BadInput(missing)
    await act_on_case.answer_call_back(
        call.unit, dependencies.keys, case, contacted=said["contacted"] == "yes", solved=said["solved"],
        satisfied=said["satisfied"] == "yes", comment=comment,
    )  # fmt: skip


async def _object(call: Call, case: View, *, dependencies: Dependencies) -> None:
    reason = checked_words("objection", call.form.get("objection", ""), REASON_LIMIT)
    await act_on_case.object_to_outcome(call.unit, dependencies.keys, case, reason=reason)


async def _supplement(call: Call, case: View, *, dependencies: Dependencies) -> None:
    added = _added(call, "supplement")
    await act_on_case.supplement(call.unit, dependencies.keys, case, added, dependencies.cabinet)


async def _answer(call: Call, case: View, *, dependencies: Dependencies) -> None:
    added = _added(call, "answer")
    await act_on_case.answer(call.unit, dependencies.keys, case, added, dependencies.cabinet)


def _added(call: Call, field: str) -> Addition:
    if call.refusal is not None:
        raise call.refusal
    text = checked_words(field, call.form.get(field, ""), SUPPLEMENT_LIMIT)
    publish = uploads.named_in(call.form, "publish_files")
    return Addition(text=text, files=uploads.named_in(call.form), publish=publish)


async def _allow_pictures(call: Call, case: View, **_: Dependencies) -> None:
    ids = uploads.named_in(call.form, "publish_files")
    await act_on_case.allow_pictures(call.unit, case, ids=ids)


async def _allow_publication(call: Call, case: View, **_: Dependencies) -> None:
    said = call.form.get("publish", "")
    if said not in ("yes", "no"):
        raise BadInput(
            [FieldError("publish-yes", "请选择是否允许公开。", "Choose whether it may be published.")]
        )
    await act_on_case.allow_publication(call.unit, case, is_allowed=said == "yes")


async def _withdraw(call: Call, case: View, *, dependencies: Dependencies) -> None:
    reason = call.form.get("withdrawal", "").strip()
    if reason:
        reason = checked_words("withdrawal", reason, REASON_LIMIT)
    await act_on_case.withdraw(call.unit, dependencies.keys, case, reason=reason)


_ACTIONS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "rating": _rate,
    "call-back": _answer_call_back,
    "objection": _object,
    "supplement": _supplement,
    "answer": _answer,
    "publication": _allow_publication,
    "pictures": _allow_pictures,
    "withdrawal": _withdraw,
}


def _too_long(field: str, limit: int) -> FieldError:
    return FieldError(field, f"最多 {limit} 个字符。", f"At most {limit} characters.")


async def _case_page(
    call: Call,
    case: View,
    *,
    dependencies: Dependencies,
    errors: FormErrors = NO_ERRORS,
    done: str = "",
    tried: str = "",
    status: int = 200,
) -> Page:
    """`done`, `tried`: the action that was carried out, or was not."""
    before = call.form.get("added_before", "")
    codes = {"tracking_code": case.tracking_code, "access_code": call.form.get("access_code", "")}
    # What was done is not done again for another language; what was refused comes with what was typed.
    reopened = codes | ({"added_before": before} if before else {})
    resend = {"resend": call.form} if errors else {"resend": reopened, "resend_to": "/follow"}
    shown = await _shown(call, case, dependencies, before)
    is_offered = not tried or tried in shown.allowed_actions
    context = {
        **resend,
        "offer": await uploads.offered(dependencies, call.form if errors else {}, call.unit_or_none),
        "case": shown,
        "unsent": "" if is_offered else again.words_in(call.form, tried),
        "access_code": codes["access_code"],
        "form": _after(call, shown, done) if done else call.form,
        "errors": errors,
        "is_unknown": case.state is CaseState.RECEIVED and call.unit_or_none is not None,
        "done": done,
        **(await shown_lines(dependencies, call.language, *typed_in(call.form), known=shown.call_now)),
    }
    return Page(template="intake/case.html", context=context, status=status)


async def _shown(call: Call, case: View, dependencies: Dependencies, before: str) -> CaseAnswer:
    """The case with what was added before there; of a cursor that is not ours with the latest."""
    try:
        return await view_of(call, case, dependencies, before=before or None)
    except BadInput:
        return await view_of(call, case, dependencies)


def _after(call: Call, case: CaseAnswer, done: str) -> Mapping[str, str]:
    """What the next form holds already: who rated the answer bad, and may object, need not say it again."""
    is_bad = done == "rating" and call.form.get("score") in _BAD_SCORES
    return (
        {"objection": call.form.get("comment", "").strip()}
        if is_bad and "objection" in case.allowed_actions
        else {}
    )


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """Every page of this slice, one line each."""

    def alone(method: str, path: str, answer: _Answer, summary: str, **more: Any) -> Route:
        return Route(method=method, path=path, answer=answer, who=ANYONE, summary=summary, page=True, **more)

    def page(method: str, path: str, answer: _Answer, summary: str, **more: Any) -> Route:
        return alone(method, path, partial(answer, dependencies=dependencies), summary, **more)

    def by_codes(path: str, answer: _Answer, summary: str, **more: Any) -> Route:
        before = partial(uploads.keep_files, dependencies=dependencies)
        guess = partial(guess_of, dependencies=dependencies)
        return page("POST", path, answer, summary, limit=Limit.FOLLOWING, guess=guess, before=before, **more)

    return (
        page("GET", "/", show_home, "Home", limit=Limit.READING, keep_seconds=published.KEEP_SECONDS),
        *suggestions.pages(dependencies),
        page("GET", "/submit", show_form, "Submit", limit=Limit.FORMS, database=False),
        page(
            "POST",
            "/submit/done",
            submit,
            "Submitted",
            limit=Limit.SUBMISSIONS,
            database=False,
            takes_drafts=True,
            keeps_words=True,
            takes_files=uploads.most_bytes(dependencies),
        ),
        alone("GET", "/submit/done", back_to_form, "Submit", limit=Limit.FORMS, database=False),
        alone("GET", "/follow", show_follow, "Follow", limit=Limit.FORMS, database=False, query=FollowQuery),
        by_codes("/follow", follow, "Follow", without_database=True),
        by_codes(
            "/follow/{action}",
            act,
            "Act on the case",
            keeps_words=True,
            takes_files=uploads.most_bytes(dependencies),
        ),
        alone("GET", "/follow/{action}", back_to_codes, "Follow", limit=Limit.FORMS, database=False),
        *published.pages(dependencies),
        *promises.pages(dependencies),
        *notices.routes(dependencies),
        *knowledge.pages(dependencies),
        *unanswered.pages(),
        *offers.pages(dependencies),
    )
