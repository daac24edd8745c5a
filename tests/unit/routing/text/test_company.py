"""Words that mean something else in company."""

import pytest

from routing.core.classify import classify
from routing.core.evidence import read
from routing.core.rules import load_rules
from routing.core.text.company import BEGINNING, CompanyVoice, CompanyWords, WordsInCompany

RULES = load_rules()
_LISTED = ("教师", "乡村教师", "工资", "加班工资", "体罚", "路灯")
_RULE = CompanyWords(category="school", over=("labour",), words=("教师",), beside=("工资",), unless=("体罚",))


def _weighed(rule: CompanyWords, *said: str, times: float = 1.0) -> dict[str, float]:
    scores = {"school": 3.0, "labour": 4.0, "health": 1.0}
    company = WordsInCompany([rule], _LISTED, CompanyVoice(adds=2.0, keeps=0.5))
    company.weigh(scores, {_LISTED.index(word): times for word in said})
    return scores


@pytest.mark.parametrize("said", [("教师", "工资"), ("乡村教师", "加班工资"), ("工资", "教师", "路灯")])
def test_in_company_one_is_louder_and_another_quieter(said: tuple[str, ...]) -> None:
    """By a word that holds theirs, too; who is not named by the rule keeps what was said of them."""
    assert {"school": 5.0, "labour": 2.0, "health": 1.0} == _weighed(_RULE, *said)


@pytest.mark.parametrize("said", [(), ("教师",), ("工资",), ("教师", "工资", "体罚")])
def test_alone_or_where_something_else_is_said_nothing_changes(said: tuple[str, ...]) -> None:
    """Both must stand there, and nothing of `unless`."""
    assert {"school": 3.0, "labour": 4.0, "health": 1.0} == _weighed(_RULE, *said)


def test_one_word_may_hold_both() -> None:
    """Also where they overlap in it; a category that is nowhere else is made no quieter."""
    rule = CompanyWords(category="school", over=("labour", "sport"), words=("教师",), beside=("师工资",))
    scores = {"school": 3.0, "labour": 4.0}
    company = WordsInCompany([rule], ("教师工资",), CompanyVoice(adds=2.0, keeps=0.5))
    company.weigh(scores, {0: 1.0})

    assert {"school": 5.0, "labour": 2.0} == scores


def test_what_needs_no_company_holds_by_itself() -> None:
    """Twice as loud in a title; a category that nothing spoke of is spoken of now, but none is only quieter."""
    rule = CompanyWords(category="roads", over=("school", "sport"), words=("路灯",))

    assert {"school": 1.5, "labour": 4.0, "health": 1.0, "roads": 4.0} == _weighed_new(rule)


def _weighed_new(rule: CompanyWords) -> dict[str, float]:
    scores: dict[str, float] = {"school": 3.0, "labour": 4.0, "health": 1.0, "roads": 0.0}
    WordsInCompany([rule], _LISTED, CompanyVoice(adds=2.0, keeps=0.5)).weigh(
        scores, {_LISTED.index("路灯"): 2.0}
    )
    return scores


def test_rules_hold_in_the_order_in_which_they_are_written() -> None:
    """However their words are said: what a rule makes quieter, a later one makes louder, and not the other way round."""
    quieter = CompanyWords(category="roads", over=("school",), words=("路灯",))
    louder = CompanyWords(category="school", over=(), words=("教师",))
    scores = {"school": 3.0, "roads": 0.0}
    WordsInCompany([quieter, louder], _LISTED, CompanyVoice(adds=2.0, keeps=0.5)).weigh(
        scores, {_LISTED.index("教师"): 2.0, _LISTED.index("路灯"): 1.0}
    )

    assert {"school": 5.5, "roads": 2.0} == scores


#: Messages of our own, each of which words by themselves take for another category's.
IN_COMPANY = (
    ("乡村教师的绩效工资什么时候补发", "education-culture"),
    ("独生子女父母退休后的补贴", "health"),
    ("小区业主天天被困电梯，物业不管", "commerce-tourism"),
    ("村民出行的道路坑洼多年没有修", "transport"),
    ("河边的垃圾没有人捡", "urban-construction"),
    ("菜市场门口占道经营", "urban-construction"),
    ("超市商户音响扰民", "environment"),
    ("餐厅酒楼的油烟", "environment"),
    ("天然气初装费涨价", "commerce-tourism"),
    ("事业单位招聘考试的成绩为什么不公布", "labour"),
    ("楼顶移动基站的辐射", "environment"),
    ("城区道路打通，公交车多久能走", "urban-construction"),
    ("商场的快递柜乱收费", "transport"),
)


@pytest.mark.parametrize(("title", "category"), IN_COMPANY)
def test_whose_matter_it_is_shows_in_company(title: str, category: str) -> None:
    """What the shipped rules say."""
    assert category == classify(RULES, title, "").category


def test_every_word_of_the_shipped_rules_can_be_met() -> None:
    """One that is part of no listed word is never heard, and nobody would see that."""
    assert () == RULES.company.unheard()


def test_what_is_never_met_is_named() -> None:
    """A word in either script is met as messages are read; whatever list it stands in."""
    rule = CompanyWords(
        category="school", over=(), words=("教師", "醫師"), beside=("薪水",), unless=("體罰", "体育")
    )
    company = WordsInCompany([rule], _LISTED, CompanyVoice(adds=2.0, keeps=0.5))

    assert ("醫師", "薪水", "体育") == company.unheard()


@pytest.mark.parametrize("title", ["老楼安装电梯被邻居阻挠", "我们楼想安装电梯，怎么申请"])
def test_to_build_a_lift_in_is_a_matter_of_the_building(title: str) -> None:
    """Though lifts are watched by others."""
    assert "urban-construction" == classify(RULES, title, "").category


def test_only_the_beginning_is_company() -> None:
    """In a long text all words stand somewhere; what is denied stands nowhere."""
    far = "无" * BEGINNING
    near, apart, denied = (
        read(RULES, "", text).scores["labour"]
        for text in ("教师要求补发工资", f"教师要求补发{far}工资", "说的不是教师，要求补发工资")
    )

    assert near < apart == denied
