"""Whether an unknown field of a body, or column of a list, asks for secrecy by its name and value."""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from intake.core.plain_words import may_be_named, plain_word
from schemas.json_names import names_in, pieces_of
from schemas.simplified import simplified

#: In a field's or column's name: whatever it is called in full, it may ask for secrecy. What asks whether somebody has read
#: our rules on privacy does not.
_NAMES = re.compile(
    "保密|涉密|密级|匿名|隐私|隐去|隐名|(?:隐藏|隐匿)[^不]{0,2}(?:姓名|身份|信息|资料|联系方式|电话)|私密"
    "|(?:不|拒绝|谢绝|勿)[^不]{0,4}公开|(?<![\u4e00-\u9fff])是否隐[藏匿](?![\u4e00-\u9fff])|confiden|anonym|secre(?:t|cy)|privat|privacy|\\banon\\b|hide_?name"
)
_WHETHER = "(?:是否|能否|可否|愿意|同意|允许)"
_OF_A_PERSON = "(?:姓名|身份(?!证)|个人信息|个人资料|联系方式|电话)"
#: In a field's or column's name whose no asks for it: 是否实名, 实名举报, 是否公开姓名. What somebody is called is none.
_OPENNESS = re.compile(
    f"{_WHETHER}[^不]{{0,4}}(?:实名|署名|具名)(?!认证|注册|制)|实名(?:举报|反映|投诉|来信|信访)"
    f"|{_WHETHER}[^不]{{0,6}}(?:公开|显示|透露)[^不]{{0,6}}{_OF_A_PERSON}|{_OF_A_PERSON}[^不]{{0,4}}{_WHETHER}[^不]{{0,4}}公开"
    "|is_?real_?name|(?:(?<![a-z0-9_])|(?<![a-z])(?:is|can|may|allow|ok_?to)_?)"
    "(?:show|publish|disclose|reveal)_?(?:my_?)?(?:name|identity)"
)
#: One look for both.
_EITHER = re.compile(f"{_NAMES.pattern}|{_OPENNESS.pattern}")
_RULES = re.compile("政策|协议|条款|須知|须知|policy|terms|secretar")
#: Of the names of the second kind, those that are plainly a question: a show and a journal have a name, too.
_ASKED = re.compile(
    "[\u4e00-\u9fff]|(?<![a-z])(?:is|can|may|allow|ok_?to)_?(?:show|publish|disclose|reveal|real)"
)
#: Under the others one of these is a no, and so is what begins with one, or with a yes and says more: 人民日报 is none.
_PLAINLY_NOT = re.compile(
    "n|false|f|off|0(?:\\.0+)?|[×✗✘]|no|no,?thanks|never|don't|disagree|refused?|declined|denied|hide|hidden|anonymous|private"
    "|(?:yes|i?agree|not|[否勿仅只]|不(?![详明知见])).*|.*(?:拒绝|匿名|保密|公开|打码).*"
)
_NO = frozenset(("", "否", "不", "无", "no", "n", "false", "0", "none", "null", "公开", "不保密", "实名"))
#: Names of fields that a process remembers (project choice: a hundred times as many as one program sends).
_NAMES_KNOWN = 2048
#: The longest that is remembered (project choice: more than any that means something).
_NAME_BYTES = 100
#: The field for it; what it says is read where the body is.
_OWN = "confidential"
#: Reads names, and looks at no value.
_named = msgspec.json.Decoder(dict[str, msgspec.Raw])


def names_secrecy(name: str) -> bool:
    """Whether a field or column of this name, in lower case and in Simplified characters, asks for secrecy."""
    return bool(_NAMES.search(name)) and not _RULES.search(name)


def names_openness(name: str) -> bool:
    """Whether a field or column of this name, written so, asks if its writer may be named: a no asks for secrecy."""
    return bool(_OPENNESS.search(name)) and not names_secrecy(name)


def asks_in_field(name: str, said: str) -> bool:
    """Whether somebody who said this in a form's field of this name asks for it."""
    return _asks(simplified(name.lower()), said)


def asks_beside(raw: bytes) -> bool:
    """Whether a body has a field that asks for secrecy and is none of ours, such as `isConfidential`."""
    # Most bodies have no other names than the last had.
    pieces = pieces_of(raw)
    if pieces is not None and not any(len(name) > _NAME_BYTES or _may_ask(name) for name in names_in(pieces)):
        return False
    try:
        said = list(_fields(raw))
    except (msgspec.DecodeError, RecursionError):
        return False
    # One look at all names together: a body may have thousands.
    names = simplified("\n".join([name for name, _ in said]).lower())
    return bool(_EITHER.search(names)) and any(
        _says_so(simplified(name.lower()), value) for name, value in said if name != _OWN
    )


@lru_cache(maxsize=_NAMES_KNOWN)
def _may_ask(name: bytes) -> bool:
    """Whether a field of this name, which stands at any depth, may ask for secrecy."""
    said = name.decode(errors="replace")
    return said != _OWN and bool(_EITHER.search(simplified(said.lower())))


def _fields(raw: bytes | msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
    """The fields of a body, and those of its parts; whatever their values are, they hide no other field."""
    for name, value in _named.decode(bytes(raw).decode("utf-8-sig", errors="replace")).items():
        yield name, value
        if bytes(value).lstrip().startswith(b"{"):
            yield from _named.decode(value).items()


def _says_so(name: str, value: msgspec.Raw) -> bool:
    try:
        return _asks(name, msgspec.json.decode(value))
    except (msgspec.DecodeError, RecursionError):
        # What nobody can read protects its citizen.
        return names_secrecy(name) or names_openness(name)


def _asks(name: str, value: object) -> bool:
    """Whether a field of this name that holds this asks for secrecy."""
    if names_secrecy(name):
        return _is_yes(value)
    return names_openness(name) and _is_no(value, is_asked=bool(_ASKED.search(name)))


def _is_yes(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in _NO
    return value not in (None, False, 0) and value != []


def _is_no(value: object, *, is_asked: bool) -> bool:
    """A no, or, of what plainly asks whether they may be named, what nobody understands; nothing at all is none."""
    if isinstance(value, str):
        said = plain_word(value)
        is_told = said not in ("", "none", "null") and not may_be_named(said)
        return is_told and (is_asked or _PLAINLY_NOT.fullmatch(said) is not None)
    return value is not None and value != [] and value is not True and value != 1
