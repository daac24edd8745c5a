"""What Open311 shows: services, requests and refusals, with the standard's names (GeoReport v2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from intake.core.danger import LineToCall, call_first
from intake.core.following.view import View
from intake.core.open311.geo_report import FORMATS, written
from intake.core.open311.public_request import PublicRequest, day_of
from intake.steps.accept import Receipt
from intake.web.views import named
from schemas.city import Category, City
from schemas.errors import BadInput, HuiyinError, Unauthenticated
from schemas.labels import label
from schemas.words import ENDED_STATES, Language
from schemas.written import Written

#: What the standard is called by those who look for it (Service Discovery, "specification").
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
#: Our fields, as the standard calls them.
_NAMES = {
    "title": "description",
    "text": "description",
    "place.address": "address_string",
    "place.latitude": "lat",
    "place.longitude": "long",
    "contact.name": "first_name",
    "contact.phone": "phone",
    "contact.email": "email",
    "attachments": "media",
}

Fields = Mapping[str, object]


def discovery(url: str, since: datetime, language: Language) -> Fields:
    """Where the service is and what it speaks. `since`: when the city's categories were read."""
    changeset = since.isoformat(timespec="seconds")
    return {
        "changeset": changeset,
        "contact": url,
        "key_service": language.choose(
            "请向本市系统管理员索取令牌；不带 api_key 也可以提交。",
            "Ask the city's administrators for a token; requests are taken without an api_key, too.",
        ),
        "endpoints": [
            {
                "specification": _SPECIFICATION,
                "url": f"{url}/open311/v2",
                "changeset": changeset,
                "type": "production",
                "formats": [kind.partition(";")[0] for kind in FORMATS.values()],
            }
        ],
    }


def service(city: City, category: Category, language: Language) -> Fields:
    """A category; what belongs to it are its keywords, who leads is its group."""
    parts = [each.name(language) for each in city.subcategories if each.category == category.code]
    lead = city.department[category.lead].name(language)
    name = category.name(language)
    return {
        "service_code": category.code,
        "service_name": name,
        "description": language.choose("：", ": ").join([name, language.choose("、", ", ").join(parts)])
        if parts
        else name,
        "metadata": False,
        "type": "realtime",
        "keywords": ", ".join(parts or [name]),
        "group": lead,
    }


def accepted(receipt: Receipt, account_id: str | None, language: Language) -> Fields:
    """A request that was taken, with the code that opens it to whoever sent it: no other answer holds that one."""
    told = language.choose(
        "请保存查询号 {0} 和查询码 {1}，凭两者在 {2} 查看进展。",
        "Keep the tracking code {0} and the access code {1}; with both, follow it at {2}.",
    ).format(receipt.tracking_code, receipt.access_code, receipt.follow_url)
    return {
        "service_request_id": receipt.tracking_code,
        "service_notice": " ".join(
            filter(None, [call_first(receipt.call_now, language), told, receipt.secrecy])
        ),
        "account_id": account_id,
        "access_code": receipt.access_code,
    }


def public_request(request: PublicRequest, city: City, zone: tzinfo, language: Language) -> Fields:
    """A published answer as everybody reads it: of the place its district, of when it was written the day alone."""
    case = request.case
    return _request(
        tracking_code=case.tracking_code,
        status=request.status,
        notes=case.response,
        category=case.category,
        description=_description(case.title, case.text),
        department=case.department,
        moments=(day_of(request.received_at, zone), request.updated_at, None),
        address=named(city.region, case.region, language),
        city=city, zone=zone, language=language,
    )  # fmt: skip


def own_request(
    case: View, lines: Sequence[LineToCall], city: City, zone: tzinfo, language: Language
) -> Fields:
    """A case as its citizen sees it. `lines`: whom to call, where they told of danger lately."""
    updated_at = max([case.received_at, *(line.at for line in case.whole_timeline)])
    fields = _request(
        tracking_code=case.tracking_code,
        status="closed" if case.state in ENDED_STATES and not case.is_objected else "open",
        notes=case.standing_response or label(case.state, language),
        category=case.category,
        description=_description(case.title, case.text),
        department=case.department,
        moments=(case.received_at, updated_at, case.due_at),
        address=None,
        city=city, zone=zone, language=language,
    )  # fmt: skip
    return {**fields, "service_notice": call_first(lines, language) or None}


def _description(title: str, text: str) -> str:
    return text if text.startswith(title) else f"{title}\n{text}"


def _request(
    *,
    tracking_code: str,
    status: str,
    notes: str,
    category: str | None,
    description: str,
    department: str | None,
    moments: Sequence[datetime | None],
    address: str | None,
    city: City,
    zone: tzinfo,
    language: Language,
) -> Fields:
    requested, updated, expected = (
        each and each.astimezone(zone).isoformat(timespec="seconds") for each in moments
    )
    return {
        "service_request_id": tracking_code,
        "status": status,
        "status_notes": notes,
        "service_name": named(city.category, category, language),
        "service_code": category,
        "description": description,
        "agency_responsible": named(city.department, department, language),
        "service_notice": None,
        "requested_datetime": requested,
        "updated_datetime": updated,
        "expected_datetime": expected,
        "address": address,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def refused(error: HuiyinError, language: Language, path: Mapping[str, str]) -> Written:
    """A refusal as the standard has it: what is missing or wrong is 400, a key that is nobody's 403."""
    status = (
        400 if isinstance(error, BadInput) else 403 if isinstance(error, Unauthenticated) else error.status
    )
    told = (
        [f"{_NAMES.get(each.field, each.field)}: {each.message(language)}" for each in error.errors]
        if isinstance(error, BadInput)
        else [error.message(language)]
    )
    call = call_first(msgspec.convert(error.facts.get("call_now", ()), tuple[LineToCall, ...]), language)
    errors = [{"code": status, "description": each} for each in dict.fromkeys(filter(None, (call, *told)))]
    return written(path.get("format", ""), "errors", errors, status)
