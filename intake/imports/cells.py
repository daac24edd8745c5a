"""What a cell says: clean text, or that it cannot be read."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from intake.core.contacts.dialled import UNSEEN
from schemas.simplified import simplified

#: What spreadsheet programs show where a formula failed: `#REF!`, `#BEZUG!`; LibreOffice's `Err:502` and `错误:502`; and a
#: column that is too narrow for what it holds.
_ERROR = re.compile(
    r"#[a-z/0-9_]{1,14}[!?]|#n/a(?: n/a)?|#getting_data|#loading\.\.\.|#(?:名称|值|引用|数值|无效)[!?]"
    r"|(?:err|错误):\d{3}|#{3,}"
)
#: How any of them begins, as most cells do not.
_ERRORS_BEGIN = "#＃eEｅＥ错"
#: A formula that a program wrote out instead of its result: a function, a cell, or a cell of another sheet.
#: Behind the last bracket stands no Chinese: no other bracket is looked behind, of which a cell may hold thousands.
_FORMULA = re.compile(
    r"=\s*[+\-]?(?:[a-z_][a-z0-9_.]{0,40}\(.*\)[^)\u4e00-\u9fff]*|(?:[^!=，。]{1,40}!)?\$?[a-z]{1,3}\$?\d{1,7}(?:[:&+\-*/^,].*)?)",
    re.IGNORECASE | re.DOTALL,
)
#: A character that XML cannot hold, as workbooks write it (ECMA-376 Part 1 §22.9.2.19, `ST_Xstring`).
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_UNDERSCORE = 0x5F
#: A number with more digits than a spreadsheet keeps: IEEE 754 doubles hold 15 of any decimal number.
SPREADSHEET_DIGITS = 15
#: `="0123"`, or a mark before it that nobody sees: a name with it would be another name, which masks nothing.
_AS_TEXT = re.compile(r"=\"(.+)\"|['`]([^'`’]+)", re.DOTALL)
_DITTO = re.compile(
    r"[〃″“”\"]{1,2}|['′]{2}|(?:同|与)上(?:一?[行条件]|述|面)?(?:相同)?|同前|〃+|ditto|do\.", re.IGNORECASE
)
#: What stands in a cell that says nothing.
NOTHING = frozenset(
    (
        "", "/", "\\", "-", "--", "—", "——", ".", "无", "没有", "空", "未填", "未留",
        "未提供", "不详", "不祥", "未知", "暂无",
        "匿名", "来电显示为空", "n/a", "na", "nan", "null", "none", "nil", "undefined", "<null>", "\\n",
        "object object", "unknown", "anonymous", "(空)", "(无)", "0",
    )
)  # fmt: skip


#: How MongoDB writes an exact number in JSON (Extended JSON v2), and we where its digits alone would count as rounded.
EXACT = "$numberLong"


class ExactNumber(str):
    """The digits of a whole number that no spreadsheet ever held: zeros at its end are its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that holds something which is no value: an error, or a formula that nobody computed."""

    shown: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A cell that a merge from its left covers. `first`: the column that holds `value`, counted from 0."""

    first: int
    value: object


def error_cell(shown: str) -> Unreadable:
    """A cell whose formula failed, with what it shows."""
    return Unreadable(shown, f"单元格是错误值 {shown}", f"the cell is an error, {shown}")


def uncomputed_cell(formula: str) -> Unreadable:
    """A formula whose value was never stored: somebody must open and save the workbook."""
    return Unreadable(
        f"={formula}",
        "单元格是公式，文件中没有保存结果，请在表格软件中打开并保存后再导入",
        "the cell is a formula and the file holds no result of it: open and save it in a spreadsheet program",
    )


def lost_cell() -> Unreadable:
    """A cell whose text is not among those that the workbook keeps for all its sheets: whoever wrote it lost some."""
    return Unreadable(
        "?",
        "单元格的文字在文件中缺失，请在表格软件中核对并重新保存",
        "the text of the cell is missing in the file: look at it in a spreadsheet program and save it anew",
    )


def value_of(text: str) -> object:
    """A cell of text: what it says, or that it is an error or a formula."""
    said = text.strip()
    if said[:1] == "=" and _FORMULA.fullmatch(said):
        return uncomputed_cell(said[1:])
    if said[:1] not in _ERRORS_BEGIN:
        return text
    plain = unicodedata.normalize("NFKC", said).lower()
    return error_cell(said) if _ERROR.fullmatch(plain) else text


def unescaped(text: str) -> str:
    """`text` of a workbook, with the characters that it writes as `_x000D_`."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(escaped: re.Match[str]) -> str:
    code = int(escaped[1], 16)
    if code == _UNDERSCORE:
        return "_"
    if code in (0x09, 0x0A, 0x0D):
        return chr(code)
    return "" if code < 0x20 or 0xD800 <= code < 0xE000 else chr(code)


def text_of(value: object) -> str:
    """What a cell says, as text: spreadsheets turn telephone numbers into numbers, and break lines in their own way."""
    if value is None or isinstance(value, Unreadable | MergedCell):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number_as_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    text = _lines(str(value)).strip()
    if text[:1] in ("=", "'", "`") and (marked := _AS_TEXT.fullmatch(text)):
        return (marked[1] or marked[2]).replace('""', '"').strip()
    return text


def _number_as_text(value: float) -> str:
    if math.isfinite(value) and value.is_integer() and abs(value) < 10**SPREADSHEET_DIGITS:
        return str(int(value))
    return repr(value)


def _lines(text: str) -> str:
    while "\r\r" in text:
        text = text.replace("\r\r", "\r")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("_x000[dD]_\n?", "\n", text) if "_x000" in text else text


def says_nothing(text: str) -> bool:
    """Whether a cell of an optional field stands for none."""
    return _plain(text) in NOTHING or not text.strip("*-—/\\ .。_")


def stands_for_nothing(text: str) -> bool:
    """Whether a text is a sign that there is none, such as `无`."""
    return bool(text) and _plain(text) in NOTHING


def _plain(text: str) -> str:
    return simplified(UNSEEN.sub("", text).strip().strip("()（）[]【】").lower())


def is_ditto(text: str) -> bool:
    """Whether it stands for what the row above says, as in a handwritten list."""
    return bool(_DITTO.fullmatch(text.strip()))


def is_rounded(value: object) -> bool:
    """Whether a number may have lost digits: an exponent, or more digits than a spreadsheet keeps."""
    if isinstance(value, ExactNumber):
        return False
    if isinstance(value, float | int) and not isinstance(value, bool):
        return not math.isfinite(value) or abs(value) >= 10**SPREADSHEET_DIGITS
    text = "".join(str(value).split()).lstrip("'")
    if re.fullmatch(r"[+-]?\d+(?:[.,．]\d*)?[eEｅＥ][+-]?\d+", text):
        return True
    return bool(re.fullmatch(r"\d{17,}", text)) and not text[SPREADSHEET_DIGITS:].strip("0")
