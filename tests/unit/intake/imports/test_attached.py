"""Files that rows name: found in one folder by name, the same whenever they are named again, and never quietly missing."""

import json
from pathlib import Path
from typing import IO

import pytest

from intake.core.files import pictures
from intake.core.files.attachments import FileKind
from intake.imports.attached import Folder, names_in
from intake.imports.run import Import, run_import
from intake.steps import take_files
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.cabinets import Rows, cabinet_in
from tests.unit.intake.core.files.test_pictures import with_secrets
from tests.unit.intake.imports.files import import_of

PDF = b"%PDF-1.7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two letters, a program, a file too large, and a link that leads away."""
    folder = tmp_path / "scans"
    folder.mkdir()
    (tmp_path / "secret.pdf").write_bytes(PDF + b"secret")
    for name, content in (
        ("一.pdf", PDF),
        ("二.pdf", PDF + b"2"),
        ("c.exe", b"MZ"),
        ("d.pdf", PDF + bytes(20_000)),
    ):
        (folder / name).write_bytes(content)
    (folder / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    return folder


def _import(tmp_path: Path, cells: str, folder: Path | None, **more: object) -> tuple[Import, Rows]:
    path = tmp_path / "a.csv"
    path.write_text(f"编号,内容,附件\n1,路灯坏了。,{cells}\n", encoding="utf-8")
    cabinet, rows = cabinet_in(tmp_path / "kept", most_files=3)
    task = import_of(path, source="letters", **more)
    if folder is None:
        return task, rows
    kept = Folder(path=folder, cabinet=None if task.dry_run else cabinet)
    return import_of(path, source="letters", folder=kept, **more), rows


def _notes(tmp_path: Path) -> list[str]:
    (line,) = (tmp_path / "a.csv.notes.jsonl").read_text("utf-8").splitlines()
    return [note["zh"] for note in json.loads(line)["notes"]]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a.jpg；b.jpg", ("a.jpg", "b.jpg")),
        ("a.jpg;a.jpg、c.pdf", ("a.jpg", "c.pdf")),
        ("D:\\扫描\\一.pdf|../../etc/passwd", ("一.pdf", "passwd")),
        (" ； ", ()),
    ],
)
def test_names_stand_in_one_cell(cell: str, names: tuple[str, ...]) -> None:
    """Several with what people put between them; of a path its last part."""
    assert names == names_in([cell])


async def test_a_row_gets_its_files(tmp_path: Path, folder: Path) -> None:
    """And the same ones when it is imported again: the row is the same message."""
    task, rows = _import(tmp_path, "一.pdf；二.pdf", folder)
    kafka = KafkaInMemory()
    await run_import(task, kafka)
    await run_import(task, kafka)
    first, again = kafka.events

    assert first.case_id == again.case_id
    assert ["一.pdf", "二.pdf"] == [
        rows.files[file.attachment_id].attachment.name for file in first.attachments
    ]
    assert not (tmp_path / "a.csv.notes.jsonl").exists()


async def test_what_is_not_there_is_said(tmp_path: Path, folder: Path) -> None:
    """Missing, refused, too large, or out of the folder: the message is taken, and says so to whoever reads it."""
    task, _ = _import(tmp_path, "一.pdf；三.pdf；c.exe；d.pdf；link.pdf；..", folder)
    kafka = KafkaInMemory()
    done = await run_import(task, kafka)
    (event,) = kafka.events

    assert (1, 0, 1) == (done.accepted, done.rejected, len(event.attachments))
    assert 5 == len(_notes(tmp_path))
    for name in ("三.pdf", "c.exe", "d.pdf", "link.pdf"):
        assert name in event.text


async def test_more_files_than_a_message_may_have_are_said(tmp_path: Path, folder: Path) -> None:
    """The first are kept."""
    for number in range(4):
        (folder / f"{number}.pdf").write_bytes(PDF + bytes([number]))
    task, _ = _import(tmp_path, "0.pdf；1.pdf；2.pdf；3.pdf", folder)
    kafka = KafkaInMemory()
    await run_import(task, kafka)

    assert 3 == len(kafka.events[0].attachments)
    assert "3.pdf：最多 3 个附件。" == _notes(tmp_path)[0]


async def test_without_a_folder_the_names_are_kept_with_the_case(tmp_path: Path) -> None:
    """Nobody said where they lie."""
    task, _ = _import(tmp_path, "一.pdf", None)
    kafka = KafkaInMemory()
    await run_import(task, kafka)

    assert "一.pdf" in kafka.events[0].text
    assert "--files" in _notes(tmp_path)[0]


async def test_a_dry_run_keeps_nothing(tmp_path: Path, folder: Path) -> None:
    """It tells how many rows would have a note."""
    task, rows = _import(tmp_path, "一.pdf；三.pdf", folder, dry_run=True)
    done = await run_import(task, None)

    assert 1 == done.noted
    assert not rows.files
    assert not (tmp_path / "kept").exists()


async def test_a_file_that_two_rows_name_is_each_ones_own(tmp_path: Path, folder: Path) -> None:
    """A file is one case's: nobody gets it with a message who has read its id in another."""
    task, _ = _import(tmp_path, "一.pdf", folder)
    task.path.write_text("编号,内容,附件\n1,路灯坏了。,一.pdf\n2,井盖丢了。,一.pdf\n", encoding="utf-8")
    kept = import_of(task.path, source="letters", folder=task.folder)
    kafka = KafkaInMemory()
    await run_import(kept, kafka)
    first, second = kafka.events

    assert [1, 1] == [len(event.attachments) for event in (first, second)]
    assert first.attachments[0].attachment_id != second.attachments[0].attachment_id


async def test_a_name_that_no_file_can_have_stops_nothing(tmp_path: Path, folder: Path) -> None:
    """A story where names belong is longer than a name may be: the row is taken with a note, and those behind it are."""
    task, _ = _import(tmp_path, f"{'照片已交给社区' * 40}；一.pdf", folder)
    kafka = KafkaInMemory()
    done = await run_import(task, kafka)

    assert (1, 0) == (done.accepted, done.rejected)
    assert 1 == len(kafka.events[0].attachments)
    assert "文件夹里没有" in _notes(tmp_path)[0]


@pytest.mark.parametrize(("fails", "arrived"), [(2, 1), (9, 0)])
async def test_a_picture_without_memory_for_it_ends_no_import(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, fails: int, arrived: int
) -> None:
    """It is tried thrice, and then told of; the message comes all the same."""
    tries, made_anew = [], pictures.made_anew

    def made(file: IO[bytes], kind: FileKind) -> pictures.Picture:
        tries.append(kind)
        if len(tries) <= fails:
            raise MemoryError
        return made_anew(file, kind)

    monkeypatch.setattr(pictures, "made_anew", made)
    monkeypatch.setattr(take_files, "_PAUSES_SECONDS", (0.0, 0.0))
    (folder / "e.png").write_bytes(with_secrets("PNG"))
    task, rows = _import(tmp_path, "e.png", folder)
    kafka = KafkaInMemory()
    await run_import(task, kafka)
    (event,) = kafka.events

    assert (3, arrived, arrived) == (len(tries), len(event.attachments), len(rows.files))
    assert arrived or "e.png：没有足够的内存读取这张图片" in event.text
