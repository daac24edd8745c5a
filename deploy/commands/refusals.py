"""One sentence instead of a traceback, where a command fails for a reason that is no defect of ours."""

import csv
import errno
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from typer.exceptions import TyperException

from deploy.access import AccessDenied
from deploy.commands.streams import is_of_halves
from deploy.local.embedded.errors import DataGone
from deploy.observability.disk import FULL
from deploy.setting_shapes import UnfitSetting
from deploy.settings import Settings, callers_language
from schemas.errors import BadInput, HuiyinError, Misconfigured, Unusable
from schemas.words import Language

#: Project choice: no other command of ours ends so.
_DATA_GONE = 4


def refuse(why: HuiyinError, *, status: int = 1) -> NoReturn:
    """Say why not on stderr, in the language of the terminal, and end with that status."""
    typer.echo(reasons_of(why) if isinstance(why, BadInput) else why.message(callers_language()), err=True)
    raise typer.Exit(status)


def refuse_as_asked(zh: str, en: str, *, status: int = 1) -> NoReturn:
    """Say in the language of the terminal what is wrong, and end with that status: for what no error of ours tells."""
    refuse(Unusable(zh=zh, en=en), status=status)


def reasons_of(error: BadInput) -> str:
    """Each wrong field with its reason, in the language of the terminal: that there are some tells nobody anything."""
    language = callers_language()
    colon, semicolon = language.choose("：", ": "), language.choose("；", "; ")
    return semicolon.join(f"{wrong.field}{colon}{wrong.message(language)}" for wrong in error.errors)


def wrong_option(zh: str, en: str, *, option: str | None = None) -> typer.BadParameter:
    """What is wrong with what was typed, in the language of the terminal: exit status 2, as for a wrong option."""
    return typer.BadParameter(callers_language().choose(zh, en), param_hint=option)


def unreadable(file: Path, error: OSError | UnicodeDecodeError | csv.Error | ValueError) -> Unusable:
    """A file that cannot be read, and why."""
    if isinstance(error, OSError):
        zh, en = _of_the_system(error, Language.ZH), _of_the_system(error, Language.EN)
    elif isinstance(error, UnicodeDecodeError):
        zh, en = "不是 UTF-8 文本", "not UTF-8 text"
    elif isinstance(error, HuiyinError):
        zh, en = error.message(Language.ZH), error.message(Language.EN)
    else:
        zh = en = str(error)
    return Unusable(zh=f"无法读取文件 {file}：{zh}", en=f"The file cannot be read: {file}: {en}")


def sentence_of(error: Exception) -> str | None:
    """One sentence with the remedy; None for a defect, whose traceback is wanted.

    Named are what we refuse, a file or folder that the system refuses, a full disk, and servers that do not answer.
    """
    # Here: only what failed waits for the clients of Kafka and Postgres.
    from aiokafka.errors import KafkaError

    from deploy.database.pool import NO_ROOM, OTHER_SCHEMA, TRANSIENT  # here: as above

    language = callers_language()
    if isinstance(error, BadInput):
        return reasons_of(error)
    if isinstance(error, HuiyinError | AccessDenied):
        return error.message(language)
    if isinstance(error, TyperException):
        return _about_what_was_typed(error, language)
    if _is_of_settings(error):
        return _about_settings(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}{language.choose('：', ': ')}{_of_the_system(error, language)}"
    if isinstance(error, NO_ROOM):
        return language.choose(
            "Postgres 所在磁盘已满：请腾出空间，其余不必处理。请看：huiyin doctor",
            "the disk that Postgres writes to is full: make room; nothing else is to be done. See: huiyin doctor",
        )
    if isinstance(error, OSError) and error.errno in FULL:
        why = _of_the_system(error, language)
        return language.choose(
            f"没有可写的空间（{why}）：请腾出空间，或写到别处。请看：huiyin doctor",
            f"no room to write ({why}): make room, or write elsewhere. See: huiyin doctor",
        )
    if isinstance(error, OSError) and error.errno == errno.EBADF:
        return unwritten_report(error)
    if _is_no_text(error):
        return language.choose(
            "输入的内容不是 UTF-8 文字：请检查终端的编码",
            "what was typed is no UTF-8 text: see the terminal's encoding",
        )
    if isinstance(error, OTHER_SCHEMA):
        return language.choose(
            f"数据库与本版本不符（{error}）：请运行 huiyin migrate，或重新启动 huiyin up。请看：huiyin doctor",
            f"the database is not this release's ({error}): run huiyin migrate, or start huiyin up anew."
            " See: huiyin doctor",
        )
    if isinstance(error, (KafkaError, *TRANSIENT)):
        name = f"{type(error).__name__}: {error}" if type(error) is OSError else type(error).__name__
        return language.choose(
            f"Kafka 或 Postgres 没有响应（{name}）；启动：huiyin up。请看：huiyin doctor",
            f"Kafka or Postgres does not answer ({name}); start them: huiyin up. See: huiyin doctor",
        )
    return None


