"""How a message is written: width, white space, invisible characters, and Traditional characters for matching.

Each function first looks whether there is anything to do, since most messages need nothing.
"""

import re
from functools import cache

from schemas import simplified as characters
from schemas.wording import PLAIN

_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(PLAIN)) + "]")
_AROUND_LINE_END = re.compile(r" *\n *")
#: More than one blank line between two paragraphs says no more than one.
_BLANK_LINES = re.compile(r"\n{3,}")
#: Several pictures joined into one: 👨‍👩‍👧 is a family, not three people. Between anything else a joiner hides words.
_JOINED = re.compile(
    "(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
)
_JOINER, _KEPT_JOINER = "\u200d", "\ue000"
_SPACE_RUN = re.compile(r"  +")

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


def normalised(text: str) -> str:
    """`text` as the register keeps it: half-width letters and digits, plain white space, nothing invisible."""
    if _ODD.search(text):
        text = _plain(text.replace("\r\n", "\n"))
    # Before what looks around line ends, which from each of many spaces would look at all those behind it.
    if "  " in text:
        text = _SPACE_RUN.sub(" ", text)
    if " \n" in text or "\n " in text:
        text = _AROUND_LINE_END.sub("\n", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip()


def _plain(text: str) -> str:
    """Odd characters as plain ones; the joiner within a picture stays, set aside meanwhile as one that nobody types."""
    if _JOINER not in text or not _JOINED.search(text):
        return text.translate(PLAIN)
    return _JOINED.sub(_KEPT_JOINER, text).translate(PLAIN).replace(_KEPT_JOINER, _JOINER)


def one_line(text: str) -> str:
    """`text`, normalised, its lines joined by spaces."""
    return " ".join(normalised(text).split("\n")).replace("  ", " ")


def simplified(text: str) -> str | None:
    """`text` in Simplified characters, for matching only; None where it already is."""
    if not characters.traditional().search(text):
        return None
    converted = _said_here(characters.simplified(text))
    return None if converted == text else converted


def as_said(text: str) -> str:
    """`text` as `matchable` makes it, with Taiwan's words left as they are; it has as many characters."""
    return characters.simplified(normalised(text)).lower()


def matchable(text: str) -> str:
    """`text` as searches compare it: normalised, Simplified, lower case."""
    plain = normalised(text)
    return (simplified(plain) or plain).lower()


def _said_here(text: str) -> str:
    """With the mainland's words for what only Taiwan calls otherwise."""
    words = tuple(_SAID_THERE.values())
    return _said_there().sub(lambda found: words[(found.lastindex or 1) - 1], text)


@cache
def _said_there() -> re.Pattern[str]:
    """Each in a group of its own; none stands within another but 网路, behind the longer one."""
    return re.compile("|".join(f"({word})" for word in _SAID_THERE))
