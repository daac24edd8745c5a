"""Open311 GeoReport v2: the door for apps and systems that speak the standard, in XML and JSON.

What is posted is taken by the very step that takes our own API's messages; what is read is what everybody may read,
and with the access code one's own case. Decision 53 says what is ours beside the standard.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec

from intake.core.codes import parse_tracking_code
from intake.core.open311.geo_report import FORMATS, written
from intake.core.open311.public_request import MOST_REQUESTS
from intake.core.open311.service_request import ServiceRequestBody, draft_of
from intake.steps.accept import accept_submission
from intake.steps.additions import additions_to
from intake.steps.read_requests import RequestsAsked, list_requests, read_request
from intake.web import open311_views as views
from intake.web.codes import guess_of, opened
from intake.web.danger_lines import lines_of_case, tell_whom_to_call
from intake.web.dependencies import Dependencies, web_sender
from intake.web.uploads import kept_all, most_bytes
from schemas.city import Category
from schemas.errors import BadInput, CodeMistyped, FieldError, HuiyinError, NotFound
from schemas.http import ANYONE, RETRY_IS_SAFE, Call, Limit, Route
from schemas.words import Role
from schemas.written import Written

#: Where it is: what the outside relies on.
_PATH = "/open311/v2"
#: What the answer is called, and the answer.
_Named = tuple[str, object]
_Answer = Callable[..., Awaitable[_Named | Written]]

#: Characters of a list of codes: as many as one answer holds (see `MOST_REQUESTS`), with the hyphens and a comma each.
_CODES_LIMIT = 20 * MOST_REQUESTS


class SubmitQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What nobody reads in an address: it is there to be refused."""

    api_key: str | None = None


class RequestsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests. Codes, services and statuses stand between commas; the last four are ours beside the standard."""

    jurisdiction_id: str | None = None
    service_request_id: Annotated[str, msgspec.Meta(max_length=_CODES_LIMIT)] = ""
    service_code: Annotated[str, msgspec.Meta(max_length=_CODES_LIMIT)] = ""
    start_date: str | None = None
    end_date: str | None = None
    status: str = ""
    updated_after: str | None = None
    updated_before: str | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    #: More than one answer holds is as many as it holds: the standard lets clients ask for a thousand.
    page_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = MOST_REQUESTS


async def discover(call: Call, *, dependencies: Dependencies, since: datetime) -> _Named:
    """The discovery document of GeoReport v2: which endpoints and formats there are, and where."""
    return "discovery", views.discovery(dependencies.reception.public_url, since, call.language)


async def list_services(call: Call, *, dependencies: Dependencies) -> _Named:
    """Every category of the city as a service."""
    city = dependencies.city
    return "services", [views.service(city, each, call.language) for each in city.categories]


async def define_service(call: Call, *, dependencies: Dependencies) -> _Named:
    """What else a request of this service holds: nothing."""
    category = _category(call.path["service_code"], dependencies)
    return "service_definition", {"service_code": category.code, "attributes": []}


async def submit_request(call: Call, *, dependencies: Dependencies) -> _Named:
    """Take a message: durable on Kafka before it is answered; what is refused is, too, told whom to call about danger."""
    try:
        return await _submitted(call, dependencies)
    except HuiyinError as refusal:
        await tell_whom_to_call(call, refusal, dependencies)
        raise


async def _submitted(call: Call, dependencies: Dependencies) -> _Named:
    body: ServiceRequestBody = call.body
    if call.query.api_key is not None:
        # Proxies keep addresses: a token that stood there is not to be used on.
        zh, en = "请放在表单里，不要放在网址里。", "Send it in the form, not in the address."
        raise BadInput([FieldError("api_key", zh, en)])
    category = _category(body.service_code, dependencies)
    is_known = call.principal.role is not Role.CITIZEN
    draft = draft_of(body, call.form, category, has_files=bool(call.files), is_known=is_known)
    if call.files:
        # Once nothing else can be wrong: the files of a form that is refused would wait for no message.
        files = await kept_all(call, dependencies)
        draft = msgspec.structs.replace(draft, attachments=files)
    envelope = dependencies.envelope(web_sender(call.principal), call.idempotency_key, call.language)
    receipt = await accept_submission(dependencies.reception, draft, envelope)
    return "service_requests", [views.accepted(receipt, body.account_id, call.language)]


async def find_requests(call: Call, *, dependencies: Dependencies) -> _Named:
    """The service requests that were asked for, of those that everybody may read."""
    query: RequestsQuery = call.query
    asked = msgspec.convert(query, RequestsAsked, from_attributes=True)
    found = await list_requests(call.unit, dependencies.keys, asked, dependencies.zone)
    city, zone = dependencies.city, dependencies.zone
    return "service_requests", [views.public_request(each, city, zone, call.language) for each in found]


async def show_request(call: Call, *, dependencies: Dependencies) -> _Named | Written:
    """The one that everybody may read, or with its access code one's own."""
    code = call.path["tracking_code"]
    city, zone = dependencies.city, dependencies.zone
    if call.headers.get("access-code"):
        return "service_requests", [await _own(call, dependencies)]
    try:
        found = await read_request(call.unit, dependencies.keys, code)
    except NotFound as refusal:
        return views.refused(refusal, call.language, call.path)
    return "service_requests", [views.public_request(found, city, zone, call.language)]


