"""Advice on a reply: whether it answers this message, all of it, on what basis, and what comes next."""

import pytest

from routing.core.decisions.reply_check import Remark, check_reply
from routing.core.rules import load_rules

RULES = load_rules()
TITLE = "东湖路公交站没有站台"
TEXT = "东湖路口的公交站没有站台和雨棚，老人等车很危险。什么时候建站台？雨棚能不能一起装？"
GOOD = (
    "您好，经现场核实，东湖路口公交站因道路改造拆除了站台。根据《城市公共交通条例》，我局计划于12月底前重建站台，"
    "并同时安装雨棚。如有疑问请拨打公交热线。"
)
OTHER = "您好，经核实，您所在小学的学区划分由教育局根据《义务教育法》确定，今年招生计划已公布，请携带户口本到学校登记。"


def _remarks(response: str, title: str = TITLE, text: str = TEXT) -> set[Remark]:
    return {remark for remark, _ in check_reply(RULES, title, text, response).remarks}


def test_a_good_reply_needs_no_remark() -> None:
    """It speaks of the matter, answers both questions, names a basis and a date."""
    assert set() == _remarks(GOOD)


def test_another_messages_reply_is_noticed() -> None:
    """Its words are another message's."""
    assert Remark.OTHER_MATTER in _remarks(OTHER)
    relations = [check_reply(RULES, TITLE, TEXT, response).relation for response in (GOOD, OTHER)]
    assert relations[0] > 0.5 > relations[1]


def test_a_message_in_traditional_characters_is_the_same_matter() -> None:
    """Characters are compared, not their forms."""
    assert Remark.OTHER_MATTER not in _remarks(GOOD, "東湖路公交站沒有站臺", "東湖路口的公交站沒有站臺和雨棚")


def test_a_question_that_was_passed_over_is_named() -> None:
    """Of two questions one has an answer; of one question alone nothing is said."""
    response = "经核实，东湖路口公交站的站台和雨棚计划于12月底前一起重建。"

    found = dict(check_reply(RULES, TITLE, TEXT + "路灯坏了谁修？", response).remarks)

    assert ("路灯坏了谁修？",) == found[Remark.PARTLY]
    assert Remark.PARTLY not in _remarks("站台将于12月重建，经核实。", text="什么时候修路灯？")


@pytest.mark.parametrize(
    ("response", "remark"),
    [
        ("感谢您的关心，我局高度重视，将进一步加强东湖路公交站管理，敬请谅解。", Remark.STOCK),
        ("东湖路公交站的站台会建的，雨棚也会有的，大家不用着急，慢慢来就好了。", Remark.NO_BASIS),
        ("根据条例，东湖路公交站没有站台的情况属实，雨棚的情况也属实，特此说明。", Remark.NO_NEXT_STEP),
        ("已阅。", Remark.SHORT),
    ],
)
def test_what_a_reply_lacks_is_said(response: str, remark: Remark) -> None:
    """Stock phrases, no basis, no next step, next to no words."""
    assert remark in _remarks(response)
    assert remark not in _remarks(GOOD)


def test_an_empty_reply_breaks_nothing() -> None:
    """Nor an empty message."""
    assert Remark.SHORT in _remarks("")
    assert 0.0 <= check_reply(RULES, "", "", GOOD).relation <= 1.0


@pytest.mark.parametrize(
    "said",
    [
        "王**",
        "王*",
        "欧阳**女士",
        "Z**",
        "136****5678",
        "王*13612345678",
        "投诉人陈晓燕",
        "，**投诉人王芳**",
        "z***@example.com",
        "川A*****",
        "护照****",
        "11*************258",
        "电话13612345678",
        "滨江花园3栋1单元502",
    ],
)
def test_somebodys_name_number_or_home_is_pointed_at(said: str) -> None:
    """As it was sent or masked by then; what an office may say of itself is none."""
    assert Remark.PERSONAL in _remarks(f"{GOOD}经与{said}核实。")
    assert Remark.PERSONAL not in _remarks(f"{GOOD}请拨打12345，或依据《条例》第3条到东湖路8号办理。")


@pytest.mark.parametrize(
    "said",
    [
        "热线7*24小时值守",
        "地砖60*60厘米",
        "2.5米*3米",
        "面积3方*4",
        "**处理结果**：",
        "1.**责任单位：建设方**",
        "第3条*注",
        "长*宽*高",
    ],
)
def test_other_stars_are_nobodys(said: str) -> None:
    """They multiply, stand around what is bold, or point at a note; a name beside them is seen."""
    assert Remark.PERSONAL not in _remarks(f"{GOOD}\n{said}，已核实。")
    assert Remark.PERSONAL in _remarks(f"{GOOD}\n{said}，投诉人陈*已核实。")


def test_what_is_pointed_at_is_masked() -> None:
    """Advice repeats nobody's number."""
    found = dict(check_reply(RULES, TITLE, TEXT, f"{GOOD}电话13612345678。").remarks)

    assert ["136****5678"] == [said[-11:] for said in found[Remark.PERSONAL]]


def test_a_question_answered_in_other_words_has_its_answer() -> None:
    """修好, 修复; 能不能清理, 已清理; and nobody can answer 到底怎么回事 word by word."""
    text = "路灯不亮，什么时候能修好？占道经营能不能清理？到底怎么回事呢？学费退不退给家长？"
    response = "经核实，路灯已于11月27日修复，占道经营已由中队清理，后续每周巡查两次。"

    found = dict(check_reply(RULES, "路灯不亮", text, response).remarks)

    assert ("学费退不退给家长？",) == found[Remark.PARTLY]