def unwritten_report(error: OSError) -> str:
    """One sentence about a report that stdout did not take, whatever the command did otherwise."""
    language = callers_language()
    why = _of_the_system(error, language)
    return language.choose(f"结果没能全部写出（{why}）", f"not all of the report could be written ({why})")


def status_of(error: Exception) -> int:
    """The exit status of a command that ends with that: 2 where a setting or what was typed cannot be used, as for a
    wrong option.

    4 where data is gone from under a city: whatever starts it again by itself must not, for it would begin with none.
    """
    if isinstance(error, TyperException):
        return error.exit_code
    if isinstance(error, DataGone):
        return _DATA_GONE
    return 2 if isinstance(error, Misconfigured) or _is_of_settings(error) or _is_no_text(error) else 1


def _of_the_system(error: OSError, language: Language) -> str:
    """Why the system refuses; where there are no words for it here, its own."""
    said = error.strerror or str(error)
    return language.choose(_SYSTEM_ZH.get(error.errno or 0, said), said)


#: By the number of the error; the system's own English says the same.
_SYSTEM_ZH: Mapping[int, str] = {
    errno.ENOENT: "没有这个文件或文件夹", errno.EACCES: "没有权限", errno.EPERM: "不允许", errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "不是文件夹", errno.EEXIST: "已经存在", errno.EROFS: "只读，不能写入", errno.ENOSPC: "存储空间已满",
    errno.EDQUOT: "超出磁盘配额", errno.EFBIG: "文件过大", errno.EBADF: "输出已关闭", errno.EIO: "读写出错",
}  # fmt: skip


def _about_what_was_typed(error: TyperException, language: Language) -> str:
    """What is wrong with options or arguments, and how to learn what they are."""
    said = _plainly(error.format_message())
    context = getattr(error, "ctx", None)
    help_ = f"{context.command_path} --help" if context else "huiyin --help"
    if language is Language.ZH:
        return f"{_typed_zh(said)}；用法请看：{help_}"
    said = said.rstrip(".")
    return f"{said}{'' if said.endswith('?') else '.'} See: {help_}"


def _plainly(said: str) -> str:
    """Without what the command line's library says to programmers."""
    # A choice stands on a line of its own.
    said = " ".join(_OF_PROGRAMS.sub("", said, count=1).split())
    for code, written in _DATE_CODES.items():
        said = said.replace(code, written)
    return said


_OF_PROGRAMS = re.compile(r"(?:Value error|Assertion failed), ")
_DATE_CODES: Mapping[str, str] = {"%Y-%m-%d": "YYYY-MM-DD"}


def _typed_zh(said: str) -> str:
    """Of the command line's library the sentence in Chinese; one that has no words here stays as it is."""
    if (outer := _INVALID.fullmatch(said)) is not None:
        named = f"{outer['what']} " if outer["what"] else ""
        return f"{named}的值不可用：{_typed_zh(outer['why'])}" if named else _typed_zh(outer["why"])
    for english, zh in _TYPED_ZH:
        if (found := english.match(said)) is not None:
            return zh.format(*(_QUOTED_NEXT.sub(r"\1", group) for group in found.groups()))
    return said


