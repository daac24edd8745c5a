"""What a column of a file means, by the names that English and Chinese exports give it (`columns.toml`)."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

from intake.core.secrecy.fields import names_openness, names_secrecy
from schemas.errors import FieldError
from schemas.simplified import simplified

_NAMES: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(
    files("intake.imports").joinpath("columns.toml").read_text("utf-8")
)
#: What a column may be called, by what it means.
COLUMNS = _NAMES["first"]
#: What a message has one of, whatever a list has.
_ONE = frozenset(("title", "external_id", "name", "said_at"))
#: What `--map COLUMN=` says of a column that is not to be read.
UNREAD = "-"
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|「[^「」]*」|<[^<>]*>")
#: Also what nobody sees: an export from a web page leaves it between the characters.
_MARKS = re.compile(r"[\s*#:：.。、_\-\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
#: Around a question, and around the second of two columns of one name.
_NUMBER_BEFORE = re.compile(r"^(?:[0-9]+|[一二三四五六七八九十]+)(?=[、)）,，.．])|^[0-9]+(?=[^0-9a-z])")
_SIGNS = re.compile(r"[^\w]+")
_QUESTION = re.compile(
    r"^(?:必填|选填)?(?:请)?(?:填写|输入|描述|简述|留下|选择|说明)?(?:一下)?(?:您|你)?(?:的|要)?(?=..)|(?:是什么|是|为|吗|[0-9一二三]|(?:非?必填|选填|必录)项?|required|optional)+$"
)
#: Whose telephone, name or address for letters it is: whoever wrote, called or reported, and nobody who works on it.
_WHOSE = re.compile(
    "(?:(?:来电|来访|来信|写信|留言|反映|反应|诉求|投诉|举报|求助|咨询|报案|申请|提交|联系|联络)(?:人员?|者)|市民|群众|客户|用户)的?"
    "|(?:备用|备选|其[他它]|第[二三]|另一)(?=.*(?:电话|手机|联系方式|号码))"
)
#: Of these, those that are called only where there is no other, wherever their column stands.
_SPARE = re.compile("备用|备选|其[他它]|第[二三]|另一")
#: What is read of them: anything else of theirs is none of the message's.
_OF_WHOM = frozenset(("name", "phone", "email"))
_BETWEEN = re.compile(r"[/|\s]+")
#: Also nothing, where one script ends and the other begins: `Content内容`.
_BETWEEN_SCRIPTS = re.compile(r"[/|\s]+|(?<=[A-Za-z.])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[A-Za-z])")


def _plain(column: str) -> str:
    """A column's name without what spreadsheets put around it."""
    name = simplified(unicodedata.normalize("NFKC", column).lower())
    if plain := _MARKS.sub("", _BRACKETED.sub("", name)):
        return plain
    # All of it stands in brackets: what the first of them hold is its name, `【内容】(必填)`.
    first = _BRACKETED.search(name)
    return _MARKS.sub("", first[0] if first else name).strip("()[]【】「」<>")


def _by_name(columns: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    return {_plain(name): meaning for meaning, names in columns.items() for name in names}


_FIRST = _by_name(COLUMNS)
_FIELDS = {**_by_name(_NAMES["second"]), **_FIRST}


def is_called(column: str, name: str) -> bool:
    """Whether this is the column that somebody named."""
    return name == column or _plain(name) == _plain(column)


class Cell(NamedTuple):
    """What stands in one column of a row: the column's name, what it means, what it holds."""

    column: str
    field: str | None
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A row as it stands in its file. `number`: of its line there; `wrong`: why it can be no message."""

    sheet: str
    number: int
    cells: Sequence[Cell]
    wrong: Sequence[FieldError] = ()
    #: What somebody should know of it all the same.
    notes: Sequence[FieldError] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """What columns mean: as they are usually called, unless somebody said otherwise (`--map`)."""

    said: Mapping[str, str] = field(default_factory=dict)

    def field_of(self, column: str) -> str | None:
        """What this column holds; None for one that we have no use for."""
        for name, meaning in self.said.items():
            if is_called(column, name):
                return None if meaning == UNREAD else meaning
        return field_of(column)

    def fields_of(self, columns: Iterable[str]) -> Mapping[str, str | None]:
        """What each of a list's columns holds; one of a second name nothing, where another holds the one thing."""
        fields = {column: self.field_of(column) for column in columns}
        several = {field for field, times in Counter(fields.values()).items() if times > 1} & _ONE
        second = {column for column, field in fields.items() if field in several and self._is_second(column)}
        known = {field for column, field in fields.items() if column not in second}
        return {
            column: None if column in second and field in known else field for column, field in fields.items()
        }

    def _is_second(self, column: str) -> bool:
        return not any(is_called(column, name) for name in self.said) and _is_second(column)


#: Nobody said anything of any column.
AS_USUAL = Columns()


def field_of(column: str) -> str | None:
    """What a column holds, by its usual names; None for one that we have no use for."""
    return _field_of(column, _FIELDS, _BETWEEN_SCRIPTS) or _of_whoever_wrote(column)


def _of_whoever_wrote(column: str) -> str | None:
    """What is theirs, where the column says whose it is: `投诉人联系电话`, `来电者手机`."""
    name = _plain(column)
    whose = _WHOSE.match(name)
    return found if whose and (found := _named(name[whose.end() :], _FIELDS)) in _OF_WHOM else None


def is_spare(column: str) -> bool:
    """Whether this column holds what somebody is called on where nothing else is told: `备用电话`, `第二联系人电话`."""
    return _SPARE.match(_plain(column)) is not None


def _named(name: str, fields: Mapping[str, str]) -> str | None:
    return fields.get(name) or fields.get(_asked(name))


def _is_second(column: str) -> bool:
    """Whether nothing but a second name, or two names with nothing between, says what it holds."""
    return _field_of(column, _FIRST, _BETWEEN) is None


def _field_of(column: str, fields: Mapping[str, str], between: re.Pattern[str]) -> str | None:
    name = _plain(column)
    if not name:
        return None
    if (found := _named(name, fields)) is not None:
        return found
    if names_secrecy(name):
        return "confidential"
    if names_openness(name):
        return "named"
    return _of_two_names(column, fields, between)


def _asked(name: str) -> str:
    """What a questionnaire asks for: `1、您的联系电话是？`, `📝内容`, `电话2`."""
    return _QUESTION.sub("", _SIGNS.sub("", _NUMBER_BEFORE.sub("", name)))


def _of_two_names(column: str, fields: Mapping[str, str], between: re.Pattern[str]) -> str | None:
    """Of `内容 Content` and `Phone/电话`: what both names mean, where they mean the same."""
    parts = [part for part in between.split(unicodedata.normalize("NFKC", column).strip()) if part]
    # `编号 No.`: by itself `No.` is as often a row's number in its list.
    meanings = {fields.get("编号" if (name := _plain(part)) == "no" else name) for part in parts}
    return meanings.pop() if len(parts) > 1 and len(meanings) == 1 else None
