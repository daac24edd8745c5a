"""Simplified characters, in which every list of words is written: what was written otherwise is matched in these."""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from schemas.wording import PLAIN

if TYPE_CHECKING:
    from opencc import OpenCC

#: Left alone by themselves, changed within some phrases (瞭解, 憑藉, 回覆): found by trying every pair; and 著, which
#: `said_here` changes.
_CHANGED_IN_PHRASES = "瞭藉覆沈甦哩著"
#: Of the characters of GB 2312, which are Simplified, those that conversion changes all the same: found by trying every one.
_CHANGED_IN_GB2312 = re.compile("[覆藉哩乾沈著菸薹拚捱摺吒後徵夥榘於袷麴醣麽]")

#: What Taiwan calls otherwise, by what it calls it: only what hardly means anything else on the mainland. 檔案, 執行 and
#: 資料 stay as they are, and 專案組 is the police's own. Each becomes as many characters: what matched is marked by place.
#: Guards name what stands beside the same characters where two other words meet (便捷|運輸, 隊列|印, 軟|體育), and leave
#: what is common there: 執行|程式, 合併|列印, 收集|資訊.
_SAID_THERE = {
    "伺服器(?![材皿])": "服务器", "(?<!复)印表机": "打印机", "(?<![队排系陈])列印(?![刷章象度])": "打印",
    "专案(?![组件例卷情])": "项目", "幼稚园(?![丁林艺])": "幼儿园", "(?<![便敏快迅简])捷运(?![输动送货])": "地铁",
    "停车格(?!外(?![面围侧边])|[局式斗调])": "停车位", "(?<!旅行)社群(?![众体发殴聊])": "社区",
    "(?<![工流课章议规])(?<!(?<!通)过)(?<!(?<!安)全)(?<!(?<![官三])方)程式(?!样)": "程序",
    "(?<!精)简讯(?!问)": "短信", "(?<![强坚生僵])(?<!(?<!不)过)硬体(?![育质])": "硬件", "网际网路": "互联网络",
    "(?<![电管丝])网路(?![线面段口灯边])": "网络", "(?<![左右双])脚踏车(?![门窗身板盖尾])": "自行车",
    "计程车(?![次间])": "出租车", "(?<!审)(?<!(?<![交沟普开])通)讯息": "消息",
    "(?<![投薪])(?<!(?<![员劳志社移施职])工)资讯(?![问息])": "信息",
    "(?<![柔松疲酥])软体(?![育操床]|动物|家具)": "软件",
    # There 著 is written for 着, but not in 著名 or 显著.
    "(?<![专卓原名合土巨拙显昭编论译])著(?![书作名录称者述])": "着",
}  # fmt: skip


def simplified(text: str) -> str:
    """The text in Simplified characters, each as one character: what matched is marked by place."""
    return text if is_simplified(text) or not traditional().search(text) else str(_converter().convert(text))


def as_read(text: str) -> str:
    """What any text that people wrote is read as: Simplified, Taiwan's words as ours; in Traditional text alone."""
    return said_here(str(_converter().convert(text))) if traditional().search(text) else text


def as_matched(word: str) -> str:
    """A city's word as messages are matched: half-width, nothing that cannot be seen, Simplified characters, our words.

    As of a message, Taiwan's words are read in Traditional text alone.
    """
    return readings_of(word)[-1]


def readings_of(word: str) -> tuple[str, ...]:
    """All that a city's word is in messages: Taiwan's as a Simplified message says it, and `as_matched`."""
    plain = word.translate(PLAIN)
    if is_simplified(plain) or not traditional().search(plain):
        return (plain,)
    plain = simplified(plain)
    return tuple(dict.fromkeys((plain, said_here(plain))))


def said_here(text: str) -> str:
    """Simplified text with the mainland's words for what only Taiwan calls otherwise; it has as many characters."""
    words = tuple(_SAID_THERE.values())
    return _said_there().sub(lambda found: words[(found.lastindex or 1) - 1], text)


@cache
def _said_there() -> re.Pattern[str]:
    """Each in a group of its own; none stands within another but 网路, behind the longer one."""
    return re.compile("|".join(f"({word})" for word in _SAID_THERE))


def is_simplified(text: str) -> bool:
    """Whether conversion would change nothing, told without it: it takes a tenth of a second and 8 MB to be ready."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return _CHANGED_IN_GB2312.search(text) is None


@cache
def _converter() -> "OpenCC":
    """Characters of Hong Kong, too (衞生局), and with them those of Taiwan and of old books."""
    from opencc import OpenCC  # here: processes that read no messages do without it

    return OpenCC("hk2s")


def spellings_of(words: str) -> tuple[str, str]:
    """The characters that by themselves become one of those of `words`, and beside each what it becomes.

    Where a database replaces the former by the latter, in a text and in `words`, either is found in whichever script.
    """
    sought = {_by_itself().get(each, each) for each in words}
    others = [(one, plain) for one, plain in _by_itself().items() if plain in sought]
    return "".join(one for one, _ in others), "".join(plain for _, plain in others)


@cache
def traditional() -> re.Pattern[str]:
    """Any character that conversion would change: looking for one costs a tenth of converting."""
    return re.compile(f"[{''.join(_by_itself())}{_CHANGED_IN_PHRASES}]")


@cache
def _by_itself() -> Mapping[str, str]:
    """What each character that conversion changes by itself becomes."""
    ideographs = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    converted = _converter().convert("\n".join(ideographs)).split("\n")
    return {one: plain for one, plain in zip(ideographs, converted, strict=True) if one != plain}
