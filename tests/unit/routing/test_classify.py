"""The rules' opinion of a message."""

import math
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.core.classify import classify
from routing.core.doubts import Doubt
from routing.core.rules import load_rules
from schemas.words import Kind, Urgency

RULES = load_rules()


@pytest.mark.parametrize(
    ("category", "title", "text"),
    [
        ("transport", "公交车末班车太早", "地铁站到小区没有公交，乘客很不方便。"),
        ("urban-construction", "小区物业乱收物业费", "业主委员会多次反映，物业公司不理。"),
        ("environment", "化工厂夜间排放废气", "气味刺鼻，污染空气。"),
        ("education-culture", "小学学区划分", "孩子明年入学，学位怎么分配？"),
        ("labour", "工地拖欠农民工工资", "老板不签劳动合同，欠薪半年。"),
        ("commerce-tourism", "健身房跑路不退款", "办了会员卡，商家虚假宣传。"),
        ("health", "医院乱收检查费", "医生和护士态度差，患者排队挂号。"),
        ("land-resources", "征地补偿款没有到位", "占用耕地，土地征收没有公告。"),
        ("civil-affairs", "低保申请被拒", "残疾人家庭，民政局说不符合特困条件。"),
        ("justice", "户口迁移", "派出所说身份证和户籍材料不全。"),
        ("discipline", "村干部贪污", "套取资金，优亲厚友，弄虚作假。"),
        ("technology", "宽带网速太慢", "中国电信的光纤经常断网。"),
    ],
)
def test_plain_matters_find_their_category(category: str, title: str, text: str) -> None:
    """One example of each kind of matter, in our own words."""
    opinion = classify(RULES, title, text)

    assert category == opinion.category
    assert category == opinion.candidates[0].category


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("楼下仓库发生火灾", Urgency.EMERGENCY),
        ("没有发生火灾，只是烟很大", Urgency.NORMAL),
        ("楼道堆放杂物，有火灾隐患", Urgency.URGENT),
        ("电线老化，万一发生火灾怎么办", Urgency.URGENT),
        ("小区停水两天", Urgency.URGENT),
        ("并没有停水，只是水压低", Urgency.NORMAL),
        ("不是燃气泄漏，是下水道的味道", Urgency.NORMAL),
        ("先说没有停电，后来停电一整天", Urgency.URGENT),
        ("请问办证时间", Urgency.NORMAL),
    ],
)
def test_urgency_follows_what_really_happens(text: str, expected: Urgency) -> None:
    """Denied dangers do not count; feared ones count one level lower."""
    assert expected is classify(RULES, "", text).urgency


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请问公积金怎么提取", Kind.CONSULTATION),
        ("恳请解决农村饮水", Kind.HELP),
        ("我要投诉这家超市", Kind.COMPLAINT),
        ("实名举报某厂偷排", Kind.REPORT),
        ("建议增设公交站", Kind.SUGGESTION),
        ("特此感谢，送上锦旗", Kind.PRAISE),
        ("没什么好表扬的，公交车司机拒载", Kind.COMPLAINT),
        ("不想表扬谁，公交车司机拒载", Kind.COMPLAINT),
        ("要求表扬公交车司机", Kind.PRAISE),
        ("门口的树", Kind.HELP),
    ],
)
def test_the_kind_follows_its_cues(text: str, expected: Kind) -> None:
    """What the citizen wants, where they did not say; without a cue they want help."""
    assert expected is classify(RULES, "", text).kind


def test_the_citizens_choice_stands() -> None:
    """A kind that was given is not overruled."""
    assert Kind.PRAISE is classify(RULES, "投诉", "我要投诉", kind=Kind.PRAISE).kind


def test_a_title_counts_more_than_the_text() -> None:
    """The same words make the classification surer from the title."""
    in_title = classify(RULES, "公交", "请看一下")
    in_text = classify(RULES, "请看一下", "公交")

    assert in_title.probability > in_text.probability


