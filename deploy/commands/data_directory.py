"""The option `--data` of every command that has it."""

import os
from pathlib import Path
from typing import Annotated

import typer


def _directory(data: Path) -> Path:
    """Refuse what can be no directory, before anything is looked for in it; and what this locale reads as another name."""
    whole = data.absolute()
    if os.fsencode(whole) != str(whole).encode(errors="replace"):
        shown = os.fsencode(whole).decode(errors="replace")
        raise _wrong(
            f"--data 的路径 {shown} 不是当前语言环境的编码：请先设置 LC_ALL=C.UTF-8，或使用英文路径",
            f"the path of --data, {shown}, is not in this locale's encoding: set LC_ALL=C.UTF-8, or take one in ASCII",
        )
    nearest = next(place for place in (whole, *whole.parents) if place.exists())
    if not nearest.is_dir():
        raise _wrong(f"{nearest} 是文件，须为目录", f"{nearest} is a file; --data names a directory")
    return data


def _wrong(zh: str, en: str) -> Exception:
    from deploy.commands.refusals import wrong_option  # here: only who is refused waits for it

    return wrong_option(zh, en)


DATA = Annotated[
    Path,
    typer.Option(
        "--data", help="Where everything of this machine lives.", envvar="HUIYIN_DATA", callback=_directory
    ),
]
