"""Whom to call at once, by what a message says."""

import re
from importlib import resources

import pytest

from intake.core.danger import (
    LINES,
    WORDS,
    WORDS_ALONE,
    EmergencyLine,
    LineToCall,
    always_in,
    call_first,
    finder_of,
    lines_for,
    lines_to_call,
    lines_told,
)
from schemas.wording import PLAIN
from schemas.words import Language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("楼下着火了", [EmergencyLine.FIRE]),
        ("厨房有很浓的燃气味", [EmergencyLine.FIRE]),
        ("我不想活了", [EmergencyLine.POLICE]),
        ("脚手架坍塌，有人受伤", [EmergencyLine.FIRE, EmergencyLine.AMBULANCE]),
        ("There is a GAS LEAK and a man is bleeding", [EmergencyLine.FIRE, EmergencyLine.AMBULANCE]),
        ("電梯困人，還有濃煙", [EmergencyLine.FIRE]),
        ("有人墜樓，呼吸困難", [EmergencyLine.AMBULANCE]),
        ("屋裡傳來搶劫的聲音", [EmergencyLine.POLICE]),
        ("路灯不亮已有三天", []),
        ("", []),
    ],
)
def test_danger_names_its_lines(text: str, expected: list[EmergencyLine]) -> None:
    """In either field, in capitals, in Chinese and English; an ordinary matter names none."""
    assert expected == lines_for(text, "")
    assert expected == lines_for("", text)


@pytest.mark.parametrize(
    "text",
    [
        "楼道没有发生火灾，只是灯坏了", "没有燃气泄漏", "没有人受伤", "没人受伤", "无人员被困", "未发生任何爆炸",
        "不是煤气泄漏",
        "没有起火、冒烟或爆炸", "沒有發生火災和瓦斯", "尚未着火", "There is no gas leak", "nobody was injured",
        "It is not on fire", "no smoke, no explosion", "无燃气味", "並非著火", "沒有人受傷", "沒有濃煙",
    ],
)  # fmt: skip
def test_what_is_denied_calls_nobody(text: str) -> None:
    """Whoever writes that nothing burns, leaks or is hurt is not frightened with numbers."""
    assert [] == lines_for("标题", text)


@pytest.mark.parametrize(
    "text",
    [
        "有没有燃气泄漏", "是不是着火了", "这不是燃气泄漏吗", "没有火灾吗？", "不是没有着火", "并非没有火灾",
        "没有人管，着火了",
        "没有着火，燃气泄漏了", "没有冒烟但是着火了", "没有人管燃气泄漏", "有无人员被困", "没有呼吸", "无人机爆炸",
        "未成年人受伤",
        "没有着火。已经爆炸", "没有受伤，后来着火了", "There was no fire but now a gas leak", "nothing helps, gas leak",
        "is that not a gas leak?", "He is not breathing",
    ],
)  # fmt: skip
def test_only_a_plain_denial_is_one(text: str) -> None:
    """Asked, doubly denied, denied of something else, or said beside a denial: whom to call is said."""
    assert [] != lines_for("标题", text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("煤\u200b气泄漏", EmergencyLine.FIRE),
        ("孩子困电梯里了", EmergencyLine.FIRE),
        ("有人掉河里了", EmergencyLine.FIRE),
        ("我没法呼吸，快来人", EmergencyLine.AMBULANCE),
        ("老人倒在路边", EmergencyLine.AMBULANCE),
        ("孩子误服了农药", EmergencyLine.AMBULANCE),
        ("I can’t breathe", EmergencyLine.AMBULANCE),
        ("There is a man with a gun", EmergencyLine.POLICE),
        ("他拿刀闯进来了", EmergencyLine.POLICE),
        ("手碰到栏杆电到了", EmergencyLine.AMBULANCE),
        ("敲门喊老人，没有回音", EmergencyLine.AMBULANCE),
        ("喊他不应", EmergencyLine.AMBULANCE),
        ("他躺在那里没有动", EmergencyLine.AMBULANCE),
        ("He is not moving", EmergencyLine.AMBULANCE),
        ("a man lying on the road, not moving", EmergencyLine.AMBULANCE),
        ("有个婴儿被丢在垃圾桶里", EmergencyLine.POLICE),
        ("丢在垃圾桶里的是个婴儿", EmergencyLine.POLICE),
        ("他拿着菜刀", EmergencyLine.POLICE),
        ("用菜刀砍我", EmergencyLine.POLICE),
        ("孩子被人抱走了", EmergencyLine.POLICE),
        ("女孩被绑在椅子上", EmergencyLine.POLICE),
        ("楼顶站着一个男子", EmergencyLine.POLICE),
        ("a man is following me home", EmergencyLine.POLICE),
        ("the house is on fire", EmergencyLine.FIRE),
        ("水漫进屋里了", EmergencyLine.FIRE),
        ("大堤裂了口子", EmergencyLine.FIRE),
        ("蒸汽管爆了", EmergencyLine.FIRE),
        ("my husband is missing", EmergencyLine.POLICE),
        ("An old man is missing since noon", EmergencyLine.POLICE),
    ],
)
def test_danger_in_few_words_names_its_line(text: str, line: EmergencyLine) -> None:
    """As people say it in need, with marks that nobody sees and a typesetter's apostrophe."""
    assert line in lines_for("", text)


