"""The help of every command in Chinese: in the source it stands in English, beside what it is of."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from typer import rich_utils


@cache
def words() -> Mapping[str, str]:
    """The Chinese, by the English as it stands in the source."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def translate(command: Any) -> None:
    """Say the help of this command, and of those below it, in Chinese."""
    rich_utils.ARGUMENTS_PANEL_TITLE, rich_utils.OPTIONS_PANEL_TITLE = "参数", "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING, rich_utils.ENVVAR_STRING = "[默认：{}]", "[环境变量：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    rich_utils._make_rich_text = _folded(rich_utils._make_rich_text)
    for each in _every(command):
        each.help = said(each.help)
        each.get_usage = _in_chinese(each.get_usage)
        each.get_help_option = _with_help(each.get_help_option)
        for param in each.params:
            param.help = said(getattr(param, "help", None))


def said(help_: str | None) -> str | None:
    """That help in Chinese; what has no words here stays as it is."""
    return words().get(help_, help_) if help_ else help_


def _folded(text_of: Any) -> Any:
    """Chinese has no blanks between its words: a line is folded wherever it ends, and not cut off."""

    def folded(**given: Any) -> Any:
        text = text_of(**given)
        text.overflow = "fold"
        return text

    return folded


def _every(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _every(below)


def _in_chinese(usage: Any) -> Any:
    return lambda context: usage(context).replace("Usage: ", "用法：", 1)


def _with_help(option: Any) -> Any:
    def of(context: Any) -> Any:
        found = option(context)
        if found is not None:
            found.help = said(found.help)
        return found

    return of
