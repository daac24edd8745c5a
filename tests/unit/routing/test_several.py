"""Whether a message holds matters of several departments: then nobody is sure of the whole."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from routing.core.classify import Classification, classify
from routing.core.doubts import Doubt
from routing.core.matters import guessed_matters
from routing.core.rules import load_rules
from routing.core.several import departments_in, joined
from tests.unit.routing.decisions.test_review import CASE
from tests.unit.routing.two_matters import ONE, ONE_NEW, TWO, TWO_NEW

RULES = load_rules()
BOTH = "路灯坏了半个月。另外，自来水水压太低，没水用。"


def _opinions(texts: Iterable[str]) -> list[Classification]:
    return [classify(RULES, "", text) for text in texts]


def _go_out(texts: Iterable[str]) -> int:
    return sum(not opinion.doubts for opinion in _opinions(texts))


def _wait_for_it(texts: Iterable[str]) -> int:
    return sum(Doubt.SEVERAL in opinion.doubts for opinion in _opinions(texts))


def test_what_is_joined_and_clearly_anothers_waits_for_a_dispatcher() -> None:
    """More than half of those that would have gone to one of their departments; of one matter hardly any waits for it."""
    assert (60, 60, 20, 20) == (len(TWO), len(ONE), len(TWO_NEW), len(ONE_NEW))
    assert _wait_for_it(TWO) > _go_out(TWO)
    assert (2, 0) == (_wait_for_it(TWO_NEW), _go_out(TWO_NEW))
    assert 0 == _wait_for_it(ONE)
    assert _wait_for_it(ONE_NEW) <= 2


def test_whose_they_are_is_said_and_the_split_offered() -> None:
    """The same departments, in the order of their matters, each with its words."""
    opinion = classify(RULES, "", BOTH)
    found = guessed_matters(RULES, replace(CASE, text=BOTH, lead=opinion.lead, protected=False, accused=()))

    assert ((Doubt.SEVERAL,), False) == (opinion.doubts, opinion.is_sure)
    assert ("urban-management", "water") == opinion.several == tuple(part.department for part in found)
    assert ["路灯坏了半个月。", "另外，自来水水压太低，没水用。"] == [part.text for part in found]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("养殖场粪水直排河里，臭气熏天。另外，养殖场的生猪检疫谁管？", "the other one supports it anyway"),
        ("电梯困人，里面有老人。另外，公交车太少，公交线路太绕。", "danger does not wait"),
        ("路灯坏了半个月。另外，希望你们尽快回复我的电话。", "the second part is nobody's by its words"),
        ("路灯坏了半个月。另外两条街的自来水管也归你们管吗", "what is joined is no matter"),
        (f"{BOTH}{'我们等了很久。' * 50}", "a long letter tells of one matter at length"),
    ],
)
def test_it_is_not_raised(text: str, why: str) -> None:
    """`why`: see there."""
    assert Doubt.SEVERAL not in classify(RULES, "", text).doubts, why


def test_whoever_is_unsure_anyway_says_only_that() -> None:
    """The reasons that there are come first; a message that accuses somebody tells nobody more than it must."""
    accusing = classify(RULES, "", f"举报城管局队长收了摊贩的钱。{BOTH}")

    assert (False, ()) == (Doubt.SEVERAL in accusing.doubts, accusing.several)


def test_what_is_joined_is_the_text_again() -> None:
    """Nothing of it is lost; a joiner begins its part."""
    assert ["\n路灯坏了半个月。", "另外，自来水水压太低，没水用。"] == joined(f"\n{BOTH}")
    assert ["停水三天，", "还有就是路灯坏了。"] == joined("停水三天，还有就是路灯坏了。")
    assert ["路边还有人摆摊。还有几家店占道。"] == joined("路边还有人摆摊。还有几家店占道。")


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了，其次数一多就没人管了",
        "水管漏了，此外墙也湿了",
        "两条街停水，另外三条街有水",
        "路灯坏了，再问就说不知道",
        "东西贵，顺便宜的也没有",
        "名额满了。还有机会吗",
        "停水了。还有三天才来水",
        "表算错了，对了账才退钱",
    ],
)
def test_what_only_begins_like_a_joiner_joins_nothing(text: str) -> None:
    """其次数 is no 其次, 另外三条街 no matter of its own."""
    assert [text] == joined(text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("小区路灯坏了三天。", "另外四号楼电梯也坏了"),
        ("小区噪音扰民。", "还有三号楼下水道堵了"),
        ("路灯坏了，", "另外六安路公交不准点"),
        ("路灯坏了。", "另外一号楼停水"),
        ("路灯坏了。", "此外地铁口垃圾成堆"),
    ],
)
def test_a_matter_of_its_own_may_begin_with_a_number(first: str, second: str) -> None:
    """四号楼 is a place, 四个 are more of the same."""
    assert [first, second] == joined(first + second)


def test_a_part_is_no_matter_where_two_departments_are_named_alike() -> None:
    """Nor where there is one part alone."""
    assert () == departments_in(RULES, "", "路灯坏了。另外，公交车和自来水都不好。", None)
    assert () == departments_in(RULES, "路灯坏了", "自来水水压太低", None)