@pytest.mark.parametrize(
    "text",
    [
        "物业不打我电话",
        "小区的门被关闭了",
        "雨后地下车库被水泡了",
        "被电动车堵住了",
        "火车票怎么买",
        "油烟太大，影响睡眠",
        "停电到几点",
        "家电到货就坏了",
        "没有人被电到",
        "A manhole cover is missing",
        "多次反映没有回音",
        "投诉一个月了没有回音",
        "垃圾堆了一周没有动",
        "打电话叫他们来，他们没有回音",
        "这样处理不应。",
        "Traffic is not moving on Main Street",
        "有人把垃圾丢在垃圾桶外面",
        "路口卖菜刀的占道",
        "快递被抱走了",
        "手机号被绑在别人名下",
        "小区楼顶站着一排信号塔",
        "The following message was shown on the page",
        "the following measures",
        "a talk on fire safety, and one on fireworks",
        "污水漫到人行道",
        "路面裂了口子",
        "下水道管爆了",
    ],
)
def test_everyday_matters_call_nobody(text: str) -> None:
    """Words that hold a part of such a word."""
    assert [] == lines_for("", text)


def test_every_line_has_words_in_both_languages() -> None:
    """And its number stands in both."""
    for line in EmergencyLine:
        assert all(line in text for text in LINES[line])


def test_the_page_leaves_out_what_the_register_leaves_out() -> None:
    """Marks within a word hide it neither there nor here."""
    script = (resources.files("deploy.web.site") / "static" / "danger.js").read_text(encoding="utf-8")
    hidden = re.search(r"HIDDEN = /(.+)/g", script)
    assert hidden
    left_out = {chr(code) for code, kept in PLAIN.items() if kept is None and not 0xD800 <= code < 0xE000}

    assert left_out == {one for one in map(chr, range(0x10000)) if re.match(hidden[1], one)}