#: Its name is quoted, and may be followed by `(env var: 'NAME')`.
_INVALID = re.compile(
    r"Invalid value(?: for (?P<what>(?:'[^']*'(?: / )?)+|.+?)(?: \(env var: [^)]*\))?)?: (?P<why>.*)",
    re.DOTALL,
)
#: Between two of a list of quoted names, whose outer quotation marks the patterns take off.
_QUOTED_NEXT = re.compile(r"['\"](, | / )['\"]")
#: By how the library's sentence begins.
_TYPED_ZH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(english, re.DOTALL), zh)
    for english, zh in (
        (r"No such option: (\S+) \(Possible options: (.+)\)", "没有选项 {0}（是否为：{1}）"),
        (r"No such option: (\S+)", "没有选项 {0}"),
        (r"No such command ['\"](.+?)['\"]\. Did you mean ['\"](.+)['\"]\?", "没有命令 {0}（是否为：{1}）"),
        (r"No such command ['\"](.+)['\"]", "没有命令 {0}"),
        (r"Missing command", "缺少命令"),
        (r"Missing (?:argument|option|parameter) '(.+?)'\.", "缺少 {0}"),
        (r"Option (\S+) requires an argument", "选项 {0} 需要一个值"),
        (r"Option (\S+) does not take a value", "选项 {0} 不带值"),
        (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", "多余的参数：{0}"),
        (r"(?:file|dir|path) (.+) does not exist", "{0} 不存在"),
        (r"(?:file|dir|path) (.+) is a directory", "{0} 是文件夹"),
        (r"(?:file|dir|path) (.+) is a file", "{0} 是文件"),
        (r"(?:file|dir|path) (.+) is not readable", "{0} 不可读"),
        (r"(?:file|dir|path) (.+) is not writable", "{0} 不可写"),
        (r"(.+) is not one of '(.+)'\.", "{0} 应为以下之一：{1}"),
        (r"Input should be a valid integer", "应为整数"),
        (r"Input should be a valid number", "应为数字"),
        (r"Input should be a finite number", "应为有限的数"),
        (r"Input should be a valid boolean", "应为 true 或 false"),
        (r"Input should be a valid UUID", "应为 UUID"),
        (r"Input should be a valid (?:date|datetime)\b", "应为日期"),
        (r"Input should be a valid string", "应为文字"),
        (r"Input should be greater than or equal to (\S+)", "不得小于 {0}"),
        (r"Input should be less than or equal to (\S+)", "不得大于 {0}"),
        (r"Input should be greater than (\S+)", "必须大于 {0}"),
        (r"Input should be less than (\S+)", "必须小于 {0}"),
        (r"Input should be (.+)", "应为：{0}"),
        (r"Unable to parse input string as an integer", "数字过长"),
        (r"(.+) is not in the range (.+)\.", "{0} 不在此范围内：{1}"),
        (r"(.+) does not match the formats? '(.+)'\.", "{0} 不是日期，写法应为 {1}"),
        (r"Value (.+) is not a valid (.+)\.", "{0} 不是有效的 {1}"),
    )
)


def _is_no_text(error: Exception) -> bool:
    """Bytes of another encoding were typed: Python keeps them as halves of characters, which nobody can write down."""
    # What another encoding has no sign for is a defect of ours.
    causes = [each for each in (error, error.__cause__) if isinstance(each, UnicodeEncodeError)]
    return any(is_of_halves(each) for each in causes)


def _is_of_settings(error: Exception) -> bool:
    return isinstance(error, SettingsError) or (
        isinstance(error, ValidationError) and error.title == Settings.__name__
    )


def _about_settings(error: Exception) -> str:
    """Which of them, and what they should be; what was given stays out of it, since it may be a secret."""
    language = callers_language()
    if isinstance(error, ValidationError):
        said = [
            f"{_variable(str(each['loc'][0]))}: {_should_be({**each}, language)}"
            for each in error.errors()
            if each["loc"]
        ]
    else:
        said = [_about_json(str(error), language)]
    more = language.choose("各项设置见", "see")
    return f"{'; '.join(said)}; {more} docs/settings.md"


def _about_json(said: str, language: Language) -> str:
    """Of one that has to be JSON and is not: the library names the field alone."""
    named = _FIELD.search(said)
    if named is None:
        return said
    should = language.choose('应为 JSON 对象，如 {"名称": "密码"}', 'it is a JSON object, {"name": "secret"}')
    return f"{_variable(named[1])}: {should}"


def _should_be(fault: Mapping[str, Any], language: Language) -> str:
    """What the value should be; of a kind of fault that has no words here the library's own."""
    facts = fault.get("ctx", {})
    if isinstance(unfit := facts.get("error"), UnfitSetting):
        return language.choose(f"应为 {unfit.shape.zh}", f"it is {unfit.shape.en}")
    zh, said = _SHOULD_BE_ZH.get(fault["type"]), str(fault["msg"])
    return language.choose(said if zh is None else zh.format(**facts), said)


#: By pydantic's names of the faults; its own English says the same.
_SHOULD_BE_ZH: Mapping[str, str] = {
    "int_parsing": "应为整数", "int_from_float": "应为整数", "float_parsing": "应为数字", "finite_number": "应为有限的数",
    "bool_parsing": "应为 true 或 false", "greater_than_equal": "不得小于 {ge}", "less_than_equal": "不得大于 {le}",
    "greater_than": "必须大于 {gt}", "literal_error": "应为以下之一：{expected}",
    "string_pattern_mismatch": "应符合 {pattern}", "dict_type": '应为 JSON 对象，如 {{"名称": "密码"}}',
    "string_type": "应为文字",
}  # fmt: skip
_FIELD = re.compile(r'field "(\w+)"')


def _variable(name: str) -> str:
    """The environment variable of that field, by whichever of its names it was called."""
    field = Settings.model_fields.get(name)
    alias = field.validation_alias if field is not None else None
    return alias if isinstance(alias, str) else name.upper()
