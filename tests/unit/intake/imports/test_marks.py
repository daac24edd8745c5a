"""An import that another release goes on with: only where that one finds the rows that are done."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from intake.imports import progress
from intake.imports.marks import ReadOtherwise
from intake.imports.progress import ImportProgress
from intake.imports.run import run_import
from schemas.errors import Unavailable
from schemas.words import Language
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.imports.files import import_of, rows_xml, sheet_xml, workbook

_TEXTS = ("路灯坏了", "井盖丢了", "餐馆油烟")


def _three_rows(path: Path, kind: str) -> Path:
    """Three messages in a file of that kind; below two titles where it has a header."""
    if kind == "jsonl":
        path.write_text("\n".join(json.dumps({"text": text}) for text in _TEXTS), encoding="utf-8")
        return path
    lines = [("某市热线", ""), ("内容", "电话"), *((text, "139") for text in _TEXTS)]
    if kind == "csv":
        path.write_text("".join(f"{','.join(line)}\n" for line in lines), encoding="utf-8")
        return path
    return workbook(path, {"一": sheet_xml(rows_xml(lines))})


async def _stopped(path: Path) -> ImportProgress:
    """How far an import of it came that stopped after two rows."""
    with contextlib.suppress(Unavailable):
        await run_import(import_of(path, in_flight=1), KafkaInMemory(room=2))
    known = progress.load(import_of(path).progress_path)
    assert known is not None
    return known


def _as_another_release_did(known: ImportProgress, **more: object) -> ImportProgress:
    marks = {sheet: msgspec.structs.replace(mark, **more) for sheet, mark in known.marks.items()}
    return msgspec.structs.replace(known, marks=marks)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
@pytest.mark.parametrize(
    ("differs", "zh", "en"),
    [
        ({"header_line": 7}, "表头原在第 7 行", "its header was in line 7"),
        ({"header": "0" * 16}, "表头的读法不同", "its header is another one"),
        ({"row": "0" * 16}, "最后一行不同", "the last row that is done is another one"),
    ],
)
async def test_what_another_release_read_otherwise_is_refused(
    tmp_path: Path, kind: str, differs: dict[str, object], zh: str, en: str
) -> None:
    """Behind another header its count is of other rows: nothing is sent, and nothing is forgotten."""
    path = _three_rows(tmp_path / f"a.{kind}", kind)
    known = _as_another_release_did(await _stopped(path), **differs)
    task, kafka = import_of(path), KafkaInMemory()
    progress.save(task.progress_path, known)
    with pytest.raises(ReadOtherwise) as refused:
        await run_import(task, kafka)

    assert ([], known) == (kafka.events, progress.load(task.progress_path))
    assert zh in refused.value.message(Language.ZH)
    assert en in refused.value.message(Language.EN)
    assert "已完成 2 行" in refused.value.message(Language.ZH)
    assert str(task.progress_path) in refused.value.message(Language.EN)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_release_that_finds_another_header_sends_nothing(tmp_path: Path, kind: str) -> None:
    """One took the second line for it, the other the third: with its count a row would be passed over."""
    path = _three_rows(tmp_path / f"a.{kind}", kind)
    await _stopped(path)
    other, kafka = import_of(path), KafkaInMemory()
    other.__dict__["tables"] = [replace(table, header_line=3, above=3) for table in other.tables]
    with pytest.raises(ReadOtherwise):
        await run_import(other, kafka)

    assert [] == kafka.events
    assert 3 == (await run_import(import_of(path), kafka)).rows


async def test_a_sheet_with_rows_done_that_is_not_read_any_more_is_refused(tmp_path: Path) -> None:
    """The rest of it would be left out: the reason is the reader's own. One that is gone altogether, too."""
    path = _three_rows(tmp_path / "a.xlsx", "xlsx")
    known = await _stopped(path)
    task = import_of(path)
    task.__dict__["tables"] = [
        replace(table, why=("像是一张表单", "it looks like a form")) for table in task.tables
    ]
    with pytest.raises(ReadOtherwise, match="it looks like a form"):
        await run_import(task, KafkaInMemory())
    progress.save(task.progress_path, msgspec.structs.replace(known, marks={"二": known.marks["一"]}))
    with pytest.raises(ReadOtherwise, match="no such sheet"):
        await run_import(import_of(path), KafkaInMemory())


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
async def test_a_release_that_noted_no_marks_is_gone_on_from(tmp_path: Path, kind: str) -> None:
    """By its counts, as before there were marks; so is one that reads alike."""
    path = _three_rows(tmp_path / f"a.{kind}", kind)
    known = await _stopped(path)
    for each in (known, msgspec.structs.replace(known, marks={})):
        kafka = KafkaInMemory()
        progress.save(import_of(path).progress_path, each)
        await run_import(import_of(path), kafka)

        assert ["餐馆油烟"] == [event.text for event in kafka.events]


async def test_what_is_noted_of_a_row_says_nothing_of_it(tmp_path: Path) -> None:
    """Whoever finds the progress without its file cannot try what the last row said: the same row is another one there."""
    # In two folders: beside the first, the second would be refused as a list that was sent before.
    one, other = tmp_path / "one" / "a.csv", tmp_path / "other" / "b.csv"
    for path in (one, other):
        path.parent.mkdir()
        path.write_text(f"内容\n停水了\n停电了\n{path.name}\n", encoding="utf-8")
    of_one, of_other = await _stopped(one), await _stopped(other)

    assert of_one.marks["a"].row != of_other.marks["b"].row
    assert "停电" not in import_of(one).progress_path.read_text("utf-8")
