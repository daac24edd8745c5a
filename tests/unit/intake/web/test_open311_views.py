"""What Open311 shows: names in the reader's language, moments with their zone, refusals in the format asked for."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import msgspec
import pytest

from intake.core.following.view import TimelineEntry
from intake.core.open311.public_request import PublicRequest
from intake.web import open311_views as views
from schemas.city import load_city
from schemas.errors import (
    BadInput,
    FieldError,
    HuiyinError,
    KeyReused,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from schemas.words import CaseState, Language
from tests.unit.intake.web.test_views import CASE, NOW, PUBLISHED

CITY = load_city()
SHANGHAI = ZoneInfo("Asia/Shanghai")
LATER = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_a_category_is_a_service() -> None:
    """Asked for nothing more, answered at once; what belongs to it finds it."""
    category = CITY.categories[0]
    found = views.service(CITY, category, Language.EN)

    assert (category.code, category.en, False, "realtime") == tuple(
        found[name] for name in ("service_code", "service_name", "metadata", "type")
    )
    assert CITY.department[category.lead].en == found["group"]
    assert all(
        each.en in str(found["keywords"]) for each in CITY.subcategories if each.category == category.code
    )


def test_a_published_answer_is_a_request() -> None:
    """Closed with its answer, open once its citizen objected; of the place the district alone."""
    request = PublicRequest(case=PUBLISHED, received_at=NOW, updated_at=LATER)
    found = views.public_request(request, CITY, SHANGHAI, Language.ZH)
    objected = msgspec.structs.replace(request, case=msgspec.structs.replace(PUBLISHED, objected=True))

    assert ("closed", "修好了", "东湖区") == (found["status"], found["status_notes"], found["address"])
    assert "2026-11-23T00:00:00+08:00" == found["requested_datetime"]
    assert "2026-11-24T10:00:00+08:00" == found["updated_datetime"]
    assert "路灯\n坏了" == found["description"]
    assert ("labour", "住房和城乡建设局") == (found["service_code"], found["agency_responsible"])
    assert {None} == {found[name] for name in ("lat", "long", "media_url", "expected_datetime")}
    assert "open" == views.public_request(objected, CITY, SHANGHAI, Language.ZH)["status"]


def test_ones_own_case_is_a_request() -> None:
    """With where it stands, when it is due, and when something happened last."""
    line = TimelineEntry(at=LATER, event="signed")
    case = msgspec.structs.replace(CASE, due_at=LATER, timeline=(line,))
    found = views.own_request(case, (), CITY, SHANGHAI, Language.EN)
    ended = msgspec.structs.replace(case, state=CaseState.CLOSED, response="修好了")

    assert ("open", "in progress") == (found["status"], found["status_notes"])
    assert ("2026-11-24T10:00:00+08:00",) * 2 == (found["updated_datetime"], found["expected_datetime"])
    closed = views.own_request(ended, (), CITY, SHANGHAI, Language.EN)
    assert ("closed", "修好了") == (closed["status"], closed["status_notes"])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (Unauthenticated(), 403),
        (KeyReused(), 409),
        (TooMany(retry_after_seconds=3), 429),
        (Unavailable("kafka"), 503),
        (HuiyinError(), 500),
    ],
)
def test_a_refusal_is_a_list_with_its_code(error: HuiyinError, status: int) -> None:
    """In the format that was asked for and the caller's language; in XML where there is no such format."""
    for language in Language:
        told = views.refused(error, language, {"format": "json"})
        assert [{"code": status, "description": error.message(language)}] == json.loads(told.body)
        for path in ({"format": "xml"}, {"format": "yaml"}, {}):
            root = ElementTree.fromstring(views.refused(error, language, path).body)  # noqa: S314  our own
            assert (str(status), error.message(language)) == (
                root.findtext("error/code"), root.findtext("error/description"),
            )  # fmt: skip
        assert status == told.status


def test_whatever_is_wrong_is_named_as_the_standard_calls_it() -> None:
    """One entry for each, and 400 for all."""
    errors = [FieldError("contact.phone", "不对。", "Wrong."), FieldError("status", "不对。", "Wrong.")]
    told = views.refused(BadInput(errors), Language.EN, {"format": "json"})

    assert 400 == told.status
    assert ["phone: Wrong.", "status: Wrong."] == [each["description"] for each in json.loads(told.body)]
