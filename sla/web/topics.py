"""What grows (苗头), for supervisors: topics that different people write of, and categories that repeat in a district."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from msgspec.structs import replace

from schemas.city import City
from schemas.http import Call, Page, Route
from schemas.ids import RegionCode
from schemas.labels import label
from schemas.ports import GrowingTopics
from schemas.whose_item import departments_of
from schemas.words import CaseField, Language, Role
from sla.core.calendar import Calendar
from sla.core.figures import is_burst
from sla.core.readings import Frequent, Repetition
from sla.steps import watch
from sla.steps.watch import HOT_DAYS
from sla.web.views import FrequentMatter, FrequentTag, HotTopic, HotTopics, ShownTopic
from sla.web.words import (
    FREQUENT_DEFINITION,
    FREQUENT_TAGS_DEFINITION,
    HEAT_DEFINITION,
    TOPICS_DEFINITION,
    name_of,
)

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_DAY = timedelta(days=1)


async def show_hot_topics(
    call: Call,
    *,
    city: City,
    calendar: Calendar,
    topics: GrowingTopics | None,
    most: int | None = None,
    samples: int | None = None,
) -> HotTopics:
    """What different people write of, hottest first; and categories that repeat in a district within seven days.

    `most`, `samples`: so many of either, and so many samples of a topic, where not all of them are shown.
    """
    first, last, found = await watch.list_hot_topics(call.unit, calendar=calendar)
    frequent = await watch.list_frequent(call.unit, "item", calendar=calendar)
    tags = await watch.list_frequent(call.unit, "tag", calendar=calendar)
    return HotTopics(
        first=first,
        last=last,
        definition=call.language.choose(
            "近七天内同一类别、同一区县收到三件及以上的诉求；仅按计数，不作内容分析。",
            "Three or more cases of one category in one district within seven days; counted, not analysed.",
        ),
        items=[_hot_topic(repetition, city, call.language) for repetition in found[:most]],
        topics_definition=call.language.choose(*TOPICS_DEFINITION),
        heat_definition=call.language.choose(*HEAT_DEFINITION),
        topics=await shown_topics(call, city, topics, most=most, samples=samples),
        frequent_definition=call.language.choose(*FREQUENT_DEFINITION),
        frequent=[_frequent(item, city, call.language) for item in frequent[:most]],
        frequent_tags_definition=call.language.choose(*FREQUENT_TAGS_DEFINITION),
        frequent_tags=[_frequent_tag(tag, city, call.language) for tag in tags[:most]],
    )


async def shown_topics(
    call: Call,
    city: City,
    topics: GrowingTopics | None,
    *,
    most: int | None = None,
    samples: int | None = None,
) -> list[ShownTopic]:
    """Those that are early warnings now; that the samples which are shown were is written down, and no others."""
    every = [] if topics is None else await topics.hot(call.unit)
    found = [replace(topic, samples=topic.samples[:samples]) for topic in every[:most]]
    for topic in found:
        for sample in topic.samples:
            call.shows(sample.case_id, CaseField.TITLE)
    return [
        ShownTopic(
            **{name: getattr(topic, name) for name in topic.__struct_fields__},
            category_label=name_of("category", topic.category, city, call.language),
            region_label=name_of("region", topic.region, city, call.language),
        )
        for topic in found
    ]


def _hot_topic(found: Repetition, city: City, language: Language) -> HotTopic:
    return HotTopic(
        category=found.category,
        category_label=name_of("category", found.category, city, language),
        region=found.region,
        region_label=name_of("region", found.region, city, language),
        cases=found.cases,
        cases_before=found.cases_before,
        expected=round(found.expected, 2),
        is_burst=is_burst(found.cases, found.expected),
    )


def _frequent(found: Frequent, city: City, language: Language) -> FrequentMatter:
    item = city.item.get(found.code)
    return FrequentMatter(
        item=found.code,
        item_label=item.name(language) if item else found.code,
        category_label=city.category_of(item).name(language) if item else "",
        departments=departments_of(city, item, _code(found.region)) if item else (),
        cases=found.cases,
        cases_before=found.cases_before,
        region=found.region,
        region_label=name_of("region", found.region, city, language),
        cases_there=found.cases_there,
    )


def _frequent_tag(found: Frequent, city: City, language: Language) -> FrequentTag:
    tag = city.tag.get(found.code)
    return FrequentTag(
        tag=found.code,
        tag_label=tag.name(language) if tag else found.code,
        group_label=label(tag.group, language) if tag else "",
        cases=found.cases,
        cases_before=found.cases_before,
        region=found.region,
        region_label=name_of("region", found.region, city, language),
        cases_there=found.cases_there,
    )


def _code(region: str | None) -> RegionCode | None:
    return RegionCode(region) if region else None


async def show_topics(call: Call, *, city: City, calendar: Calendar, topics: GrowingTopics | None) -> Page:
    """The topics that are early warnings, with samples; below them the categories that repeat."""
    found = await show_hot_topics(call, city=city, calendar=calendar, topics=topics)
    context = {"found": found, "hot_days": hot_days(found), "now": call.unit.now}
    return Page(template="sla/topics.html", context=context)


def hot_days(found: HotTopics) -> Sequence[tuple[date, date]]:
    """The seven days that are counted, and the seven before them: first and last of each."""
    return (found.first, found.last), (found.first - HOT_DAYS, found.first - _DAY)


def page_routes(*, city: City, calendar: Calendar, topics: GrowingTopics | None) -> tuple[Route, ...]:
    """The page of topics that grow, as supervisors read it."""
    return (
        Route(
            method="GET",
            path="/watch/topics",
            answer=partial(show_topics, city=city, calendar=calendar, topics=topics),
            who=_WATCHERS,
            summary="Topics that grow",
            page=True,
        ),
    )
