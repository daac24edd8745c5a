"""What a form with files is told of those that were not kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from intake.core.codes import derive
from intake.core.files.attachments import WaitingFilesFull
from intake.steps.filing import Cabinet
from intake.web.dependencies import UTC_CLOCK
from intake.web.uploads import keep_files, with_files
from schemas.errors import Unavailable
from schemas.http import Call, FormFile, Principal
from schemas.words import Language
from tests.unit.intake.cabinets import Rows, cabinet_in
from tests.unit.intake.messages import KEYS

_NAMES = [f"{number}.txt" for number in range(9)]


@dataclass
class _Away(Rows):
    """A Postgres that hangs, and how often it was waited for."""

    error: Unavailable | None = None
    asked: int = 0

    async def waiting_bytes(self) -> int:
        """Nobody knows."""
        self.asked += 1
        raise self.error or Unavailable("postgres")


def _call(**more: Any) -> Call:
    """A form of nine files."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"

    return Call(
        principal=Principal(),
        language=Language.ZH,
        path={},
        headers={},
        address="127.0.0.1",
        files=[FormFile(name=name, chunks=chunks()) for name in _NAMES],
        **more,
    )


async def _refused(cabinet: Cabinet) -> list[str]:
    """What is said of each of nine files."""
    call = _call()
    dependencies: Any = SimpleNamespace(cabinet=cabinet, clock=UTC_CLOCK)
    form, refusal = await with_files(call, dependencies)
    assert "attachments" not in form
    assert refusal is not None
    return [each.message(Language.EN) for each in refusal.errors]


async def test_a_form_of_many_files_waits_once_for_what_is_away(tmp_path: Path) -> None:
    """Each of its files is named, with the same reason."""
    rows = _Away()
    said = await _refused(replace(cabinet_in(tmp_path)[0], rows=rows))

    assert 1 == rows.asked
    assert [f"{name}: {Unavailable('postgres').message(Language.EN)}" for name in _NAMES] == said


async def test_a_file_without_room_says_nothing_of_the_next(tmp_path: Path) -> None:
    """A smaller one may still find some."""
    rows = _Away(error=WaitingFilesFull("attachments"))
    await _refused(replace(cabinet_in(tmp_path)[0], rows=rows))

    assert len(_NAMES) == rows.asked


async def test_files_are_kept_of_right_codes_alone(tmp_path: Path) -> None:
    """Whatever else comes keeps nothing, and asks nobody for room."""
    rows = _Away()
    dependencies: Any = SimpleNamespace(
        cabinet=replace(cabinet_in(tmp_path)[0], rows=rows), clock=UTC_CLOCK, keys=KEYS
    )
    codes = derive(KEYS.code_secret, b"somebody")
    asked = []
    for access_code in ("wrong", "", codes.access_code):
        call = _call(form={"tracking_code": codes.tracking_code, "access_code": access_code})
        await keep_files(call, dependencies=dependencies)
        asked.append(rows.asked)

    assert [0, 0, 1] == asked
