"""What is said of lessons whose figures would be worth nothing."""

from collections.abc import Sequence

import msgspec
import pytest

from routing.core.learning.lesson_check import FEW, doubts_of
from routing.core.learning.lesson_doubts import LessonDoubt, of_this_city, parted
from routing.core.learning.look_alikes import groups_of
from routing.core.learning.training import FEWEST, Lesson
from schemas.city import load_city
from schemas.words import Language
from tests.unit.routing.learning.lessons import LABELS, lessons

CITY = load_city()
EVERY = tuple(CITY.category)
#: 240 rows that say the same, of three categories.
_ALIKE = [Lesson("", f"{n} 号楼反映{label}的问题 {n}", label) for n in range(80) for label in LABELS]


def _codes(found: Sequence[LessonDoubt]) -> list[str]:
    return [doubt.code for doubt in found]


def _of_every_category(each: int) -> list[Lesson]:
    """Messages that have nothing in common."""
    return [
        Lesson("", "".join(chr(0x4E00 + (at * each + n) * 40 + k) for k in range(40)), label)
        for at, label in enumerate(EVERY)
        for n in range(each)
    ]


def test_of_enough_different_messages_of_every_category_nothing_is_said() -> None:
    """Whatever is repeated word for word: it is held out together."""
    found = _of_every_category(FEW)

    assert () == doubts_of([*found, *found[:200]], CITY)


def _look_alikes(texts: Sequence[str]) -> int:
    return len(texts) - len(set(groups_of(texts)))


def test_look_alikes_are_told_from_what_merely_sounds_alike() -> None:
    """Numbers, letters and signs make no difference; one more sentence of a dozen little."""
    long = "小区门口的路灯从上个月起就不亮了，老人晚上出门看不见台阶，已经有人摔倒，希望尽快派人来修，联系过物业没有结果"

    assert 239 == _look_alikes([f"A{n}区第{n}号路灯坏了{n % 7}天没人修" for n in range(240)])
    assert 1 == _look_alikes([long, f"{long}。谢谢"])
    assert 0 == _look_alikes(
        ["小区停水三天了", "小区停电两天了，冰箱里的东西全坏了", "学校门口的早餐摊不卫生"]
    )
    assert (1, 1) == (_look_alikes(["", "", "停水"]), _look_alikes(["水", "水"]))


def test_what_made_a_figure_of_one_is_said() -> None:
    """Look-alikes, and fourteen categories that nobody taught."""
    found = {doubt.code: doubt for doubt in doubts_of(_ALIKE, CITY)}

    assert {"absent", "alike", "few-texts"} == set(found)
    assert len(EVERY) - 3 == len(found["absent"].labels)
    assert found["alike"].share > 0.9
    assert tuple(sorted(LABELS)) == found["few-texts"].labels


def test_rare_labels_are_named_by_whether_they_are_learned() -> None:
    """Those left out, and those whose figures tell little."""
    rows = _of_every_category(FEW)
    kept = [each for each in rows if each.label not in EVERY[:2]]
    kept += [each for each in rows if each.label == EVERY[0]][: FEWEST - 1]
    kept += [each for each in rows if each.label == EVERY[1]][: FEW - 1]

    assert [("left-out", (EVERY[0],), FEWEST), ("few", (EVERY[1],), FEW)] == [
        (doubt.code, doubt.labels, doubt.number) for doubt in doubts_of(kept, CITY)
    ]


def test_labels_of_ones_own_are_said_to_be_no_categories() -> None:
    """All of them, or some beside categories; of none that are the categories are no matter."""
    own = [each._replace(label=f"{each.label} 局") for each in lessons(150)]

    assert ["foreign"] == [code for code in _codes(doubts_of(own, CITY)) if code in ("foreign", "absent")]
    assert ["foreign", "absent"] == _codes(doubts_of([*own, *_of_every_category(FEW)[FEW:]], CITY))[:2]


def test_one_label_that_most_have_is_named() -> None:
    """Half of them and one more."""
    rows = _of_every_category(FEW)
    count = sum(each.label != EVERY[0] for each in rows)
    more = [
        Lesson("", "".join(chr(0x9000 + n * 7 + k) for k in range(7)), EVERY[0])
        for n in range(count - FEW + 1)
    ]

    [found] = [doubt for doubt in doubts_of([*rows, *more], CITY) if doubt.code == "one-sided"]
    assert (EVERY[0],) == found.labels
    assert "one-sided" not in _codes(doubts_of([*rows, *more[:-1]], CITY))


@pytest.mark.parametrize("code", ["absent", "left-out", "few", "few-texts", "alike", "foreign", "one-sided"])
def test_each_is_said_in_both_languages(code: str) -> None:
    """With the categories by their names, eight of them at most, and what has no name as it was written."""
    told = LessonDoubt(code=code, labels=("transport", "", "自定"), number=5, share=0.417)
    zh, en = told.message(Language.ZH, CITY), told.message(Language.EN, CITY)

    if code == "alike":
        assert zh.startswith("42% 的来件与别的来件几乎相同")
        assert en.startswith("42% of the messages are nearly the same")
    else:
        assert "交通运输、（空）、自定" in zh
        assert "Transport, (empty), 自定" in en
    many = LessonDoubt(code="absent", labels=EVERY)
    assert f" and {len(EVERY) - 8} more" in many.message(Language.EN, CITY)
    assert f" 等另外 {len(EVERY) - 8} 个" in many.message(Language.ZH, CITY)
    assert "more" not in LessonDoubt(code="absent", labels=EVERY[:8]).message(Language.EN, CITY)


def test_look_alikes_of_a_model_of_before_were_held_out_apart() -> None:
    """It says nothing of how; its figures are too good, and that stays said of it."""
    of_before = msgspec.json.decode(b'{"code":"alike","share":0.4}', type=LessonDoubt)
    [now] = [doubt for doubt in doubts_of(_ALIKE, CITY) if doubt.code == "alike"]

    assert of_before.message(Language.EN, CITY).endswith("the figures are too good.")
    assert of_before.message(Language.ZH, CITY).endswith("所以数字偏高。")
    assert "held out together" in now.message(Language.EN, CITY)
    assert "一起留出来考" in now.message(Language.ZH, CITY)


def test_a_model_keeps_no_code_that_the_release_before_cannot_say() -> None:
    """Its page of the precision would fail for them; what is new stands in a field that they pass over."""
    kept, further = parted(doubts_of(_ALIKE, CITY))

    assert {*_codes(kept)} <= {"absent", "left-out", "few", "alike", "foreign", "one-sided"}
    assert ["few-texts"] == _codes(further)


def test_a_code_of_a_later_release_is_said_as_such() -> None:
    """After a way back, say: nothing fails for it."""
    later = LessonDoubt(code="of-later")

    assert "of a later release" in later.message(Language.EN, CITY)
    assert "更新的版本" in later.message(Language.ZH, CITY)


def test_what_a_model_does_not_know_is_told_of_the_city_as_it_is_now() -> None:
    """And not of the one of the day on which it learned; the rest stays as it was."""
    kept = (LessonDoubt(code="absent", labels=("of-then",)), LessonDoubt(code="alike", share=0.5))

    found = of_this_city(EVERY[1:], kept, CITY)
    assert [("absent", EVERY[:1]), ("alike", ())] == [(doubt.code, doubt.labels) for doubt in found]
    assert [kept[1]] == of_this_city(EVERY, kept, CITY)
