"""The citizen's API: submit, follow, rate, object, add, withdraw."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from intake.core.calls.transcript import TranscriptBody
from intake.core.codes import Sender
from intake.core.draft import SubmissionBody, check, checked_ids, checked_words, saying
from intake.core.following.view import View
from intake.core.mini_app_signature import verify
from intake.core.secrecy.fields import asks_beside
from intake.steps import act_on_case
from intake.steps.accept import Receipt, accept_submission
from intake.steps.accept_call import CallReceipt, accept_call
from intake.steps.act_on_case import Addition
from intake.steps.additions import additions_to
from intake.web import (
    attachments,
    knowledge,
    offers,
    open311,
    outcomes,
    promises,
    published,
    suggestions,
    unanswered,
)
from intake.web.bodies import (
    REASON_LIMIT,
    SUPPLEMENT_LIMIT,
    AnswerBody,
    CallBackBody,
    FollowedQuery,
    MiniAppBody,
    ObjectionBody,
    PicturesBody,
    PublicationBody,
    RatingBody,
    SupplementBody,
    WithdrawalBody,
)
from intake.web.codes import guess_of, opened
from intake.web.danger_lines import lines_of_case, tell_whom_to_call
from intake.web.dependencies import Dependencies, source_of, web_sender
from intake.web.views import CaseAnswer, case_view
from schemas.errors import HuiyinError, SignatureRefused
from schemas.http import ANYONE, RETRY_IS_SAFE, Answer, Call, Limit, Route
from schemas.words import Channel, Role

_Answer = Callable[..., Awaitable[Any]]


async def submit(call: Call, *, dependencies: Dependencies) -> Receipt:
    """Take a message from the web: durable on Kafka before it is answered."""
    try:
        envelope = dependencies.envelope(
            web_sender(call.principal, call.body.channel),
            call.idempotency_key,
            call.language,
        )
        return await accept_submission(dependencies.reception, saying(check(_protected(call))), envelope)
    except HuiyinError as refusal:
        await tell_whom_to_call(call, refusal, dependencies)
        raise


async def submit_transcript(call: Call, *, dependencies: Dependencies) -> CallReceipt:
    """Take the transcript of a hotline call: durable before it is answered, on Kafka; a silent one in Postgres."""
    sender = Sender(channel=Channel.HOTLINE, source=source_of(call.principal))
    envelope = dependencies.envelope(sender, call.idempotency_key, call.language)
    return await accept_call(
        dependencies.reception, dependencies.silent_calls, _protected(call), envelope, zone=dependencies.zone
    )


def _protected(call: Call) -> Any:
    """The body; confidential where a field that is none of ours asks for that."""
    return msgspec.structs.replace(call.body, confidential=True) if asks_beside(call.raw_body) else call.body


async def submit_from_mini_app(call: Call, *, dependencies: Dependencies) -> Receipt:
    """Take a signed message from a mini-app; a replay is refused, also where Postgres must say so and is away.

    No transaction is open while Kafka confirms: a Kafka that hangs must not take every connection with it.
    """
    now = dependencies.clock()
    signed = verify(call.headers, call.raw_body, secrets=dependencies.mini_apps, now=now)
    if not await dependencies.nonces.use(signed.app, signed.nonce, now):
        raise SignatureRefused
    try:
        return await _accept_from_mini_app(call, signed.app, dependencies=dependencies)
    except HuiyinError as refusal:
        await dependencies.nonces.forget(signed.app, signed.nonce)
        await tell_whom_to_call(call, refusal, dependencies)
        raise


async def _accept_from_mini_app(call: Call, app: str, *, dependencies: Dependencies) -> Receipt:
    body: MiniAppBody = _protected(call)
    draft = saying(check(body, coordinates="gcj02"))
    draft = msgspec.structs.replace(draft, sender_id=body.open_id, push_token=body.push_token)
    sender = Sender(channel=Channel.MINIAPP, source=app)
    envelope = dependencies.envelope(sender, call.idempotency_key, call.language)
    return await accept_submission(dependencies.reception, draft, envelope)


async def follow(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """The case that the codes open, as it stands now."""
    asked: FollowedQuery = call.query
    case = await opened(call, dependencies=dependencies)
    return await view_of(call, case, dependencies, before=asked.supplements_before)


async def rate(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Keep the citizen's rating; the case as it is afterwards."""
    body: RatingBody = call.body
    case = await opened(call, dependencies=dependencies)
    await act_on_case.rate(call.unit, dependencies.keys, case, score=body.score, comment=body.comment or "")
    return await _again(call, dependencies=dependencies)


