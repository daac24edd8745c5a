"""Files that an import's rows name: looked up by name in one folder, and kept like any other attachment."""

import asyncio
import os.path
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from intake.core.draft import Draft
from intake.steps.filing import Cabinet
from intake.steps.take_files import take_enclosed
from schemas.errors import BadInput, FieldError, Refused
from schemas.ids import AttachmentId, CaseId
from schemas.words import Language

#: What stands between two names in a cell.
_BETWEEN = re.compile(r"[;；|\n、,，]+")
#: Of a list as programs write it, `["a.jpg", "b.jpg"]`.
_AROUND = " \t[]\"'“”"
#: Bytes of a file that are read at a time (project choice).
_PIECE = 256 * 1024


def names_in(texts: Sequence[str]) -> tuple[str, ...]:
    """The names in a row's cells, each once: of a path its last part."""
    said = (
        name.strip(_AROUND).replace("\\", "/").rpartition("/")[2]
        for text in texts
        for name in _BETWEEN.split(text)
    )
    return tuple(dict.fromkeys(name for name in said if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The folder in which the files of an import lie."""

    path: Path
    #: None: nothing is kept, in a dry run.
    cabinet: Cabinet | None

    async def attached(
        self, draft: Draft, names: Sequence[str], case_id: CaseId, now: datetime
    ) -> tuple[Draft, list[FieldError]]:
        """The message with the files that it names, and what is wrong with those that it does not get.

        `case_id`: the message's: a file that several name is each one's own, and one that it names again is the same.

        Raises:
            Unavailable: the file store or Postgres is away.
        """
        ids: list[AttachmentId] = []
        notes: list[FieldError] = []
        for name in names:
            try:
                ids += await self._kept(name, case_id, len(ids), now)
            except Refused as error:
                notes.append(_note(name, error))
        return _told(msgspec.structs.replace(draft, attachments=tuple(ids)), notes), notes

    async def _kept(self, name: str, case_id: CaseId, already: int, now: datetime) -> list[AttachmentId]:
        path = self.path / name
        if name in (".", "..") or not await asyncio.to_thread(_is_inside, path, self.path):
            raise BadInput([FieldError("attachments", "文件夹里没有。", "It is not in the folder.")])
        if self.cabinet is None:
            return []
        if already >= self.cabinet.most_files:
            most = self.cabinet.most_files
            raise BadInput(
                [FieldError("attachments", f"最多 {most} 个附件。", f"At most {most} attachments.")]
            )
        key = f"import:{case_id}"
        kept = await take_enclosed(self.cabinet, partial(_pieces, path), name=name, key=key, now=now)
        return [kept.attachment_id]


def not_looked_for(draft: Draft, names: Sequence[str]) -> tuple[Draft, list[FieldError]]:
    """The message where nobody said in which folder its files lie."""
    notes = [
        FieldError("attachments", f"{name}：没有用 --files 指明文件夹。", f"{name}: --files names no folder.")
        for name in names
    ]
    return _told(draft, notes), notes


def _is_inside(path: Path, folder: Path) -> bool:
    """No link leads out of the folder; a name that no file can have names none."""
    return os.path.isfile(path) and path.resolve().is_relative_to(folder.resolve())


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _note(name: str, error: Refused) -> FieldError:
    reason = error.errors[0] if isinstance(error, BadInput) else error
    zh, en = (reason.message(language) for language in (Language.ZH, Language.EN))
    return FieldError("attachments", f"{name}：{zh}", f"{name}: {en}")


def _told(draft: Draft, notes: Sequence[FieldError]) -> Draft:
    """The message with what its department should know: that files belong to it which are not there."""
    if not notes:
        return draft
    missing = "；".join(note.zh.rstrip("。") for note in notes)
    return msgspec.structs.replace(draft, text=f"{draft.text.rstrip()}\n\n（附件没有导入：{missing}）")
