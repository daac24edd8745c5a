"""Whether a report is made, or only said not to be: whoever says 不举报，只是问问 needs no protection, all others do."""

from time import process_time

import pytest

from routing.core.classify import classify
from routing.core.not_meant import is_not_meant
from routing.core.rules import load_rules
from schemas.words import Kind

RULES = load_rules()
#: Eight of these ten were taken for reports. All invented.
ONLY_ASKING = (
    "不举报，想了解一下居住证怎么续",
    "我今天不是来举报的，想问图书馆开门时间",
    "这次不举报了，麻烦告诉我公交改线的通知在哪看",
    "我没打算举报，请问孕检在哪里做",
    "本人无意举报，只问一下物业费标准",
    "我们也没想举报，就想知道路什么时候修好",
    "不想举报了，请帮忙查查我的快递投诉进度",
    "我不检举谁，只是咨询医保转移",
    "现在不打算举报，想先问问流程和材料",
    "其实我没有要举报的意思，问问公积金",
)
#: Denied, and told for all that, given up under pressure, or somebody else's word. Three name no deed that a rule knows.
TOLD_ALL_THE_SAME = (
    "我不想举报，怕他们报复我儿子，但李科长真的收了钱",
    "不举报了，村主任带人来我家砸了门",
    "我们不举报，可是钱还是被会计拿走了",
    "这次不举报不行，他贪得太多",
    "没人举报是因为书记在村里一手遮天",
    "不要以为不举报你就没事，所长收红包全村都知道",
    "不举报，他就继续吃回扣",
    "我没有举报过他，他却扣我低保，非要我送礼",
    "不是不举报，是不敢",
    "我不举报了，局里领导找我谈话让我撤",
    "请问不举报的话城管收的黑钱能退吗",
    "他们劝我不举报，给了我两千块封口费",
    "我没想举报，只是想说，派出所把案子压下来收了对方的好处",
    "我们不举报了难道就让镇长把地卖光",
    "举报电话打不通，我要举报窗口收黑钱",
    "我不举报，你们自己清楚窗口那位做过什么",
    "不举报了，就想问问主任凭什么收我两千",
    "我不举报，想问问送给科长的烟能要回来吗",
    "不想举报，想了解一下怎么让城管别再收我的钱",
    "我没打算举报，只是想知道给了好处费还要等多久",
    "我不是来举报的，可是科长确实收了人家五千块",
    "不举报了，他们说再举报就让我孩子上不了学",
    "撤了举报也没用，村主任照样贪了低保款",
    "我不想告他，但他找我要了两条烟才盖章",
    "上次举报被压下来了，这次还是他收红包",
    "不是我要告，是全村人都知道书记把钱拿走了",
    "被逼着撤诉了，队长还是把补偿款吞了",
    "我没有证据，但都说所长收了老板的钱",
    "不是投诉，是反映窗口的人要好处费",
    "说是误会，其实就是他索要的，转账记录还在",
    "没有红包就不给办，窗口的人明说的",
    "不给钱不办事，执法队的人天天来要",
    "就是问问，城管收了钱不开票合法吗",
    "没人敢举报，主任把集体的地卖给自己弟弟",
    "他让我别举报，说给我退一半",
    "上次说他收钱是我误会了，收钱的是他老婆，替他收的",
    "我撤回投诉，是因为副局长威胁我",
    "不举报不行了，镇长收工程款回扣",
    "我不敢实名，不是不举报，会计把扶贫款取走了",
    "就是问问而已，警察打人归谁管，我被打了",
)
#: Reports that were made and are taken back: to show them would tell whom they accused.
TAKEN_BACK = (
    "之前举报村主任的那条撤了吧，事情弄清楚了，不是他",
    "撤销我昨天的举报，是我看错了账",
    "已经跟李所长说开了，之前的举报作废",
    "举报的事我放弃了，帮我看看身份证办好没有",
)


def _protected(texts: tuple[str, ...]) -> int:
    return sum(classify(RULES, "", text).protected for text in texts)


def test_whoever_only_asks_makes_no_report() -> None:
    """Eight of ten were protected for the word alone, and waited for a dispatcher."""
    assert 10 == len(ONLY_ASKING)
    assert _protected(ONLY_ASKING) <= 2


def test_a_denial_takes_no_protection_away() -> None:
    """As many of these as before (three name no deed that is known), and every report that was made and is taken back."""
    assert (40, 4) == (len(TOLD_ALL_THE_SAME), len(TAKEN_BACK))
    assert _protected(TOLD_ALL_THE_SAME) >= 37
    assert 4 == _protected(TAKEN_BACK)


@pytest.mark.parametrize(
    ("text", "is_no_report"),
    [
        ("我不想举报，只想问问几点下班", True),
        ("我不想举报，只想问问他凭什么收钱", False),
        ("我不想举报，你们自己清楚", False),
        ("没人举报，我只想问问", False),
        ("他让我不举报，我就想问问", False),
        ("我不举报了，他们威胁我。请问几点下班", False),
        ("我想举报，请问找谁", False),
    ],
)
def test_the_writer_must_say_so_and_only_ask(text: str, is_no_report: bool) -> None:
    """In doubt it is a report."""
    at = text.index("举报")

    assert is_no_report == is_not_meant(text, at, at + 2)


def test_who_chose_a_report_makes_one() -> None:
    """Whatever they write beside it."""
    assert classify(RULES, "", ONLY_ASKING[0], kind=Kind.REPORT).protected


def test_a_text_full_of_denials_is_read_quickly() -> None:
    """What stands around each is looked at, no more."""
    text = "，我不想举报，只想问问" * 2_000
    before = process_time()
    classify(RULES, "", text)

    assert process_time() - before < 2.0, "a floor far above what it takes, for slow machines"
