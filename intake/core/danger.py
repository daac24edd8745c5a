"""Words of danger, and whom to call at once: shown beside a message before and after it is sent.

Shown once too often does no harm, so no word is weighed: who writes that nothing burns is told whom to call all the same.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class EmergencyLine(StrEnum):
    """A line that answers at once."""

    #: 火灾、泄漏、坍塌、被困
    FIRE = "119"
    #: 受伤、中毒、昏迷
    AMBULANCE = "120"
    #: 暴力、自伤
    POLICE = "110"


#: What to say of each line, in both languages.
LINES: Mapping[EmergencyLine, tuple[str, str]] = {
    EmergencyLine.FIRE: (
        "119 消防：起火、燃气泄漏、坍塌、被困",
        "119 fire brigade: fire, gas leak, collapse, somebody trapped",
    ),
    EmergencyLine.AMBULANCE: (
        "120 急救：有人受伤、中毒、昏迷",
        "120 ambulance: somebody hurt, poisoned or unconscious",
    ),
    EmergencyLine.POLICE: (
        "110 报警：有人受到伤害或想伤害自己",
        "110 police: somebody is harmed, or means to harm themselves",
    ),
}
#: Project choice: common words for the dangers that the lines above name, in the scripts and languages of our pages.
WORDS: Mapping[EmergencyLine, Sequence[str]] = {
    EmergencyLine.FIRE: (
        "着火", "起火", "失火", "火灾", "冒烟", "爆炸", "燃气泄漏", "煤气泄漏", "天然气泄漏", "燃气味",
        "煤气味", "漏气", "煤气漏",
        "坍塌", "倒塌", "塌陷", "垮塌", "被困", "著火", "瓦斯", "洩漏", "on fire", "gas leak", "smell of gas",
        "smell gas", "explosion", "collapse", "trapped",
    ),
    EmergencyLine.AMBULANCE: (
        "受伤", "流血", "昏迷", "中毒", "没有呼吸", "触电", "溺水", "心脏病", "晕倒", "骨折", "受傷", "觸電", "injured",
        "bleeding", "unconscious", "poisoned", "not breathing", "drowning",
    ),
    EmergencyLine.POLICE: (
        "自杀", "自殘", "自残", "自伤", "自殺", "轻生", "不想活", "跳楼", "跳河", "割腕", "家暴", "被打", "打人", "持刀",
        "砍人", "跳樓", "suicide", "kill myself", "self-harm", "being beaten", "with a knife",
    ),
}  # fmt: skip


def lines_for(*texts: str) -> list[EmergencyLine]:
    """Whom to call about what these texts tell, the first to be called first; none where no word of danger is in them."""
    said = "\n".join(texts).casefold()
    return [line for line in EmergencyLine if any(word in said for word in WORDS[line])]
