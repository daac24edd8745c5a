"""Danger as the doors hear it: by routing's own rules, whatever is listed for the pages."""

from deploy.composition.danger_ear import RulesEar
from intake.core.danger import lines_for, lines_told
from routing.core.rules import load_rules

RULES = load_rules()
#: Told in words that no list of the pages holds; the last one only weights hear.
_DANGERS = (
    "他说他已经爬到塔吊顶上了，谁上去他就松手",
    "小孩的手卡进绞肉机里，怎么都拉不出来",
    "保姆把娃娃一个人留在晒得滚烫的车子里",
    "井盖没了，一个小姑娘踩空下去看不到人",
)
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

    assert [] == [text for text in _DANGERS if not lines_told(ear, "", text, is_awaited=False)]
    assert [] == [text for text in _EVERYDAY if lines_told(ear, "", text, is_awaited=False)]
    assert [] == [text for text in _EVERYDAY if lines_told(ear, "", text)]
    assert [] != [text for text in _DANGERS if not lines_for(text) and lines_told(ear, "", text)]


def test_rules_are_read_when_they_are_first_asked() -> None:
    """The mailbox's process holds none of them before a letter comes; and reads them once."""
    loaded: list[int] = []

    def load() -> object:
        loaded.append(1)
        return RULES

    ear = RulesEar(load)  # type: ignore[arg-type]
    assert [] == loaded
    assert not ear.hears("", "路灯不亮")
    assert not ear.tells("路灯不亮")
    assert [1] == loaded
