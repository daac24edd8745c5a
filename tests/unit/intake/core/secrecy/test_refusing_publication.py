"""Words that ask for secrecy outweigh a yes that was ticked; what is said of others' secrets does not."""

import msgspec
import pytest

from intake.core.registration import may_publish
from intake.core.secrecy.asked import refuses_publication
from tests.unit.intake.messages import draft, message


@pytest.mark.parametrize(
    "words",
    [
        "请不要公开我的诉求", "请勿公开", "别公开我的名字", "不要把我的信息公布", "我不同意公开答复", "路灯不亮。不同意公开",
        "请替我保密", "请保密处理", "此件不要上网", "请不要上网公开",
        "本人不愿公开。", "请不要将本件上网", "撤回同意公开", "拒绝公开我的投诉", "不要公开", "别让物业知道是我",
        "，本人撤回同意你们将本人的被公开", "不要再把本人一二三四五六七八公示",
        "Please do not publish this", "I do not want my very_long_name_of_a_complaint published",
        "I do not want this published",
    ],
)  # fmt: skip
def test_their_own_words_are_heeded(words: str) -> None:
    """In either language, wherever they stand in the message."""
    assert refuses_publication(words)
    assert not may_publish(message(draft("路灯", f"望江路的路灯不亮。{words}", publish=True)).event)


@pytest.mark.parametrize(
    "words",
    [
        "物业拒绝公开账目", "业委会不公开收支", "要求公开招标结果", "政府不公开信息", "希望公开透明", "请公开处理结果",
        "他们不愿意公开名单", "村里不公示低保名单", "请不要再拖延公开招标了", "小区账目不公开，请查",
        "不要上网课", "孩子不要上网", "让孩子不要上网",
    ],
)  # fmt: skip
def test_what_is_said_of_others_is_none(words: str) -> None:
    """People complain of what others do not publish."""
    assert not refuses_publication(words)
    assert may_publish(message(draft("路灯", words, publish=True)).event)


def test_silence_stays_a_no() -> None:
    """Whatever the words are."""
    event = message(draft("路灯", "请公开处理结果")).event

    assert not may_publish(event)
    assert not may_publish(msgspec.structs.replace(event, publish=False))
