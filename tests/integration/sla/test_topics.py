"""What supervisors read of topics that grow: API and page, over what routing says."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from deploy.database.case_views import PostgresViewCounts
from deploy.web.site.render import renderer_of
from schemas.http import Call, Principal, Route
from schemas.ids import CaseId, CategoryCode, RegionCode, TrackingCode
from schemas.ports import Unit
from schemas.values import GrowingTopic, TopicSample
from schemas.words import Language, Role
from sla.web import api, pages
from tests.integration.sla.events import Sla
from tests.unit.handlers.making import MONDAY

CASE = CaseId("0198b2c4-0000-7000-8000-000000000001")
TOPIC = GrowingTopic(
    topic=7,
    people=5,
    cases=9,
    unnamed=2,
    heat=3.5,
    expected=0.25,
    is_burst=True,
    first_at=MONDAY - timedelta(days=3),
    last_at=MONDAY,
    category=CategoryCode("urban"),
    region=RegionCode("donghu"),
    place="翠湖路",
    samples=(
        TopicSample(
            case_id=CASE,
            tracking_code=TrackingCode("ABCD-2345"),
            title="<b>沥青厂</b>冒烟",
            received_at=MONDAY,
        ),
    ),
)


class Topics:
    """What routing found, as a test says."""

    def __init__(self, *found: GrowingTopic) -> None:
        self.found = found

    async def hot(self, unit: Unit) -> Sequence[GrowingTopic]:
        """Those."""
        return self.found


def _routes(sla: Sla, topics: Topics | None) -> list[Route]:
    needs: dict[str, Any] = {"city": sla.city, "calendar": sla.calendar, "views": PostgresViewCounts()}
    needs |= {"rules": sla.rules, "topics": topics}
    return [*api.routes(**needs), *pages.routes(**needs)]


async def _call(
    sla: Sla,
    path: str,
    topics: Topics | None,
    language: Language = Language.ZH,
    headers: Mapping[str, str] | None = None,
) -> tuple[Any, Call]:
    (route,) = [route for route in _routes(sla, topics) if (route.method, route.path) == ("GET", path)]
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="督办员甲"),
        language=language,
        path={},
        headers=headers or {},
        address="127.0.0.1",
        query=msgspec.convert({}, route.query, strict=False) if route.query else None,
        unit_or_none=sla.unit,
    )
    return await route.answer(call), call


def _html(sla: Sla, page: Any, language: Language) -> str:
    return renderer_of(sla.city).render(
        page, language=language, principal=Principal(role=Role.SUPERVISOR), csrf_token="token", path="/watch"
    )


@pytest.mark.parametrize("path", ["/api/v1/sla/hot-topics", "/watch/topics", "/watch"])
async def test_whose_titles_are_shown_is_written_down(sla: Sla, path: str) -> None:
    """A sample is a look at its case."""
    _, call = await _call(sla, path, Topics(TOPIC))

    assert [CASE] == list(call.shown)


def _many(topics: int, samples: int) -> Topics:
    cases = iter(range(1, topics * samples + 1))
    named = [
        [
            replace(TOPIC.samples[0], case_id=CaseId(f"0198b2c4-0000-7000-8000-{next(cases):012}"))
            for _ in range(samples)
        ]
        for _ in range(topics)
    ]
    return Topics(*(replace(TOPIC, topic=number, samples=tuple(each)) for number, each in enumerate(named)))


async def test_who_saw_no_title_is_not_said_to_have(sla: Sla) -> None:
    """The page of deadlines shows ten topics with one sample each, their own page all: so many looks are written down."""
    many = _many(12, 3)
    _, short = await _call(sla, "/watch", many)
    _, long = await _call(sla, "/watch/topics", many)

    assert [topic.samples[0].case_id for topic in many.found[:10]] == list(short.shown)
    assert 36 == len(long.shown)


async def test_a_refresh_reads_no_topics(sla: Sla) -> None:
    """It asks anew for what presses alone; where nothing grew, nobody looked at a case."""
    page, call = await _call(sla, "/watch", Topics(TOPIC), headers={"hx-request": "true"})
    html = _html(sla, page, Language.ZH)

    assert {} == dict(call.shown)
    assert "沥青厂" not in html
    assert "沥青厂" in _html(sla, (await _call(sla, "/watch", Topics(TOPIC)))[0], Language.ZH)


async def test_the_api_says_people_heat_and_what_they_mean(sla: Sla) -> None:
    """Beside the categories that repeat, in the caller's language."""
    found, _ = await _call(sla, "/api/v1/sla/hot-topics", Topics(TOPIC), Language.EN)

    (topic,) = found.topics
    assert (5, 9, 2, 3.5, True) == (topic.people, topic.cases, topic.unnamed, topic.heat, topic.is_burst)
    assert ("urban", "donghu") == (topic.category, topic.region)
    assert topic.category_label.isascii()
    assert "half after three and a half days" in found.heat_definition
    assert "one person together" in found.topics_definition


@pytest.mark.parametrize("language", list(Language))
async def test_the_page_shows_what_grows(sla: Sla, language: Language) -> None:
    """Place, time, people and samples, escaped; in both languages."""
    page, call = await _call(sla, "/watch/topics", Topics(TOPIC), language)
    html = _html(sla, page, call.language)

    assert language.choose("5 人 9 件", "5 people, 9 messages") in html
    assert language.choose("突增", "Burst") in html
    assert "翠湖路" in html
    assert "&lt;b&gt;沥青厂" in html
    assert f"/watch/cases/{CASE}" in html


async def test_nothing_grows(sla: Sla) -> None:
    """The page says so; and one without routing shows the rest."""
    for topics in (Topics(), None):
        page, call = await _call(sla, "/watch/topics", topics)
        assert "目前没有苗头" in _html(sla, page, call.language)