async def _own(call: Call, dependencies: Dependencies) -> views.Fields:
    try:
        case = await opened(call, dependencies=dependencies)
    except CodeMistyped as error:
        raise NotFound from error
    added = await additions_to(call.unit_or_none, case)
    lines = await lines_of_case(case, added, dependencies, call.language)
    return views.own_request(case, lines, dependencies.city, dependencies.zone, call.language)


async def read_token(call: Call, *, dependencies: Dependencies) -> _Named:
    """The request that a token stands for: its own code, since every request has one at once."""
    token = call.path["tracking_code"]
    try:
        code = parse_tracking_code(dependencies.keys.code_secrets, token)
    except CodeMistyped as error:
        raise NotFound from error
    return "service_requests", [{"service_request_id": code, "token": token}]


def _category(code: str, dependencies: Dependencies) -> Category:
    """The category of this code.

    Raises:
        ServiceUnknown: the city has none.
    """
    category = dependencies.city.category.get(code)
    if category is None:
        raise ServiceUnknown
    return category


class ServiceUnknown(NotFound):
    """A service that the city does not have."""

    code = "service-unknown"
    zh = "没有这个 service_code，请查看 services。"
    en = "There is no such service_code; see services."


async def _in_format(call: Call, *, answer: Callable[[Call], Awaitable[_Named | Written]]) -> Written:
    """What is answered, in the format that the address names.

    Raises:
        NotFound: another than those that there are; nothing was done.
    """
    if call.path["format"] not in FORMATS:
        raise NotFound
    answered = await answer(call)
    if isinstance(answered, Written):
        return answered
    name, value = answered
    # A thousand requests in XML take as long as sixty other answers.
    return await asyncio.to_thread(written, call.path["format"], name, value)


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The standard's methods, one line each."""

    def route(method: str, path: str, answer: _Answer, summary: str, **more: Any) -> Route:
        return Route(
            method=method,
            path=f"{_PATH}{path}.{{format}}",
            answer=partial(_in_format, answer=partial(answer, dependencies=dependencies)),
            who=ANYONE,
            summary=f"Open311: {summary}",
            refusing=views.refused,
            **more,
        )

    def told(path: str, answer: _Answer, summary: str) -> Route:
        return route("GET", path, answer, summary, database=False, limit=Limit.READING)

    discovery = partial(discover, since=dependencies.clock().astimezone(dependencies.zone))
    return (
        told("/discovery", discovery, "where it is, and what it speaks."),
        told("/services", list_services, "the city's categories."),
        told("/services/{service_code}", define_service, "one of them."),
        route(
            "POST", "/requests", submit_request, f"submit a message. {RETRY_IS_SAFE}",
            body=ServiceRequestBody, query=SubmitQuery, key_field="api_key", takes_files=most_bytes(dependencies),
            database=False, limit=Limit.SUBMISSIONS,
        ),
        route(
            "GET", "/requests", find_requests, "published answers.",
            query=RequestsQuery, lookup=True, limit=Limit.READING,
        ),
        route(
            "GET", "/requests/{tracking_code}", show_request,
            "a published answer, or with its code in `Access-Code` one's own case.",
            lookup=True, limit=Limit.FOLLOWING, guess=partial(guess_of, dependencies=dependencies),
        ),
        told("/tokens/{tracking_code}", read_token, "the request of a token: itself."),
    )  # fmt: skip