async def answer_call_back(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Keep what the citizen says of whether it is settled; the case as it is afterwards."""
    body: CallBackBody = call.body
    case = await opened(call, dependencies=dependencies)
    await act_on_case.answer_call_back(
        call.unit, dependencies.keys, case, contacted=body.contacted, solved=body.solved,
        satisfied=body.satisfied, comment=body.comment or "",
    )  # fmt: skip
    return await _again(call, dependencies=dependencies)


async def object_to_outcome(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Keep the citizen's objection, which reopens the case; the case as it is afterwards."""
    body: ObjectionBody = call.body
    case = await opened(call, dependencies=dependencies)
    reason = checked_words("reason", body.reason, REASON_LIMIT)
    await act_on_case.object_to_outcome(call.unit, dependencies.keys, case, reason=reason)
    return await _again(call, dependencies=dependencies)


async def supplement(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Add what the citizen wrote to the case; the case as it is afterwards."""
    body: SupplementBody = call.body
    case = await opened(call, dependencies=dependencies)
    await act_on_case.supplement(call.unit, dependencies.keys, case, _added(body), dependencies.cabinet)
    return await _again(call, dependencies=dependencies)


async def answer(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Give the department the citizen's answer to its question; the case as it is afterwards."""
    body: AnswerBody = call.body
    case = await opened(call, dependencies=dependencies)
    await act_on_case.answer(call.unit, dependencies.keys, case, _added(body), dependencies.cabinet)
    return await _again(call, dependencies=dependencies)


def _added(body: SupplementBody | AnswerBody) -> Addition:
    text = checked_words("text", body.text, SUPPLEMENT_LIMIT)
    return Addition(
        text=text,
        files=checked_ids(body.attachments or ()),
        publish=checked_ids(body.publish_attachments or ()),
    )


async def withdraw(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Keep that the citizen asks to withdraw; the case as it is afterwards."""
    body: WithdrawalBody = call.body
    case = await opened(call, dependencies=dependencies)
    reason = checked_words("reason", body.reason, REASON_LIMIT) if body.reason else ""
    await act_on_case.withdraw(call.unit, dependencies.keys, case, reason=reason)
    return await _again(call, dependencies=dependencies)


async def allow_publication(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Publish the answer, or take it out of public sight; the case as it is afterwards."""
    body: PublicationBody = call.body
    case = await opened(call, dependencies=dependencies)
    await act_on_case.allow_publication(call.unit, case, is_allowed=body.publish)
    return await _again(call, dependencies=dependencies)


async def allow_pictures(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    """Say which of one's own pictures everybody may see; the case as it is afterwards."""
    body: PicturesBody = call.body
    case = await opened(call, dependencies=dependencies)
    await act_on_case.allow_pictures(call.unit, case, ids=checked_ids(body.pictures))
    return await _again(call, dependencies=dependencies)


async def _again(call: Call, *, dependencies: Dependencies) -> CaseAnswer:
    return await view_of(call, await opened(call, dependencies=dependencies), dependencies)


async def view_of(
    call: Call, case: View, dependencies: Dependencies, *, before: str | None = None
) -> CaseAnswer:
    """The case as its citizen is shown it now, with its files, and how often staff opened it.

    `before`: the cursor before which additions are shown; otherwise the latest are.

    Raises:
        BadInput: not a cursor of ours.
    """
    views = await dependencies.view_count(call.unit_or_none, case)
    files = await dependencies.files_of(call, case)
    added = await additions_to(call.unit_or_none, case, before=before)
    return case_view(
        case,
        call.language,
        now=dependencies.clock(),
        city=dependencies.city,
        zone=dependencies.zone,
        views=views,
        files=files,
        added=added,
        lines=await lines_of_case(case, added, dependencies, call.language),
    )


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """Every route of the API, one line each."""
    return (
        *_submission_routes(dependencies),
        *attachments.routes(dependencies),
        *_case_routes(dependencies),
        *published.routes(dependencies),
        *suggestions.routes(dependencies),
        *outcomes.routes(dependencies),
        *promises.routes(dependencies),
        *knowledge.routes(dependencies),
        *unanswered.routes(),
        *offers.routes(dependencies),
        *open311.routes(dependencies),
    )


def _submission_routes(dependencies: Dependencies) -> tuple[Route, ...]:
    return (
        _open(
            "POST",
            "/api/v1/submissions",
            partial(submit, dependencies=dependencies),
            f"Submit a message. {RETRY_IS_SAFE}",
            body=SubmissionBody,
            returns=Receipt,
            status=202,
            database=False,
            limit=Limit.SUBMISSIONS,
        ),
        Route(
            method="POST",
            path="/api/v1/hotline/transcripts",
            answer=partial(submit_transcript, dependencies=dependencies),
            who=frozenset({Role.HOTLINE}),
            summary="Submit the transcript of a hotline call.",
            body=TranscriptBody,
            returns=CallReceipt,
            status=202,
            database=False,
            max_body_bytes=2 * 1024 * 1024,
        ),
        _open(
            "POST",
            "/api/v1/mini-app/submissions",
            partial(submit_from_mini_app, dependencies=dependencies),
            "Submit a message from a mini-app, signed (`X-App`, `X-Timestamp`, `X-Nonce`, `X-Signature`; "
            "with `Idempotency-Key` too where it is sent).",
            body=MiniAppBody,
            returns=Receipt,
            status=202,
            database=False,
            limit=Limit.SUBMISSIONS,
        ),
    )


def _case_routes(dependencies: Dependencies) -> tuple[Route, ...]:
    path = "/api/v1/submissions/{tracking_code}"
    guess = partial(guess_of, dependencies=dependencies)

    def action(name: str, answer: _Answer, body: type[msgspec.Struct], summary: str) -> Route:
        return _open(
            "POST",
            f"{path}/{name}",
            _told(answer, dependencies=dependencies),
            summary,
            body=body,
            returns=CaseAnswer,
            limit=Limit.FOLLOWING,
            guess=guess,
        )

    return (
        _open(
            "GET",
            path,
            partial(follow, dependencies=dependencies),
            "Follow a case, with its code in `Access-Code`.",
            query=FollowedQuery,
            returns=CaseAnswer,
            lookup=True,
            limit=Limit.FOLLOWING,
            guess=guess,
            without_database=True,
        ),
        action("rating", rate, RatingBody, "Rate the answer, once."),
        action(
            "call-back", answer_call_back, CallBackBody, "Say whether it is settled, where that is asked."
        ),
        action("objection", object_to_outcome, ObjectionBody, "Say that it is not settled, once."),
        action("supplement", supplement, SupplementBody, "Add something to the case."),
        action(
            "publication", allow_publication, PublicationBody, "Say whether everybody may read the answer."
        ),
        action("pictures", allow_pictures, PicturesBody, "Say which of one's pictures everybody may see."),
        action("answer", answer, AnswerBody, "Answer what the department asks."),
        action("withdrawal", withdraw, WithdrawalBody, "Ask to withdraw the case."),
    )


def _told(answer: _Answer, *, dependencies: Dependencies) -> _Answer:
    """The answer; where it is a refusal, with whom to call about danger."""

    async def told(call: Call) -> CaseAnswer:
        try:
            answered: CaseAnswer = await answer(call, dependencies=dependencies)
        except HuiyinError as refusal:
            await tell_whom_to_call(call, refusal, dependencies)
            raise
        return answered

    return told


def _open(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=ANYONE, summary=summary, **more)
