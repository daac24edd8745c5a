"""Words of danger, and whom to call at once: shown beside a message before and after it is sent.

Shown once too often does no harm, so a word is passed over only where a denial stands right before it (没有发生火灾).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from intake.core.wording import normalised
from schemas.simplified import simplified


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
#: Patterns that JavaScript reads, too.
WORDS: Mapping[EmergencyLine, Sequence[str]] = {
    EmergencyLine.FIRE: (
        "着火", "起火", "失火", "火灾", "冒烟", "爆炸", "燃气泄漏", "煤气泄漏", "天然气泄漏", "燃气味",
        "煤气味", "漏气", "煤气漏",
        "坍塌", "倒塌", "塌陷", "垮塌", "被困", "困人", "浓烟", "濃煙", "著火", "火災", "瓦斯", "洩漏",
        "on fire", "gas leak", "smell of gas", "smell gas", "explosion", "collapse", "trapped",
        "烧起来", "烧着", "火势", "火很大", "火太大", "火好大", "火越", "大火(?!锅|车|腿|龙果|炬)", "救火", "漏煤气",
        "漏燃气", "煤气罐",
        "一氧化碳",
        "煤气的味", "煤气很", "全是煤气", "天然气味", "漏天然气", "倒了，人", "压在下面", "埋在", "被埋", "压住", "塌了",
        "塌下",
        "困在", "困电梯", "困住", "卡在电梯", "锁车里", "锁在车", "锁在屋", "掉河", "掉进", "掉到井", "掉井", "掉坑",
        "掉湖", "掉水", "落水(?!声|管|口)",
        "burning", "flames", "caught fire", "smoke coming", "full of smoke", "stuck in the lift", "stuck in the elevator",
        "stuck in a lift", "buried", "fell into", "carbon monoxide", "smell of smoke", "locked in the car",
    ),
    EmergencyLine.AMBULANCE: (
        "受伤", "流血", "昏迷", "中毒", "没有呼吸", "触电", "溺水", "心脏病", "晕倒", "骨折", "坠楼", "窒息", "中暑",
        "呼吸困难", "大出血", "抽搐", "受傷", "觸電", "injured",
        "bleeding", "unconscious", "poisoned", "not breathing", "drowning",
        "没法呼吸", "无法呼吸", "不能呼吸", "没办法呼吸", "喘不过气", "喘不上气", "没气了", "没呼吸", "没有意识",
        "没了意识", "不省人事", "休克", "噎",
        "叫不醒", "晕过去", "晕了", "昏倒", "倒地", "倒在地", "倒在路", "吐血", "流了很多血", "全是血(?!汗)", "摔断",
        "腿断",
        "烫伤", "烧伤", "被电到", "(?<![停送供充断来通用缺限发水家闪没])电到", "被电击", "淹死",
        "吃错药", "安眠药", "农药", "百草枯", "误食", "误服", "吞了", "蛇咬", "狗咬", "心梗", "中风(?!险|格|景)",
        "脑梗", "羊水破",
        "要生了", "救命",
        "can't breathe", "cannot breathe", "can not breathe", "heart attack", "a stroke", "choking", "overdose",
        "swallowed", "electrocuted",
        "not waking up", "won't wake", "passed out", "fainted",
        "in labou?r(?! disp| law| arb| contr| market| dep| insp| issue| right)", "broken leg", "snake bite",
        "seizure",
    ),
    EmergencyLine.POLICE: (
        "自杀", "自殘", "自残", "自伤", "自殺", "轻生", "不想活", "跳楼", "跳河", "割腕", "家暴", "被打", "打人", "持刀",
        "砍人", "上吊", "绑架", "抢劫", "行凶", "性侵", "强奸", "跳樓",
        "suicide", "kill myself", "self-harm", "being beaten", "with a knife",
        "想死", "去死(?!过)", "寻死", "自尽", "割脉", "割手腕", "从楼上跳", "从楼顶跳", "跳下去", "跳江", "跳桥", "遗书",
        "活不下去",
        "拿刀", "动刀", "带刀", "砍刀", "捅", "杀人", "杀了", "杀我", "打死", "往死里打", "在打我", "他打我", "打老婆",
        "拐走", "拐卖", "拉上车", "闯进", "撬门", "非法拘禁",
        "被关在", "威胁我", "强暴", "猥亵", "孩子不见", "老人不见", "走失", "走丢", "失踪",
        "end my life", "want to die", "hang myself", "hanging himself", "hanging herself", "jump off", "jump from",
        "a knife", "a gun", "kidnap", "raped", "is beating", "beats me",
        "hitting me", "stabbed", "broke into", "missing child",
        "(?:(?:grand)?(?:child|son|daughter|mother|father|ma|pa)|baby|boy|girl|kid|toddler|mum|mom|dad) is missing",
        "(?:wife|husband|sister|brother|friend|student|man|woman|lady|person|somebody|someone) is missing",
        "kill himself", "kill herself", "kill me",
    ),
}  # fmt: skip


#: What denies a word that follows at once; after a question (有没有, 是不是) or another denial (不是没有) it denies nothing.
_DENIES = (
    r"(?<![有是否不非])(?:没有|没|沒有|沒|未|尚未|从未|无|無|不是|并非|並非|不存在)"
    r"(?:发生|發生|出现|出現|造成|引起|有|过|任何|什么|人员|人){0,3}"
)
_DENIES_IN_ENGLISH = (
    r"(?<![a-z'])(?:no|not|nobody|no one|never|without|isn't|wasn't|aren't|weren't)\s+"
    r"(?:(?:a|an|any|is|was|are|were|been|one|longer|signs? of)\s+){0,3}"
)


def _begun(word: str) -> str:
    """English words where they begin: nobody is harmed who writes of what was draped."""
    return rf"(?<![a-z]){word}" if word.isascii() else word


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(_begun, sorted(words, key=len, reverse=True)))


_ANY = _any_of(word for words in WORDS.values() for word in words)
#: What shows each line.
SHOWN_BY: Mapping[EmergencyLine, str] = {line: _any_of(words) for line, words in WORDS.items()}
_SHOWN_BY = {line: re.compile(pattern) for line, pattern in SHOWN_BY.items()}
#: Denied words, and those that are listed behind them; not where it is asked (这不是燃气泄漏吗). JavaScript reads it, too.
DENIED = (
    rf"(?:{_DENIES}|{_DENIES_IN_ENGLISH})(?:{_ANY})(?:\s?(?:、|和|或者|或|及|与|以及|or|and)\s?(?:{_ANY}))*"
    r"(?![^。！，；.!,;\n]{0,8}[吗么嘛嗎?？])"
)
_DENIED = re.compile(DENIED)


def lines_for(*texts: str) -> list[EmergencyLine]:
    """Whom to call about what these texts tell, the first to be called first; none where no word of danger is in them."""
    told = normalised("\n".join(texts)).replace("’", "'").casefold()
    # In Simplified characters, too: not every word is listed in both.
    said = "\n".join(_DENIED.sub(" ", each) for each in dict.fromkeys((told, simplified(told))))
    return [line for line in EmergencyLine if _SHOWN_BY[line].search(said)]