def test_a_denied_topic_is_not_the_topic() -> None:
    """不是噪音 takes the word out of the sum, 没有公交 leaves it in."""
    assert not classify(RULES, "", "不是噪音").candidates
    assert "transport" == classify(RULES, "", "没有公交").category


def test_no_words_at_all_is_for_a_person() -> None:
    """Nothing to go by: no candidates, probability 0, the doubt says so."""
    opinion = classify(RULES, "一件事", "请看一下")

    assert ((), 0.0, (Doubt.NO_WORDS,)) == (opinion.candidates, opinion.probability, opinion.doubts)


def test_a_sure_opinion_needs_nobody() -> None:
    """It goes to its department by itself."""
    opinion = classify(RULES, "公交", "公交车末班车，地铁站，医院")

    assert () == opinion.doubts
    assert opinion.probability >= RULES.settings.review_below


def test_a_low_probability_is_for_a_person() -> None:
    """Two matters in one message."""
    opinion = classify(RULES, "医院和学校", "公交和工资")

    assert (Doubt.UNSURE,) == opinion.doubts
    assert opinion.probability < RULES.settings.review_below


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("对法院判决不服，学校教师工资", "诉讼"),
        ("不服仲裁裁决", "仲裁"),
        ("申请行政复议", "行政复议"),
        ("我要依申请公开文件", "信息公开"),
    ],
)
def test_matters_with_a_legal_route_are_suggested_to_be_declined(text: str, name: str) -> None:
    """A person decides, with the route at hand."""
    opinion = classify(RULES, "", text)

    assert name in opinion.outside
    assert Doubt.OUTSIDE in opinion.doubts
    assert opinion.legal_route


@pytest.mark.parametrize(
    ("text", "number"), [("楼上着火了", "119"), ("有人持刀", "110"), ("家人煤气中毒", "120")]
)
def test_emergencies_for_other_lines_are_flagged(text: str, number: str) -> None:
    """110, 119 and 120 matters go to a person at once."""
    opinion = classify(RULES, "", text)

    assert (number,) == opinion.transfer
    assert Doubt.TRANSFER in opinion.doubts


def test_a_denied_emergency_is_not_flagged() -> None:
    """没有发生火灾 calls no fire brigade."""
    assert () == classify(RULES, "", "没有发生火灾").transfer


def test_a_report_does_not_reach_the_department_that_it_names() -> None:
    """By its name in speech; no candidate suggests it, and a person decides."""
    opinion = classify(RULES, "举报城管局", "城管局收受占道经营商贩的好处，违建没人管")

    assert ("urban-management",) == opinion.accused
    assert Doubt.ACCUSED in opinion.doubts
    assert "urban-management" not in {candidate.lead for candidate in opinion.candidates}


def test_a_complaint_may_name_a_department() -> None:
    """Only reports accuse."""
    assert () == classify(RULES, "投诉噪音", "向城管局反映过").accused


def test_a_report_by_the_citizens_choice_accuses_too() -> None:
    """The citizen chose 举报; the text has no cue."""
    assert ("transport",) == classify(RULES, "", "交通局的事", kind=Kind.REPORT).accused


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="公交车工资医院学校没有不是火灾，\n万一举报城管局东湖区物业", max_size=80))
def test_probabilities_are_probabilities(text: str) -> None:
    """Between 0 and 1, falling, five at most, never more than 1 together; and somebody answers."""
    opinion = classify(RULES, "", text)
    shares = [candidate.probability for candidate in opinion.candidates]

    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1
    assert len(shares) <= 5
    assert opinion.lead in RULES.city.department
    assert opinion.category in RULES.city.category


def test_rules_pickle_as_where_they_came_from() -> None:
    """Another process reads the same files, once."""
    assert pickle.loads(pickle.dumps(RULES)) is RULES  # noqa: S301  # our own bytes


