"""How hot a topic is: how many different people, how lately, and whether that is more than before.

People count, never messages: who writes ten times is one. Those who left nothing by which they could be told apart are
one together, so that nobody heats a topic alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import exp
from typing import TypeVar

import msgspec

from schemas.ids import CaseId, CategoryCode, RegionCode, TrackingCode
from schemas.simplified import as_matched
from schemas.values import GrowingTopic, TopicSample

#: Each person counts in full on the day, and half after half a week. Project choice: a topic is as hot as it is fresh.
_HALF_LIFE = timedelta(days=3.5)
#: What a week is compared with: the weeks before it, and at least half a person a week, so that two are no burst. Project
#: choices: a month evens out one odd week.
WEEKS_BEFORE = 4
_LEAST_EXPECTED = 0.5
#: A week with so many people would come by chance once in a thousand (Poisson). Project choice: a city has some hundred
#: topics a week.
_BY_CHANCE = 0.001
#: Cases that are shown of a topic. Project choice: enough to see what it is about.
_SAMPLES = 3
_Name = TypeVar("_Name", bound=str)


class TopicRules(msgspec.Struct, frozen=True, kw_only=True):
    """From when on a topic is an early warning: so many different people within so many days.

    Source of the defaults: 苗头预警 in Beijing's practice, three or more in seven days.
    """

    least_people: int = 3
    window: timedelta = timedelta(days=7)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a topic."""

    case_id: CaseId
    tracking_code: TrackingCode
    title: str
    at: datetime
    #: Who wrote, as a keyed hash; None: nothing that would tell.
    author: bytes | None
    category: CategoryCode
    region: RegionCode | None
    place: str
    #: Neither ended without an answer nor merged: fit to stand for the topic.
    is_shown: bool = True


def reading(number: int, members: Sequence[Member], rules: TopicRules, now: datetime) -> GrowingTopic:
    """The topic as it stands now. `members`: of the window and of the weeks before, at least one."""
    recent = [member for member in members if member.at > now - rules.window]
    latest = _latest_by_person(recent)
    expected = _expected([member for member in members if member.at <= now - rules.window], rules, now)
    shown = [member for member in sorted(recent, key=lambda each: each.at, reverse=True) if member.is_shown]
    return GrowingTopic(
        topic=number,
        people=len(latest),
        cases=len(recent),
        unnamed=sum(member.author is None for member in recent),
        heat=round(sum(0.5 ** ((now - at) / _HALF_LIFE) for at in latest.values()), 2),
        expected=round(expected, 2),
        is_burst=is_burst(len(latest), expected),
        first_at=min(member.at for member in members),
        last_at=max(member.at for member in members),
        category=_most_common(member.category for member in recent),
        region=_most_common(member.region for member in recent),
        place=_shared_place(recent),
        samples=tuple(_sample(member) for member in shown[:_SAMPLES]),
    )


def is_hot(people: int, rules: TopicRules) -> bool:
    """Whether so many different people are an early warning. One person never is."""
    return people >= crowd_of(rules)


def crowd_of(rules: TopicRules) -> int:
    """From how many people on a topic is an early warning, and so from how many messages on it may be one."""
    return max(2, rules.least_people)


def most_people(messages: Sequence[tuple[datetime, str]], rules: TopicRules) -> int:
    """The most different people who ever wrote within one window. `messages`: when and who, in order."""
    return max(len({who for at, who in messages if end - rules.window < at <= end}) for end, _ in messages)


def is_burst(people: int, expected: float) -> bool:
    """Whether so many, where so many were to be expected, are more than chance."""
    return people > 1 and _chance_of(people, max(expected, _LEAST_EXPECTED)) < _BY_CHANCE


def _chance_of(least: int, expected: float) -> float:
    """That at least so many come, where `expected` come on average (Poisson)."""
    term = total = exp(-expected)
    for number in range(1, least):
        term *= expected / number
        total += term
    return max(0.0, 1.0 - total)


def _expected(before: Sequence[Member], rules: TopicRules, now: datetime) -> float:
    """People in a window, on average of the weeks before it."""
    windows = Counter((now - member.at) // rules.window for member in before)
    by_window = [
        len(_latest_by_person(each for each in before if (now - each.at) // rules.window == number))
        for number in windows
    ]
    return sum(by_window) / WEEKS_BEFORE


def _latest_by_person(members: Iterable[Member]) -> dict[bytes | None, datetime]:
    latest: dict[bytes | None, datetime] = {}
    for member in members:
        latest[member.author] = max(member.at, latest.get(member.author, member.at))
    return latest


def _most_common(named: Iterable[_Name | None]) -> _Name | None:
    counted = Counter(name for name in named if name)
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None


def _shared_place(members: Sequence[Member]) -> str:
    """The address that most of them name, if two do: what one alone names may be a home."""
    named = {(_one_place(member.place), member.author): member.place for member in members if member.place}
    counted = Counter(place for place, _ in named)
    most, times = counted.most_common(1)[0] if counted else ("", 0)
    return next(written for (place, _), written in named.items() if place == most) if times > 1 else ""


def _one_place(address: str) -> str:
    """As it may be written by many: with blanks or without, in full width, in Traditional characters."""
    return "".join(as_matched(address).split()).casefold()


def _sample(member: Member) -> TopicSample:
    return TopicSample(
        case_id=member.case_id, tracking_code=member.tracking_code, title=member.title, received_at=member.at
    )