@pytest.mark.parametrize(
    "text",
    [
        "去年着火以后，消防通道一直堵着", "上周电梯困人，物业至今没有说明", "咨询火灾保险怎么赔", "游乐场的跳楼机排队太久",
        "建议在河边加护栏，避免孩子掉河里",
        "狗咬的伤口已痊愈，赔偿一直没有给", "The explosion last year broke our windows", "电影里有人持刀，孩子看了害怕",
    ],
)  # fmt: skip
def test_what_is_over_asked_about_or_only_told_calls_nobody(text: str) -> None:
    """Its clause says so."""
    assert [] == lines_for("", text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("去年也这样，刚才又着火了", EmergencyLine.FIRE),
        ("孩子昨天走失，到处找不到", EmergencyLine.POLICE),
        ("女儿昨天被人绑架", EmergencyLine.POLICE),
        ("我妈昨天失踪了", EmergencyLine.POLICE),
        ("从昨天起就想自杀", EmergencyLine.POLICE),
        ("從昨天起就想自殺", EmergencyLine.POLICE),
        ("我以前就想自杀，撑到现在", EmergencyLine.POLICE),
        ("老人像睡着一样叫不醒", EmergencyLine.AMBULANCE),
        ("他像疯了一样拿刀砍人", EmergencyLine.POLICE),
        ("上次着火的楼又着火了", EmergencyLine.FIRE),
        ("女儿上周失踪", EmergencyLine.POLICE),
        ("失踪是昨天的事", EmergencyLine.POLICE),
        ("昨天的火还在烧，浓烟很大", EmergencyLine.FIRE),
        ("建议你们快来，电梯困人", EmergencyLine.FIRE),
        ("上个月报修过。现在墙要塌了", EmergencyLine.FIRE),
        ("咨询一下，老人昏过去怎么办", EmergencyLine.AMBULANCE),
        ("去年就说过。有人往楼道里倒汽油", EmergencyLine.FIRE),
        ("有人要跳河，请尽快派人来，感谢！", EmergencyLine.POLICE),
        ("厨房煤气泄漏，存在安全隐患", EmergencyLine.FIRE),
        ("三楼着火了，后果不堪设想", EmergencyLine.FIRE),
        ("他发短信说要自杀", EmergencyLine.POLICE),
        ("我在万达电影院，放映厅着火了", EmergencyLine.FIRE),
        ("新闻大厦十二楼着火", EmergencyLine.FIRE),
        ("保险公司楼顶有人要跳楼", EmergencyLine.POLICE),
        ("老人昏迷如何处理", EmergencyLine.AMBULANCE),
        ("建议派人过来看看，有人持刀砍人", EmergencyLine.POLICE),
        ("去年就打过我，今天拿刀要杀我", EmergencyLine.POLICE),
        ("不赔钱我就跳楼", EmergencyLine.POLICE),
        ("老公又打我，以前也打，已经流血了", EmergencyLine.AMBULANCE),
        ("上个月刚修，现在墙倒了，人压在下面", EmergencyLine.FIRE),
        ("My husband beats me and last week he broke my arm, he has a knife", EmergencyLine.POLICE),
    ],
)
def test_what_happens_now_is_called_for_whatever_stands_beside_it(text: str, line: EmergencyLine) -> None:
    """The same clause says that it is now, or another one tells it; threats and thanks take nothing back."""
    assert line in lines_for("", text)


def test_every_word_is_found_by_the_characters_that_are_looked_for_first() -> None:
    """What is passed over at once could hold no word of the list: each plain word is found, and each pattern has its two."""
    for line, words in WORDS.items():
        chinese = [word for word in words if not word.isascii()]
        plain = [word for word in chinese if not re.search(r"[\\\[\](){}|?^$]", word)]
        assert [] == [word for word in plain if line not in lines_for("", f"这里{word}")]
        assert all("".join(always_in(word)) in word for word in chinese)
        assert [] == [
            word for word in words if word.isascii() and word.isalpha() and line not in lines_for(word)
        ]


class _Ear:
    """Hears what holds a word."""

    stirs = staticmethod(finder_of("吱"))

    def hears(self, title: str, text: str, /) -> bool:
        """Either word."""
        return "吱" in text or "嗡" in text


def test_what_no_word_tells_the_ear_hears_and_names_every_line() -> None:
    """Whom of them, nobody knows."""
    every = list(EmergencyLine)
    assert every == lines_told(_Ear(), "", "頭上吱吱響")
    assert every == lines_told(_Ear(), "", "头上嗡嗡响")
    assert [EmergencyLine.FIRE] == lines_told(_Ear(), "吱", "着火了")
    assert [] == lines_told(WORDS_ALONE, "", "吱")


def test_whom_to_call_is_one_sentence_where_there_is_no_list() -> None:
    """In the reader's language, every number in it; of nobody there is none."""
    for language in Language:
        told = call_first(lines_to_call(EmergencyLine, language), language)
        assert all(line in told for line in EmergencyLine)
        assert "" == call_first((), language)
    assert (
        LineToCall(number="119", text=LINES[EmergencyLine.FIRE][1])
        == lines_to_call([EmergencyLine.FIRE], Language.EN)[0]
    )


def test_what_is_too_long_to_be_taken_is_read_as_far_as_a_message_goes() -> None:
    """A refusal of a quarter of a megabyte stops nobody else."""
    assert [EmergencyLine.FIRE] == lines_told(_Ear(), "", "着火了。" + "好" * 250_000)
    assert [] == lines_told(_Ear(), "", "好" * 10_000 + "吱")
