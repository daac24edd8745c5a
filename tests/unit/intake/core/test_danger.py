"""Whom to call at once, by what a message says."""

import re
from importlib import resources

import pytest

from intake.core.danger import LINES, EmergencyLine, lines_for
from schemas.wording import PLAIN


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