def test_a_citys_own_rules_pickle_as_its_own(tmp_path: Path) -> None:
    """And not as the shipped ones."""
    own = load_rules(tmp_path)

    assert pickle.loads(pickle.dumps(own)) is own  # noqa: S301  # our own bytes
    assert tmp_path == own.directory


def test_probabilities_follow_the_settings_formula() -> None:
    """exp(score / scale) - 1 against all shares and the unseen, to four places, downwards (settings.toml).

    Below the threshold three tenths of what that leaves open go where the characters say; a short text leans that way, too.
    """
    settings_, rest = RULES.settings, "。" * 100
    share = math.exp(settings_.decisive / settings_.probability_scale) - 1
    louder = math.exp(settings_.decisive * settings_.title / settings_.probability_scale) - 1

    for title, text, expected in (
        ("", f"公交{rest}", share / (share + settings_.probability_unseen)),
        ("公交", rest, louder / (louder + settings_.probability_unseen)),
    ):
        opinion = classify(RULES, title, text)
        if expected < settings_.review_below:
            expected += 0.3 * (1 - expected) * RULES.characters.said(title + text)["transport"]
        assert math.floor(expected * 10_000) / 10_000 == opinion.probability
        assert opinion.probability == opinion.candidates[0].probability


def test_the_words_behind_the_category_are_told_the_loudest_first() -> None:
    """Each with its weight, title and text together; of equals in order; nothing that spoke for another."""
    opinion = classify(RULES, "公交", "公交车末班车，公交，地铁，医院")

    assert "transport" == opinion.category
    assert [("公交", 9.0), ("地铁", 4.0), ("公交车", 3.0), ("末班车", 3.0)] == [
        (reason.words, reason.weight) for reason in opinion.reasons
    ]
    assert [("地铁", 8.0), ("公交车", 3.0)] == [
        (reason.words, reason.weight) for reason in classify(RULES, "地铁", "公交车").reasons
    ]


def test_each_candidate_has_the_department_that_would_lead() -> None:
    """By its own category; by the district where it is territorial; the specialist for all: of the two spoken of."""

    def leads(title: str, text: str, place: str = "") -> list[tuple[str, str | None]]:
        return [(c.category, c.lead) for c in classify(RULES, title, text, place=place).candidates[:2]]

    assert [("transport", "transport"), ("environment", "district-donghu")] == leads(
        "", "公交车，行人，路口，气味刺鼻", "东湖区"
    )
    assert [("transport", "transport"), ("environment", "environment")] == leads(
        "", "公交车，行人，路口，气味刺鼻"
    )
    assert [("urban-construction", "water"), ("education-culture", "water")] == leads(
        "小区停水", "自来水水压不足，水表坏了。学校"
    )


def test_the_categorys_own_lead_supports_its_district() -> None:
    """属地主办, by the place."""
    opinion = classify(RULES, "", "气味刺鼻", place="东湖区")

    assert ("environment", "district-donghu", ("environment",)) == (
        opinion.category,
        opinion.lead,
        opinion.supporting,
    )


def test_two_legal_routes_are_both_told() -> None:
    """One after the other, in the order of their names."""
    opinion = classify(RULES, "", "不服仲裁裁决，申请行政复议")

    assert ("仲裁", "行政复议") == opinion.outside
    assert opinion.legal_route == "".join(RULES.outside[name].legal_route for name in opinion.outside)


def test_reasons_that_are_equally_loud_stand_in_the_order_of_their_characters() -> None:
    """Whatever the order in which a set gives its words: two processes name the same eight."""
    words = [reason.words for reason in classify(RULES, "", "公交车，地铁，公交卡，出租车").reasons]
    weights = [reason.weight for reason in classify(RULES, "", "公交车，地铁，公交卡，出租车").reasons]
    pairs = sorted(zip(weights, words, strict=True), key=lambda pair: (-pair[0], pair[1]))

    assert [word for _, word in pairs] == words
    assert len(set(weights)) < len(weights)
