"""Which messages are about one matter at one place, and when that is an early warning."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from routing.core.topics import groups as groups_module
from routing.core.topics.groups import GroupedMessage, Groups
from routing.core.topics.heat import Member, TopicRules, is_burst, is_hot, most_people, reading
from routing.core.topics.sketch import Rarity, SketchedText, sketches
from routing.core.topics.stream import TopicMessage, TopicStream, absorbed_in, root_of
from schemas.ids import CaseId, CategoryCode, RegionCode, TrackingCode

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = TopicRules()
#: One matter at one place, as different people tell it.
PLANT = (
    (
        "翠湖春天花园旁边的沥青搅拌厂整夜冒烟",
        "翠湖春天花园北门外的沥青搅拌厂每天夜里生产，气味刺鼻，孩子咳嗽，希望查一查。",
    ),
    (
        "投诉翠湖春天花园附近沥青搅拌厂夜间生产",
        "沥青搅拌厂离翠湖春天花园不到百米，夜里机器响到天亮，窗户不敢开。",
    ),
    ("翠湖春天花园沥青搅拌厂气味扰民", "住在翠湖春天花园，隔壁沥青搅拌厂的烟味飘进家里，老人受不了。"),
    ("请管管翠湖春天花园北边的沥青搅拌厂", "翠湖春天花园的住户多次反映沥青搅拌厂冒黑烟，一直没有人处理。"),
)
#: What a city hears besides: no two of one matter.
OTHERS = (
    ("公园路路灯坏了三盏", "公园路小学门口的路灯不亮，孩子放学看不清路。"),
    ("幼儿园什么时候报名", "想问今年秋季城东幼儿园的招生时间和条件。"),
    ("公交 18 路等了四十分钟", "早高峰十八路公交车间隔太长，上班总是迟到。"),
    ("工资被拖欠两个月", "在开发区一家电子厂做工，老板说没有钱发工资。"),
    ("医保卡丢失如何补办", "医保卡掉了，去哪里补办，需要带哪些证件。"),
    ("小区电梯经常停运", "阳光花园七栋的电梯一周坏了两次，物业说等配件。"),
    ("河堤上有人乱倒垃圾", "清水河西岸的堤上堆着装修垃圾，下雨就冲进河里。"),
    ("超市卖过期牛奶", "在建设路的惠民超市买到过期的牛奶，店家不肯退钱。"),
)


def _told(words: tuple[str, str], at: datetime = NOW, region: str | None = None) -> TopicMessage:
    return TopicMessage(*words, at, region)


@pytest.fixture
def stream() -> TopicStream:
    """A city that has heard of other matters before."""
    stream = TopicStream()
    stream.join([_told(words, NOW - DAY) for words in OTHERS])
    return stream


def _groups(stream: TopicStream, messages: list[TopicMessage]) -> list[int]:
    joined = stream.join(messages)
    into = absorbed_in(joined)
    return [root_of(into, one.group) for one in joined]


def test_different_words_for_one_matter_at_one_place_are_one_group(stream: TopicStream) -> None:
    """Whoever tells it in other words belongs to it all the same."""
    assert 1 == len(set(_groups(stream, [_told(words) for words in PLANT])))


def test_other_matters_stay_apart(stream: TopicStream) -> None:
    """No two of them join, and none joins the group."""
    found = _groups(stream, [_told(words) for words in (*PLANT, *OTHERS[:4])])

    # Each of the four was told before, and belongs to that one.
    assert 4 == len(set(found[4:]))
    assert found[0] not in found[4:]


def test_the_same_words_of_another_district_are_another_matter(stream: TopicStream) -> None:
    """Where both districts are known, they must be one; where one is not, it may be."""
    first, other, unknown = _groups(
        stream, [_told(PLANT[0], region="east"), _told(PLANT[0], region="west"), _told(PLANT[0])]
    )

    assert first != other
    assert unknown in (first, other)


def test_a_matter_that_was_quiet_for_long_is_another_one(stream: TopicStream) -> None:
    """A month later somebody begins anew."""
    before, later = _groups(stream, [_told(PLANT[0]), _told(PLANT[1], NOW + groups_module.ENDS_AFTER + DAY)])

    assert before != later


def test_two_groups_that_one_message_resembles_become_one() -> None:
    """The smaller is part of the larger from then on, and its number is named."""
    rarity = Rarity()
    sketches(rarity, [SketchedText(*words) for words in OTHERS])
    one, other = sketches(
        rarity, [SketchedText("翠湖春天花园环境", ""), SketchedText("沥青搅拌厂夜间生产", "")]
    )
    both = sketches(rarity, [SketchedText("翠湖春天花园环境，沥青搅拌厂夜间生产", "")])[0]
    groups = Groups()
    first, second = groups.join(GroupedMessage(one, NOW)).group, groups.join(GroupedMessage(other, NOW)).group
    joined = groups.join(GroupedMessage(both, NOW))

    assert first != second
    assert {first, second} == {joined.group, joined.absorbed}
    assert (3, 0) == (groups.size_of(joined.group), groups.size_of(joined.absorbed or 0))
    assert 1 == len(groups)


def test_the_oldest_group_makes_room_for_a_new_one() -> None:
    """Memory is bounded, however many matters there are; the one that was quiet for longest is forgotten."""
    groups, rarity = Groups(most=3), Rarity()
    found = [
        groups.join(GroupedMessage(sketch, NOW + number * DAY)).group
        for number, sketch in enumerate(sketches(rarity, [SketchedText(*words) for words in OTHERS[:5]]))
    ]

    assert 3 == len(groups)
    assert [0, 0, 1, 1, 1] == [groups.size_of(group) for group in found]


def test_what_was_found_before_a_restart_is_where_it_was(stream: TopicStream) -> None:
    """A group that was learned again takes what belongs to it, under its number."""
    again = TopicStream(next_group=1000)
    again.join([_told(words, NOW - DAY) for words in OTHERS])
    again.join([_told(words)._replace(group=77) for words in PLANT[:2]])

    assert [77, 77] == _groups(again, [_told(words) for words in PLANT[2:]])
    assert again.join([_told(("全新的事情与众不同", ""))])[0].group >= 1000


def test_a_message_without_words_is_a_group_of_its_own(stream: TopicStream) -> None:
    """Nothing resembles nothing."""
    first, second = _groups(stream, [_told(("", "")), _told(("？", "。"))])

    assert first != second


def _member(number: int, author: bytes | None, ago: timedelta = timedelta(hours=1), **more: object) -> Member:
    member = Member(
        case_id=CaseId(f"0198b2c4-0000-7000-8000-{number:012}"),
        tracking_code=TrackingCode(f"CODE-{number}"),
        title=f"标题{number}",
        at=NOW - ago,
        author=author,
        category=CategoryCode("environment"),
        region=RegionCode("east"),
        place="",
    )
    return msgspec.structs.replace(member, **more)


def test_one_author_is_one_however_often_they_write() -> None:
    """Fifty messages of one person are no topic."""
    found = reading(1, [_member(number, b"one") for number in range(50)], RULES, NOW)

    assert (1, 50) == (found.people, found.cases)
    assert not is_hot(found.people, RULES)
    assert not is_hot(1, TopicRules(least_people=1))
    assert not found.is_burst


def test_those_who_cannot_be_told_apart_are_one() -> None:
    """Nobody heats a topic by leaving nothing: named or not, three must be known to be three."""
    unnamed = [_member(number, None) for number in range(20)]

    assert 1 == reading(1, unnamed, RULES, NOW).people
    assert 2 == reading(1, [*unnamed, _member(21, b"one")], RULES, NOW).people
    assert 20 == reading(1, unnamed, RULES, NOW).unnamed


def test_only_the_window_counts() -> None:
    """Three people within seven days; one of the day before them is history."""
    members = [_member(1, b"a", 8 * DAY), _member(2, b"b"), _member(3, b"c")]

    assert 2 == reading(1, members, RULES, NOW).people
    assert 3 == reading(1, members, TopicRules(window=9 * DAY), NOW).people


def test_each_person_counts_half_after_half_a_week() -> None:
    """By the latest message of each."""
    fresh = [_member(1, b"a", timedelta()), _member(2, b"b", timedelta(days=3.5))]

    assert 1.5 == reading(1, fresh, RULES, NOW).heat
    assert 1.5 == reading(1, [*fresh, _member(3, b"a", DAY)], RULES, NOW).heat


@pytest.mark.parametrize(
    ("people", "expected", "burst"),
    [(1, 0.0, False), (3, 0.0, False), (5, 0.0, True), (12, 8.0, False), (30, 8.0, True)],
)
def test_a_burst_is_more_than_chance(people: int, expected: float, burst: bool) -> None:
    """What is usual for a topic is no burst of it, however much that is."""
    assert burst == is_burst(people, expected)


def test_a_topics_own_past_is_what_is_expected() -> None:
    """People a week, on average of the four before; weeks in which nobody wrote count, too."""
    before = [_member(number, bytes([number]), timedelta(days=8 + number % 7)) for number in range(8)]

    assert 2.0 == reading(1, [*before, _member(9, b"a")], RULES, NOW).expected


def test_what_only_one_names_is_not_shown_as_the_place() -> None:
    """It may be a home; what two different people name is where it is."""
    one = [_member(number, b"a", place="幸福路 9 号") for number in range(3)]

    assert reading(1, one, RULES, NOW).place == ""
    assert "幸福路 9 号" == reading(1, [*one, _member(4, b"b", place="幸福路 9 号")], RULES, NOW).place


@pytest.mark.parametrize("other", ["幸福路9号", " 幸福路９号", "幸福路 9 號"])
def test_a_place_is_one_however_it_is_written(other: str) -> None:
    """Blanks, full width and Traditional characters make it no other; one person's two spellings make it none."""
    mine = [_member(number, b"a", place="幸福路 9 号") for number in range(3)]

    assert "幸福路 9 号" == reading(1, [*mine, _member(4, b"b", place=other)], RULES, NOW).place
    assert "" == reading(1, [*mine, _member(4, b"a", place=other)], RULES, NOW).place
    assert "" == reading(1, [*mine, _member(4, b"b", place="幸福路 19 号")], RULES, NOW).place


def test_merged_cases_count_and_stand_for_nothing() -> None:
    """Who was merged is a person still; the samples are cases that somebody works on."""
    found = reading(1, [_member(1, b"a", is_shown=False), _member(2, b"b")], RULES, NOW)

    assert 2 == found.people
    assert ["CODE-2"] == [sample.tracking_code for sample in found.samples]


def test_most_people_within_one_window() -> None:
    """Of a whole file: not all who ever wrote, but the most at a time."""
    told = [(NOW, "a"), (NOW + DAY, "b"), (NOW + 20 * DAY, "c"), (NOW + 21 * DAY, "c")]

    assert 2 == most_people(told, RULES)


def _many(count: int) -> Iterator[TopicMessage]:
    for number in range(count):
        yield _told((f"{OTHERS[number % 8][0]}{number}", OTHERS[number % 8][1] * 3))


def test_memory_does_not_grow_with_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a thousand messages leave is what ten thousand do: as many groups as there is room for."""
    monkeypatch.setattr(groups_module.Groups.__init__, "__kwdefaults__", {"next_group": 1, "most": 4})
    stream = TopicStream()
    stream.join(list(_many(300)))

    assert len(stream.groups) <= 4
