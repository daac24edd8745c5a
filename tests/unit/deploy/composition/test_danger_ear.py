"""Danger as the doors hear it: by routing's own rules, whatever is listed for the pages."""

import re
from pathlib import Path
from typing import Any

import pytest

from deploy.composition.danger_ear import RulesEar
from intake.core import danger
from intake.core.danger import UNPLAIN, WORDS, EmergencyLine, lines_for, lines_told
from routing.core import evidence
from routing.core.danger import pressing
from routing.core.rules import load_rules
from routing.core.suspicion.sentences import sentences_of
from schemas.simplified import is_simplified

RULES = load_rules()
#: Told in words that no list of the pages holds; the last one only weights hear.
_DANGERS = (
    "他说他已经爬到塔吊顶上了，谁上去他就松手",
    "小孩的手卡进绞肉机里，怎么都拉不出来",
    "保姆把娃娃一个人留在晒得滚烫的车子里",
    "井盖没了，一个小姑娘踩空下去看不到人",
)
_WHO = ("孩子", "老人", "有人", "我妈", "一个男子")
_BEFALLS = (
    "掉进河里了",
    "站在窗台外面",
    "从楼上跳下来",
    "卡在机器里",
    "不动了",
    "喘不上气",
    "锁在车里",
    "满头是血",
)
_HELD_OUT = [
    each.text
    for each in sentences_of(
        (Path(__file__).parents[2] / "routing" / "held_out_dangers.txt").read_text(encoding="utf-8")
    )
    if each.is_meant
]
_PATTERN = re.compile(r"[\\\[\](){}|?^$]")
#: What each kind of pattern among the words finds.
_OF_PATTERNS = (
    "山洪把桥卷走", "塌方把路埋", "压着几个人", "压在石头下", "人还在里面出不来", "孩子从窗口掉下去", "喊他不应",
    "他没有动", "打断了他肋骨", "撞进人群", "人群里有人被踩", "楼顶有个人坐", "孩子迷路", "嘴唇发紫",
)  # fmt: skip
_EVERYDAY = (
    "路灯三天不亮了",
    "幼儿园报名要带什么",
    "楼上装修太吵",
    "公交车晚点半小时",
    "The library closes too early",
)


def test_danger_in_nobodys_words_is_heard() -> None:
    """And what is everyday is not."""
    ear = RulesEar(lambda: RULES)

    assert [] == [text for text in _DANGERS if not lines_told(ear, "", text)]
    assert [] == [text for text in _EVERYDAY if lines_told(ear, "", text)]
    assert [] != [text for text in _DANGERS if not lines_for(text) and lines_told(ear, "", text)]


def test_rules_are_read_when_they_are_first_asked() -> None:
    """The mailbox's process holds none of them before a letter comes; and reads them once."""
    loaded: list[int] = []

    def load() -> object:
        loaded.append(1)
        return RULES

    ear = RulesEar(load)  # type: ignore[arg-type]  # counts, and knows no more
    assert [] == loaded
    assert not ear.hears("", "路灯不亮")
    assert [1] == loaded


def test_nothing_that_is_told_passes_unread() -> None:
    """What neither `stirs` nor has to be read first (UNPLAIN) tells of no danger: neither a listed word nor a peril.

    Nor, but for seven of two hundred, what only weights hear danger in.
    """
    ear = RulesEar(lambda: RULES)
    listed = [word for words in WORDS.values() for word in words if not _PATTERN.search(word)]
    for word in (*listed, *_OF_PATTERNS):
        assert lines_for(word), word
        assert UNPLAIN.search(word) or ear.stirs(word), word
    for text in (*_DANGERS, *(f"{who}{what}" for who in _WHO for what in _BEFALLS)):
        assert ear.stirs(text) or not lines_told(ear, "", text), text
    heard = [text for text in _HELD_OUT if ear.hears("", text)]
    assert len(heard) >= 140
    assert len([text for text in heard if not (UNPLAIN.search(text) or ear.stirs(text))]) <= 7
    assert not ear.stirs("路灯三天不亮了")


@pytest.mark.parametrize(
    "text", ["頭上在冒煙", "there is a gas leak", "有人着\u200b火", "他OD了", "ｆｉｒｅ"]
)
def test_what_is_not_plain_is_read(text: str) -> None:
    """English, Traditional characters, full width, and what hides between others."""
    assert UNPLAIN.search(text)


def test_plain_text_is_what_conversion_leaves_alone() -> None:
    """So that no word is missed in a text that is not read as Simplified."""
    every = [chr(code) for code in range(0x4E00, 0xA000)]
    assert [] == [one for one in every if not UNPLAIN.search(one) and not is_simplified(one)]
    assert not UNPLAIN.search("河边第三盏路灯（3号）不亮，“谁”来修？\n谢谢！")


@pytest.mark.parametrize(
    "spot", ["自殺", "以前自杀", "去年着火，", "没有着火、", "打死我的", "着火。", "上次砍人以前"]
)
def test_no_text_takes_long(spot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may fill the longest text with words of danger taken back: few are looked at, by routing too."""
    looks: list[int] = []
    is_now = pressing.is_now

    def counted(*args: Any, **more: Any) -> bool:
        looks.append(1)
        return is_now(*args, **more)

    monkeypatch.setattr(evidence, "is_now", counted)
    text = "去年" + spot * (10_000 // len(spot))
    RulesEar(lambda: RULES).hears("", text)
    heard = len(looks)
    looks.clear()
    evidence.read(RULES, "", text)

    assert (heard <= 32, len(looks) <= 32) == (True, True)


def test_what_is_told_last_in_a_long_letter_is_heard() -> None:
    """Behind where it is read closely, and behind more past danger than anybody's words are looked at."""
    calm = "路灯坏了，没有人来修，我们天天摸黑回家。" * 250
    ear = RulesEar(lambda: RULES)

    assert not ear.hears("", calm)
    assert ear.hears("", f"{calm}现在楼里着火了，快来人")
    assert evidence.read(RULES, "", "去年着火，" * 100 + "现在三楼着火了").urgency == 2
    assert not ear.hears("", calm + "消防栓没有水。")


def test_what_was_heard_once_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is read again asks no rule again; what is kept of it are no words."""
    ear = RulesEar(lambda: RULES)
    assert ear.hears("", "三楼着火了")
    monkeypatch.setattr(ear, "_hears", lambda *_: False)

    assert ear.hears("", "三楼着火了")
    for which in range(300):
        ear.hears("", str(which))
    assert len(ear._known) <= 256


def test_of_more_danger_than_is_read_closely_every_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is taken back; and of as much that is calm nobody is told."""
    read: list[int] = []
    said = danger._now_in

    def counted(clause: re.Match[str]) -> str:
        read.append(len(clause[0]))
        return said(clause)

    monkeypatch.setattr(danger, "_now_in", counted)
    assert list(EmergencyLine) == lines_for("去年着火。" * 2000)
    assert sum(read) <= 2000
    assert [] == lines_for("去年路灯坏了。" * 1400)
