"""Words of danger, and whom to call at once: said at every door before and after a message is sent.

Shown once too often does no harm, so a word is passed over only where a denial stands right before it (没有发生火灾), or its
clause tells of what is over, asked for or only told (去年的火灾, 电影里). What no word tells the ear hears (`DangerEar`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

import msgspec
from ahocorasick_rs import AhoCorasick

from intake.core.wording import normalised
from schemas.simplified import simplified
from schemas.words import Language


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
        "on fire(?! (?:safety|drill|exit|door|station|lane|hydrant))\\b", "gas leak",
        "smell of gas", "smell gas", "explosion", "collapse", "trapped",
        "烧起来", "烧着", "火势", "火很大", "火太大", "火好大", "火越", "大火(?!锅|车|腿|龙果|炬)", "救火", "漏煤气",
        "漏燃气", "煤气罐",
        "一氧化碳",
        "煤气的味", "煤气很", "全是煤气", "天然气味", "漏天然气", "倒了，人", "压在下面", "埋在", "被埋", "压住", "塌了",
        "塌下",
        "房子要倒", "墙要倒", "要塌", "快塌", "在塌", "下来泥石流", "山洪[^，。]{0,8}[卷冲]", "塌方[^，。]{0,8}埋",
        "压着(?:[几两一二三四]?[个名]?|工)人", "压在车",
        "压在[^，。]{0,6}下", "没跑出来", "人没出来", "人[^，。]{0,6}出不来", "人下不来(?!台)", "被卷走", "卷走了",
        "冲没了", "水已经到", "水淹了车",
        "水漫(?!到?了?(?:人行|马路|路|街|车道|绿化))", "[堤坝岸墙楼房山][^，。]{0,6}裂了口子", "透水",
        "冒顶", "氯气", "氨管", "点着了窗帘",
        "点火烧", "纵火", "倒汽油", "带着汽油",
        "泼汽油", "引着了",
        "有明火", "从楼上掉下来", "绳断", "绳子断", "脚悬", "骑在阳台", "爬到窗台", "半个身子",
        "(?:人|孩|生|他|她)[^，。]{0,4}[掉摔]下去",
        "救人啊", "水里有人", "煤炉搬进", "爆燃", "[气汽油][^，。]{0,3}管爆了", "炸弹", "ceiling[^.]{0,20} fell",
        "kids (?:are )?underneath",
        "ice is breaking",
        "water is coming over", "water is up to",
        "困在", "困电梯", "困住", "卡在电梯", "锁车里", "锁在车", "锁在屋", "掉河", "掉进", "掉到井", "掉井", "掉坑",
        "掉湖", "掉水", "落水(?!声|管|口)",
        "burning", "flames", "caught fire", "smoke coming", "full of smoke", "stuck in the lift",
        "stuck in the elevator",
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
        "烫伤", "烧伤", "被电到", "电到(?<![停送供充断来通用缺限发水家闪没]电到)", "被电击", "淹死",
        "心脏骤停", "心跳停",
        "(?:[喊敲拍]|怎么叫|[老病]人|孩子|爷爷|奶奶|[爸妈爹娘]|[他她](?!们))[^。]{0,6}没有回音",
        "[喊叫][^。]{0,6}不应(?=$|[，。！!,.\\n])",
        "(?:[喊敲拍]|怎么叫|[老病]人|孩子|爷爷|奶奶|[爸妈爹娘]|[他她](?!们))[^。]{0,6}没有动(?=$|[，。！!,.\\n])",
        "人不动了",
        "青不动了", "站不起来", "血止不住",
        "脸都紫", "脸色发[紫青]", "嘴唇发[紫青]", "昏过去", "昏睡", "掐都不醒", "翻白眼", "都吐了", "同时呕吐",
        "被蛰", "蜂蛰",
        "咬伤", "拱断", "打断了?(?:我|他|她|腿|手|肋骨|骨)", "撞[进入]人群", "撞到人", "撞了人", "躺在路", "躺在地",
        "人[^，。]{0,6}被踩",
        "触到线", "呻吟", "摔在家", "在家起不来",
        "郁唔到",
        "(?:s?he|(?:wo)?man|boy|girl|baby|child|kid|person|some(?:body|one)|mother|father|mum|mom|dad|wife|husband|friend|body)"
        "(?:'s| is| was)? not moving",
        "(?:and|lying[^.]{0,20}) not moving",
        "cannot wake", "can't wake", "whole bottle", "sleeping pills",
        "吃错药", "安眠药", "农药", "百草枯", "误食", "误服", "吞了", "蛇咬", "狗咬", "心梗", "中风(?!险|格|景)",
        "脑梗", "羊水破",
        "要生了", "救命",
        "can't breathe", "cannot breathe", "can not breathe", "heart attack", "a stroke", "choking",
        "overdose",
        "swallowed", "electrocuted",
        "not waking up", "won't wake", "passed out", "fainted",
        "in labou?r(?! disp| law| arb| contr| market| dep| insp| issue| right)", "broken leg", "snake bite",
        "seizure",
    ),
    EmergencyLine.POLICE: (
        "自杀", "自殘", "自残", "自伤", "自殺", "轻生", "不想活", "跳楼(?![机价])", "跳河", "割腕", "家暴", "被打",
        "打人", "持刀", "砍人", "上吊", "绑架", "抢劫", "行凶", "性侵", "强奸", "跳樓",
        "suicide", "kill myself", "self-harm", "being beaten", "with a knife",
        "想死", "去死(?!过)", "寻死", "自尽", "割脉", "割手腕", "从楼上跳", "从楼顶跳", "跳下去", "跳江", "跳桥", "遗书",
        "活不下去",
        "拿刀", "动刀", "带刀", "砍刀", "捅", "杀人", "杀了", "杀我", "打死", "往死里打", "在打我", "他打我", "打老婆",
        "弄死", "同归于尽", "泼硫酸", "提刀",
        "[拿挥举持抄提握][^，。]{0,4}菜刀", "菜刀[^，。]{0,6}[砍捅追杀架逼]", "刀片", "剪刀抵",
        "斧头", "枪指", "砖头砸人",
        "见人就[追砍打咬]", "围殴", "挨打",
        "按在水里", "绑走", "被绑(?!定|[在到][^，。]{0,6}(?:名下|账|号|卡))",
        "(?:[孩娃婴]|宝宝|女儿|儿子|[男女]童)[^，。]{0,8}抱走", "抱走[^，。]{0,6}(?:[孩娃婴]|宝宝|女儿|儿子)",
        "往车里塞", "拽上车",
        "拖进巷", "往巷子里拖", "被反锁在",
        "从外面锁", "对方不让走", "翻墙进来",
        "躲在衣柜", "跳娄", "想做人", "撑不住了", "找死去的", "药已经吃", "告别的话", "救救我", "救我", "离家出走",
        "挥砖头",
        "站在楼顶", "楼顶站着[^，。]{0,4}[人男女孩他她]", "人[^，。]{0,4}楼顶站着",
        "楼顶有[^，。]{0,6}[坐站]", "爬出栏杆", "栏杆外",
        "翻过去了", "[婴孩][^。]{0,10}丢在垃圾", "丢在垃圾[^，。]{0,8}[婴孩]",
        "(?:老人|老太|老汉|孩子|小孩)[^，。]{0,4}迷路", "following m[ey]\\b", "petrol at",
        "(?:wife|child|baby|kid|her|him) out of the window",
        "拐走", "拐卖", "拉上车", "闯进", "撬门", "非法拘禁",
        "被关在", "威胁我", "强暴", "猥亵", "孩子不见", "老人不见", "走失", "走丢", "失踪",
        "end my life", "want to die", "hang myself", "hanging himself", "hanging herself", "jump off",
        "jump from",
        "a knife", "a gun", "kidnap", "raped", "is beating", "beats me\\b",
        "hitting me\\b", "stabbed", "broke into", "missing child",

        "(?:(?:grand)?(?:child|son|daughter|mother|father|ma|pa)|baby|boy|girl|kid|toddler|mum|mom|dad) is missing",
        "(?:wife|husband|sister|brother|friend|student|man|woman|lady|person|somebody|someone) is missing",
        "kill himself", "kill herself", "kill me\\b",
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


def _chinese(words: Iterable[str]) -> str:
    """By their first characters they are found many times as fast as where an English word may begin, too."""
    return "|".join(sorted((word for word in words if not word.isascii()), key=len, reverse=True))


def _english(words: Iterable[str]) -> str:
    """Where a word begins: nobody is harmed who writes of what was draped."""
    longest = sorted((word for word in words if word.isascii()), key=len, reverse=True)
    return f"(?<![a-z])(?:{'|'.join(longest)})"


#: What shows each line.
SHOWN_BY: Mapping[EmergencyLine, str] = {
    line: f"{_chinese(words)}|{_english(words)}" for line, words in WORDS.items()
}
_ANY = "|".join(SHOWN_BY.values())
_SHOWN_BY = {line: re.compile(pattern) for line, pattern in SHOWN_BY.items()}
_IS_PATTERN = re.compile(r"[\\\[\](){}|?^$]")
#: What a pattern may hold that is no character of its own.
_NO_CHARACTERS = re.compile(r"\((?:[^()]|\([^()]*\))*\)\??|\[[^\]]*\](?:\{\d,\d\})?|.\?")
_BESIDE = re.compile("(?=([\u4e00-\u9fff]{2}))")


def always_in(word: str) -> str:
    """What stands wherever a Chinese word of the list does: the word, or of a pattern two characters side by side."""
    if not _IS_PATTERN.search(word):
        return word
    found: list[str] = _BESIDE.findall(_NO_CHARACTERS.sub(" ", word))
    return found[-1]


#: Of most messages none stands in them, which is found in a tenth of the time that the words take.
_ALWAYS = frozenset(always_in(word) for words in WORDS.values() for word in words if not word.isascii())


def finder_of(more: Iterable[str] = ()) -> Callable[[str], Sequence[Any]]:
    """Finds in a text in Simplified characters what any listed Chinese word has, or one of `more`."""
    return AhoCorasick(_ALWAYS.union(more)).find_matches_as_indexes


_stirs = finder_of()
_IN_ENGLISH = re.compile(_english(word for words in WORDS.values() for word in words))
_LATIN = re.compile("[a-z]{3}")
#: Characters that Simplified text is written in; not those that conversion changes (schemas/simplified.py tried every one).
_PLAIN = re.sub(
    "[覆藉哩乾沈著菸薹拚捱摺吒後徵夥榘於袷麴醣麽\\W\\d\uff21-\uff3a\uff41-\uff5a]",
    "",
    bytes(one for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for one in (row, cell)).decode(
        "gb2312", "ignore"
    ),
)
#: What has to be read before a word is found in it: English, Traditional characters, and what hides between others.
UNPLAIN = re.compile(f"[A-Za-z]['’]?[A-Za-z]|[^\\t\\n\\r -~·—…‘’“”、。《》！（），：；？{_PLAIN}]")
#: Denied words, and those that are listed behind them; not where it is asked (这不是燃气泄漏吗). JavaScript reads it, too.
DENIED = (
    rf"(?:{_DENIES}|{_DENIES_IN_ENGLISH})(?:{_ANY})(?:\s?(?:、|和|或者|或|及|与|以及|or|and)\s?(?:{_ANY}))*"
    r"(?![^。！，；.!,;\n]{0,8}[吗么嘛嗎?？])"
)
_DENIED = re.compile(DENIED)
#: Clauses, and what stands in one that tells of no danger now: what is over, asked about, paid, wished or staged; unless
#: it is now, or somebody threatens with it. Project choices, as of the lists that routing takes danger
#: back by; not its sentence: whoever is in danger tells beside it of last year, too, and thanks. JavaScript reads them.
CLAUSE = r"[^，,。！？!?；;\n]+[，,。！？!?；;]?"
OVER = (
    # Who has been gone since, or wants to die, is so now.
    r"^(?!.*(?:走失|走丢|失踪|失蹤|绑架|綁架|自[杀殺]|轻生|輕生|叫不醒)).*?(?:上个?月|上周|上次|前几天|昨天|月前|以前)|"
    r"去年|前年|年前|曾经|已痊愈|已经?[^，]{0,6}(?:救出|出院|找回)|"
    r"索赔|[赔补][偿款钱付贴助]|谁赔|赔不赔|报销|医保|险报|命钱|开店|关店|保险(?!公司|大厦|柜)|安置费|咨询|想问问|怎么维权|"
    r"建议|表扬|感谢|电影(?![院厅城公大])|电视剧|新闻(?![大中路发])|话剧|小说[里中的]|视频说|题材|告诫书|促销|隐患|一旦|万一|"
    r"容易|防止|避免|以免|预防|事故调查|调查结果|换[新装]|险些|in january|"
    r"last (?:year|month|week)|turned out|compensation|insurance|a film|a movie|i suggest"
)
NOW = (
    r"又|还在|還在|从[^，]{1,6}起|從[^，]{1,6}起|刚才|刚刚|正在|现在|此刻|今天|快来|救命|救救|救人|怎么办|怎么救|赶紧|马上|就(?:去|要|从)?[跳死自杀砍捅烧炸点]|同归于尽|"
    r"right now|now a |help me|please hurry|today"
)
#: Characters of a text that are read: whatever is refused for its length is read so far (project choice: as much as a
#: message may have).
_READ = 10_000
#: Characters of sentences with such words that are read closely; of what has more every line is told, so that no text holds
#: up anybody else (project choice: some milliseconds; a message that tells of no danger has fewer).
_READ_CLOSELY = 2000
_SENTENCE, _CLAUSE, _OVER, _NOW = (
    re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?"),
    re.compile(CLAUSE),
    re.compile(OVER),
    re.compile(NOW),
)


#: Stands for what was not read closely; in no text, since it cannot be written.
_TOO_MUCH = "\0"


class DangerEar(Protocol):
    """Tells danger that no listed word names, as it is told apart where cases are routed."""

    @property
    def stirs(self) -> Callable[[str], Sequence[Any]]:
        """What finds in a text that is not UNPLAIN any word without which nothing is listed, and hardly anything heard."""
        ...

    def hears(self, title: str, text: str, /) -> bool:
        """Whether it is, or sounds like, danger to somebody now; of the longest text within some milliseconds."""
        ...


class WordsAlone:
    """Of an installation, or a test, that has no other ear than the words here."""

    stirs = staticmethod(_stirs)

    def hears(self, _title: str, _text: str, /) -> bool:
        """Nothing beside what is listed."""
        return False


#: The ear of an installation that has no other.
WORDS_ALONE = WordsAlone()


class LineToCall(msgspec.Struct, frozen=True, kw_only=True):
    """A number that answers at once, and what it is for."""

    number: str
    text: str


def lines_for(*texts: str) -> list[EmergencyLine]:
    """Whom to call about what these texts tell, the first to be called first; none where no word of danger is in them."""
    told = normalised("\n".join(texts)[:_READ]).replace("’", "'").casefold()
    return _lines_in(told, simplified(told))


def _lines_in(told: str, simple: str) -> list[EmergencyLine]:
    # In Simplified characters, too: not every word is listed in both.
    readings = [each for each in dict.fromkeys((told, simple)) if _may_tell(each)]
    if not readings:
        return []
    said = "\n".join(map(_said, readings))
    if _TOO_MUCH in said:
        return list(EmergencyLine)
    return [line for line in EmergencyLine if _SHOWN_BY[line].search(said)]


def _may_tell(text: str) -> bool:
    if _stirs(text):
        return True
    return _LATIN.search(text) is not None and _IN_ENGLISH.search(text) is not None


def _said(text: str) -> str:
    """What may tell of danger now: without the clauses that tell of it as over, and without what is denied."""
    sentences, left = list[str](), _READ_CLOSELY
    for each in _SENTENCE.findall(text):
        if not _may_tell(each):
            continue
        left -= len(each)
        if left < 0:
            return _TOO_MUCH
        sentences.append(_CLAUSE.sub(_now_in, each))
    return "\n".join(sentences)


def _now_in(clause: re.Match[str]) -> str:
    words = clause[0]
    if not _may_tell(words):
        return words
    return "\n" if _OVER.search(words) and not _NOW.search(words) else _DENIED.sub(" ", words)


def lines_told(ear: DangerEar, title: str, text: str) -> list[EmergencyLine]:
    """Whom to call about a message: by its words, or all three lines where it takes more than words to hear danger."""
    title, text = title[:_READ], text[:_READ]
    told = normalised(f"{title}\n{text}").replace("’", "'").casefold()
    simple = simplified(told)
    if lines := _lines_in(told, simple):
        return lines
    return list(EmergencyLine) if ear.hears(title, text) else []


def lines_to_call(lines: Iterable[EmergencyLine], language: Language) -> tuple[LineToCall, ...]:
    """The lines with what they are for."""
    return tuple(LineToCall(number=line, text=language.choose(*LINES[line])) for line in lines)


def call_first(lines: Iterable[LineToCall], language: Language) -> str:
    """One sentence for whatever has no room for a list; empty where nobody is to be called."""
    told = language.choose("；", "; ").join(line.text for line in lines)
    if not told:
        return ""
    return language.choose(
        f"有人有危险时，请立即拨打，不要等答复：{told}。",
        f"If anybody is in danger, call at once; do not wait for an answer: {told}.",
    )
