"""Rows and sheets of a list that are no messages: totals, signatures, examples, instructions."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from intake.imports.cells import text_of
from intake.imports.worksheet import Line
from schemas.errors import FieldError
from schemas.simplified import simplified

#: Of a sheet that explains how another one is filled in: columns that no list of messages has.
_EXPLAINING = frozenset(
    (
        "字段", "字段名", "字段名称", "列名", "填写说明", "填写要求", "填写示例", "示例", "是否必填", "必填",
        "field", "field name", "column", "example",
    )
)  # fmt: skip
#: What such a sheet, or one of words to choose from, is called.
_EXPLAINING_SHEET = re.compile(
    r"(?:填[写报表制]|导入|录入|使用|操作|模板|表格|字段)*(?:说明|须知|要求|指南|指引|注意事项|注意|提示|步骤)|字典|数据字典|下拉(?:选项|列表|框)?|选项|枚举|码表|代码表?|示例|样例|范例|模[板版]"
    r"|(?:read ?me|instructions?|notes?|options|lookups?|dictionary|example|template)",
    re.IGNORECASE,
)
#: The first cell of a line below the messages, which counts them or says who made the list. 审核 alone is how a case stands.
_FOOTER = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|总\s*数|制\s*表|填\s*表|审\s*核(?=\s*[人时日单:：]))\s*(?:人|时间|日期|单位)?\s*(?:[:：].*)?",
    re.DOTALL,
)
#: The same where the text itself comes first, and nothing else stands in the line: a count, which nobody complains with.
_COUNT_ALONE = re.compile(
    r"[（(]?(?:(?:合\s*计|总\s*计|小\s*计|总\s*数)[:：\s]*\d*\s*[件条个宗起]?|(?:以上)?共计?\s*\d+\s*[件条个宗起]|以下(?:空白|无正文)"
    r"|第\s*\d+\s*页[，,、/\s]*(?:共\s*\d+\s*页)?|\d+ rows?(?: affected| selected| in set(?: \([\d.]+ sec\))?)?)[)）。]?",
)
_MOMENT = r"[\d０-９年月日号时点分秒:：/.\-至到~ \t]{1,40}"
_OFFICE = (
    r"[^，,。；;！!？?：:]{0,20}"
    r"(?:局|办|委|处|科|室|部|厅|院|中心|街道|政府|大队|支队|系统|平台|热线|数据库|台账|报表)"
)
#: What closes a list, and may be a message where it stands elsewhere: who made the list, when, and of what.
_CLOSING = re.compile(
    rf"[（(]?(?:(?:制表|填表|审核|经办|复核)(?:人|员)?[:：]\s*(?:\w{{1,4}})?"
    rf"|(?:填报|制表|统计|导出|打印|生成|截止|截至|更新|填表|审核|复核)(?:时间|日期)[:：]\s*(?:{_MOMENT})?"
    rf"|(?:填报|制表|统计|导出|打印|填表|审核)(?:单位|部门)[:：]\s*(?:{_OFFICE})?(?:[（(]盖?章[)）])?"
    rf"|(?:数据|信息|资料)来源[:：]\s*{_OFFICE}"
    r"|(?:(?:备?注|说明)[:：]\s*)?(?:以上|本)(?:表|数据|清单|台账|统计)"
    rf"(?:截至{_MOMENT}|截止(?:到|至)?{_MOMENT}|(?:来自|来源于){_OFFICE}|由{_OFFICE}(?:自动)?(?:导出|生成|提供|填报|汇总|统计)"
    r"|仅供(?:内部|工作|领导)?(?:使用|参考|交流)|共\s*\d+\s*[件条个宗起行])(?:[，,；;]\s*仅供(?:内部|工作|领导)?(?:使用|参考|交流))?)[)）。]?",
)
#: Words of somebody who asks or complains: with one of them a line is a message, whatever else it looks like.
_ASKS = re.compile(
    r"[请望求帮催查换拆赔改漏堵坏脏臭吵乱假骗偷贪贿污罚钱没未无不别难拖欠扰噪我你您咱贵邻了吗呢啊吧谁怎]|核实|反映|处理|解决|何时|为何|如何|为什么|为啥"
    r"|(?<!维)修|(?<!城)管(?!理)|(?<!国)家|停[水电气]|投诉(?![^，。]*[台线统心])|举报(?![^，。]*[台线统心])|[!！?？]"
)
#: Lines that may close a list at most: of more than these some are messages (project choice).
_MOST_CLOSING = 8
#: No telephone number is so short, and no year of a list's rows is counted with it (project choice).
_COUNT = re.compile(r"(?:共\s*)?\d{1,6}\s*[件条个宗起]?")
#: What a template says below its header of each column: whether it must be filled in, and with what.
_OF_COLUMNS = re.compile(
    r"[（(*＊]?(?:必填|选填|非必填|可选|必选|可填|不必填|文本|文字|数字|日期|时间|required|optional|mandatory|text|string|number|date|datetime)"
    r"(?:项|型|类型|格式)?[)）*＊]?",
    re.IGNORECASE,
)
#: The same at greater length, where it says so of one column at least: `必填，1-10000字`, `11位手机号`, `格式：2026-01-31`.
_HINT = re.compile(
    r"[（(*＊]?(?:必填|选填|非必填|可选|必选|可填|不必填|required|optional)项?[)）]?[，,、;；:：/\s（(].{1,60}"
    r"|\d{1,2}位.{0,12}|(?:请|须|需)?(?:从.{1,12})?(?:填写|填入|输入|选择|下拉选择?).{0,40}|(?:格式|例如?|如|示例)[:：为].{1,40}"
    r"|不超过\s*\d+.{0,12}|(?:限\s*)?\d+\s*个?字(?:符)?(?:以内|内)?|yyyy[-/年.].{0,20}|是\s*[/／或]\s*否|自动(?:生成|编号)|系统(?:自动)?生成",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"[（(【\[]?(?:示例|样例|范例|举例|例|example|sample)\s*\d*[)）】\]]?[:：]?", re.IGNORECASE
)
_EXAMPLE_TEXT = re.compile(r"\s*[（(【\[]?(?:填写)?(?:示例|样例|范例)\s*\d*\s*(?:[)）】\]]|[:：])")
#: A line that tells how to fill in the list, where nothing else stands in it.
_HOW_TO = re.compile(
    r"(?:(?:注|说明|提示|填[表写报]说明|注意(?:事项)?)[:：].*(?:填写|填报|必填|一行|模板|删除).*"
    r"|请(?:从|在|按|勿|逐)[^。]{0,24}(?:填写|填报|录入).*)",
    re.DOTALL,
)


def aside(first: str, text: str, *, is_alone: bool, is_last: bool = False) -> FieldError | None:
    """Why a line is no message, if so.

    `first`: its first cell, empty where that is the text; `text`: what it says; `is_alone`: nothing else stands in it, or
    a count behind it; `is_last`: no message stands below it.
    """
    first, text = simplified(first), simplified(text)
    is_footer = bool(first and _FOOTER.fullmatch(first) and not _ASKS.search(first + text))
    is_footer |= is_alone and bool(_COUNT_ALONE.fullmatch(text.strip()))
    if is_footer or (is_alone and is_last and may_close(text)):
        return FieldError(
            "", "像是合计或落款，不是诉求", "it looks like a total or a signature, and is no message"
        )
    if is_alone and _HOW_TO.fullmatch(text.strip()):
        return FieldError("", "像是填表说明，不是诉求", "it tells how to fill in the list, and is no message")
    if (first and _EXAMPLE.fullmatch(first)) or _EXAMPLE_TEXT.match(text):
        return FieldError("", "像是填写示例，不是诉求", "it looks like an example, and is no message")
    return None


def may_close(text: str) -> bool:
    """Whether it says who made a list, when or of what, and asks nothing: a message that begins so goes on otherwise."""
    plain = simplified(text).strip()
    return bool(_CLOSING.fullmatch(plain)) and not _ASKS.search(plain)


def closes(line: Line) -> bool:
    """Whether it says nothing but that, and so is no message where none stands below it."""
    _, cells, _ = line
    said = [text for value in cells.values() if (text := text_of(value))]
    return len(said) == 1 and may_close(said[0])


def with_ends(lines: Iterable[Line]) -> Iterator[tuple[Line, bool]]:
    """Each line, and whether nothing stands below it but what closes the list, too, of some lines at most."""
    held: list[Line] = []
    for line in lines:
        if closes(line) and len(held) < _MOST_CLOSING:
            held.append(line)
            continue
        yield from ((each, False) for each in held)
        held = []
        yield line, False
    yield from ((each, True) for each in held)


def stands_alone(first: str, text: str, beside: Sequence[str]) -> bool:
    """Whether nothing stands in a line but its text, or one other cell; behind a text that comes first a count may stand."""
    is_counted = not first and all(_COUNT.fullmatch(one) for one in beside)
    return bool(text) + len(beside) == 1 or is_counted


def tells_of_columns(texts: Collection[str]) -> bool:
    """Whether a line says of each column whether it must be filled in, or with what."""
    plain = [text.strip() for text in texts]
    is_told = any(_OF_COLUMNS.match(text) for text in plain)
    return (
        len(plain) > 1
        and is_told
        and all(_OF_COLUMNS.fullmatch(text) or _HINT.fullmatch(text) for text in plain)
    )


def explains(sheet: str, columns: Collection[str], known: int, most: int) -> bool:
    """Whether a sheet is on how to fill in another, or lists words for it.

    `known`: its columns that we know; `most`: those of the sheet that has most.
    """
    names = {simplified(name).strip().lower() for name in columns}
    is_called_so = known < most and _EXPLAINING_SHEET.fullmatch(simplified(sheet).strip(" 　-_.0123456789"))
    return len(names) == 1 or bool(names & _EXPLAINING) or bool(is_called_so)


def stand_side_by_side(columns: Sequence[tuple[str, str | None]]) -> bool:
    """Whether a header is that of two tables beside one another: each line of it would make one message of two people's."""
    places: dict[str, list[int]] = {}
    for place, (name, meaning) in enumerate(columns):
        if meaning in ("text", "external_id", "name", "phone", "title"):
            places.setdefault(f"{meaning} {name}", []).append(place)
    twice = {name: found for name, found in places.items() if len(found) > 1}
    texts = [found for name, found in twice.items() if name.startswith("text ")]
    others = [found for name, found in twice.items() if not name.startswith("text ")]
    return any(text[0] < other[1] and other[0] < text[1] for text in texts for other in others)
