"""The option `--data` of every command that has it."""

from pathlib import Path
from typing import Annotated

import typer


def _directory(data: Path) -> Path:
    """Refuse what can be no directory, before anything is looked for in it."""
    nearest = next(place for place in (data.absolute(), *data.absolute().parents) if place.exists())
    if not nearest.is_dir():
        from deploy.commands.refusals import wrong_option  # here: only who is refused waits for it

        raise wrong_option(f"{nearest} 是文件，须为目录", f"{nearest} is a file; --data names a directory")
    return data


DATA = Annotated[
    Path,
    typer.Option(
        "--data", help="Where everything of this machine lives.", envvar="HUIYIN_DATA", callback=_directory
    ),
]
