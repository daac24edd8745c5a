"""What a command says instead of a traceback, where no code of ours is to blame."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from deploy.access import AccessDenied
from deploy.observability.disk import FULL
from deploy.setting_shapes import UnfitSetting
from deploy.settings import Settings, callers_language
from schemas.errors import HuiyinError, Misconfigured
from schemas.words import Language


def refuse(why: str) -> NoReturn:
    """Say why not on stderr, and end with status 1."""
    typer.echo(why, err=True)
    raise typer.Exit(1)


def refuse_as_asked(zh: str, en: str) -> NoReturn:
    """The same in the language of the terminal."""
    refuse(callers_language().choose(zh, en))


def sentence_of(error: Exception) -> str | None:
    """One sentence with the remedy; None for a defect, whose traceback is wanted.

    Named are what we refuse, a file or folder that the system refuses, a full disk, and servers that do not answer.
    """
    from aiokafka.errors import KafkaError

    from deploy.database.pool import TRANSIENT

    if isinstance(error, HuiyinError):
        return error.message(callers_language())
    if isinstance(error, AccessDenied):
        return str(error)
    if _is_of_settings(error):
        return _about_settings(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno in FULL:
        return f"no room to write ({error.strerror}): make room, or write elsewhere. See: huiyin doctor"
    if isinstance(error, (KafkaError, *TRANSIENT)):
        return f"Kafka or Postgres does not answer ({type(error).__name__}); start them: huiyin up. See: huiyin doctor"
    return None


def status_of(error: Exception) -> int:
    """The exit status of a command that ends with that: 2 where a setting cannot be used, as for a wrong option."""
    return 2 if isinstance(error, Misconfigured) or _is_of_settings(error) else 1


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
    zh = _SHOULD_BE_ZH.get(fault["type"])
    return fault["msg"] if zh is None or language is not Language.ZH else zh.format(**facts)


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
