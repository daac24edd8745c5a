"""Imports: every row is sent or put aside, and an import that stopped goes on where it was."""

import asyncio
import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.imports import progress
from intake.imports.columns import Columns
from intake.imports.preview import reports_of
from intake.imports.progress import ImportProgress
from intake.imports.run import BegunEarlier, OtherContent, run_import
from intake.imports.tables import TableChoice
from schemas.errors import Unavailable
from schemas.words import Channel, Language
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.imports.files import HEADER, import_of, rows_xml, sheet_xml, workbook


def _jsonl(path: Path, count: int) -> Path:
    lines = [json.dumps({"title": f"标题{n}", "text": f"内容{n}"}, ensure_ascii=False) for n in range(count)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _csv(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


async def test_every_row_is_sent_or_put_aside_with_its_reason(tmp_path: Path) -> None:
    """Bad rows do not stop the others."""
    path = _jsonl(tmp_path / "a.jsonl", 3)
    with path.open("a", encoding="utf-8") as file:
        file.write('\nno json\n{"title": "无内容"}\n')
    kafka = KafkaInMemory()
    done = await run_import(import_of(path), kafka)

    assert (5, 3, 2) == (done.rows, done.accepted, done.rejected)
    assert 3 == len({event.case_id for event in kafka.events})
    refused = [
        json.loads(line) for line in (tmp_path / "a.jsonl.rejected.jsonl").read_text("utf-8").splitlines()
    ]
    assert [4, 5] == [line["row"] for line in refused]
    assert {"text"} <= {reason["field"] for reason in refused[1]["reasons"]}


async def test_a_row_that_is_put_aside_keeps_both_columns_of_one_name(tmp_path: Path) -> None:
    """Whoever mends it there finds all that it held."""
    path = tmp_path / "a.csv"
    path.write_text("内容,电话,电话\n,13900138001,13900138002\n", encoding="utf-8")
    await run_import(import_of(path), KafkaInMemory())
    (line,) = (tmp_path / "a.csv.rejected.jsonl").read_text("utf-8").splitlines()

    assert {"内容": "", "电话": "13900138001", "电话 (2)": "13900138002"} == json.loads(line)["data"]


async def test_what_was_put_aside_is_corrected_there_and_imported(tmp_path: Path) -> None:
    """Only those rows are sent, with all that they held; one that nobody corrected is put aside once more."""
    kafka, path = (
        KafkaInMemory(),
        _csv(tmp_path / "a.csv", "编号,内容,电话\n1,路灯坏了,\n2,,13900138001\n3,#REF!,\n"),
    )
    await run_import(import_of(path), kafka)
    aside = tmp_path / "a.csv.rejected.jsonl"
    lines = [json.loads(line) for line in aside.read_text("utf-8").splitlines()]
    lines[0]["data"]["内容"] = "停水三天"
    aside.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")

    done = await run_import(import_of(aside), kafka)

    assert (2, 1, 1) == (done.rows, done.accepted, done.rejected)
    first, second = kafka.events
    assert ["路灯坏了", "停水三天"] == [first.text, second.text]
    assert second.contact is not None
    assert ("2", "13900138001") == (second.external_id, second.contact.phone)
    (left,) = (tmp_path / "a.csv.rejected.jsonl.rejected.jsonl").read_text("utf-8").splitlines()
    assert "3" == json.loads(left)["data"]["编号"]


async def test_a_row_that_is_put_aside_names_each_column_that_is_read(tmp_path: Path) -> None:
    """Whoever corrects it there sees where the words go, and what was said of columns holds of that file, too."""
    path, book = tmp_path / "a.xlsx", openpyxl.Workbook()
    sheet = book.create_sheet("1")
    for row in (["内容", "来电 备用", "序"], ["路灯坏了", "路灯", "1"], ["#REF!", None, None]):
        sheet.append(row)
    book.save(path)
    choice = TableChoice(columns=Columns({"来电 备用": "title"}))
    await run_import(import_of(path, choice=choice), KafkaInMemory())

    aside = tmp_path / "a.xlsx.rejected.jsonl"
    (line,) = aside.read_text("utf-8").splitlines()
    assert {"内容": "#REF!", "来电 备用": ""} == json.loads(line)["data"]
    done = await run_import(import_of(aside, choice=choice), KafkaInMemory())
    assert (1, 0) == (done.rows, done.accepted)


async def test_what_was_corrected_is_deleted_by_no_other_import(tmp_path: Path) -> None:
    """Rows that were put aside stand under another name, which is said, when the file is imported anew."""
    path = _csv(tmp_path / "a.csv", "编号,内容\n1,路灯坏了\n2,\n")
    aside = tmp_path / "a.csv.rejected.jsonl"
    for name in ("a.csv.rejected-1.jsonl", "a.csv.rejected-3.jsonl"):
        await run_import(import_of(path, source=name), KafkaInMemory())
        aside.write_text(aside.read_text("utf-8").replace('"内容":""', f'"内容":"{name}"'), "utf-8")
        done = await run_import(import_of(path, source="再来"), KafkaInMemory())

        assert name == done.earlier_rejected
        kafka = KafkaInMemory()
        await run_import(import_of(tmp_path / name), kafka)
        assert [name] == [event.text for event in kafka.events]
        assert '"内容":""' in aside.read_text("utf-8")


async def test_two_files_of_one_name_are_two_sources(tmp_path: Path) -> None:
    """Every day's list is called alike and counts from 1: the second day's rows are nobody's supplements."""
    kafka = KafkaInMemory()
    for day, what in (("d1", "路面塌陷"), ("d2", "餐馆油烟")):
        path = _csv(tmp_path / day / "工单明细.csv", f"编号,内容\n1,{what}一\n2,{what}二\n")
        await run_import(import_of(path), kafka)

    assert 4 == len({event.case_id for event in kafka.events})
    assert 2 == len({event.source for event in kafka.events})


async def test_under_one_source_the_same_row_is_sent_once_and_another_is_another(tmp_path: Path) -> None:
    """Two exports of one system overlap: the row with the same number and content is the same case."""
    kafka = KafkaInMemory()
    for day, rows in (("d1", "1,路面塌陷\n2,树枝断裂\n"), ("d2", "2,树枝断裂\n1,餐馆油烟\n")):
        path = _csv(tmp_path / day / "a.csv", f"编号,内容\n{rows}")
        await run_import(import_of(path, source="hotline"), kafka)

    first, second, again, other = (event.case_id for event in kafka.events)
    assert second == again
    assert 3 == len({first, second, other})
    assert {"import:hotline"} == {event.source for event in kafka.events}


async def test_each_sheet_counts_anew(tmp_path: Path) -> None:
    """Two days' sheets, the same number and words, nobody's telephone: two people. One source said for all joins them."""
    day = sheet_xml(rows_xml([("编号", "内容"), ("1", "路灯坏了")]))
    path = workbook(tmp_path / "a.xlsx", {"24日": day, "25日": day})

    for source, cases in ((None, 2), ("crm", 1)):
        kafka = KafkaInMemory()
        await run_import(import_of(path, source=source), kafka)
        assert (2, cases) == (len(kafka.events), len({event.tracking_code for event in kafka.events}))


async def test_rows_without_a_number_are_told_apart_by_their_place(tmp_path: Path) -> None:
    """Two citizens may say the same; the same file again says nothing new."""
    kafka = KafkaInMemory()
    path = _csv(tmp_path / "a.csv", "内容\n停水了\n停水了\n")
    for _ in range(2):
        await run_import(import_of(path), kafka)

    assert [2, 4] == [len({event.case_id for event in kafka.events}), len(kafka.events)]


async def test_an_import_that_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was sent in the portion that broke has the same ids when it is sent again."""
    path = _jsonl(tmp_path / "a.jsonl", 10)
    broken = KafkaInMemory(room=5)
    with pytest.raises(Unavailable):
        await run_import(import_of(path, in_flight=4), broken)
    resumed = KafkaInMemory()
    done = await run_import(import_of(path, in_flight=4), resumed)

    assert (10, 10) == (done.rows, done.accepted)
    assert 6 == len(resumed.events)
    assert 10 == len({event.case_id for event in [*broken.events, *resumed.events]})
    assert not (tmp_path / "a.jsonl.progress.json").exists()


@pytest.mark.parametrize("steps", range(12))
async def test_killed_at_any_moment_each_row_is_put_aside_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Before or after what was put aside, before or after how far it came was saved."""
    path = _csv(tmp_path / "a.csv", "内容,是否保密\n" + "停水,按规定\n,否\n" * 6)
    left = iter(range(steps))

    class Killed(BaseException):
        pass

    def until_killed(function: object) -> object:
        def call(*arguments: object) -> object:
            if next(left, None) is None:
                raise Killed
            return function(*arguments)  # type: ignore[operator]  # a function of the module

        return call

    with monkeypatch.context() as patched:
        patched.setattr("intake.imports.run.put_aside", until_killed(progress.put_aside))
        patched.setattr("intake.imports.run.progress_file.save", until_killed(progress.save))
        with contextlib.suppress(Killed):
            await run_import(import_of(path, in_flight=3), KafkaInMemory())
    task = import_of(path, in_flight=3)
    done = await run_import(task, KafkaInMemory())

    assert (12, 6, 6, 6) == (done.rows, done.accepted, done.rejected, done.noted)
    for beside, rows in ((task.rejected_path, range(2, 13, 2)), (task.notes_path, range(1, 12, 2))):
        assert list(rows) == [json.loads(line)["row"] for line in beside.read_text("utf-8").splitlines()]


async def test_a_file_that_was_changed_half_way_is_refused(tmp_path: Path) -> None:
    """Saved anew it is another file, all of whose rows would be sent again as other cases: somebody has to say so."""
    path = _csv(tmp_path / "a.csv", "内容\n停水了\n停电了\n")
    with contextlib.suppress(Unavailable):
        await run_import(import_of(path, in_flight=1), KafkaInMemory(room=1))
    content, task, kafka = path.read_bytes(), import_of(path), KafkaInMemory()
    beside = task.progress_path.read_bytes()
    path.write_bytes(content + "路灯坏了\n".encode())
    with pytest.raises(OtherContent) as refused:
        await run_import(import_of(path), kafka)

    assert ([], beside) == (kafka.events, task.progress_path.read_bytes())
    assert "a.csv.progress.json" in refused.value.message(Language.EN)
    assert "已完成 1 行" in refused.value.message(Language.ZH)
    path.write_bytes(content)
    await run_import(task, kafka)
    assert ["停电了"] == [event.text for event in kafka.events]


async def test_a_file_of_which_nothing_was_done_is_begun(tmp_path: Path) -> None:
    """Progress belongs to the content of a file, not to its name; once it is deleted, nothing is remembered."""
    path = _jsonl(tmp_path / "a.jsonl", 2)
    stale = ImportProgress(file_sha256="of another file", channel=Channel.HOTLINE, source="f")
    progress.save(import_of(path).progress_path, stale)
    kafka = KafkaInMemory()
    await run_import(import_of(path), kafka)

    assert 2 == len(kafka.events)


async def test_what_an_earlier_release_sent_is_not_sent_again(tmp_path: Path) -> None:
    """It took a number of nineteen digits for rounded: the same row would be another case. What is put aside stays."""
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"id": 1234567890123456789 + n, "text": f"路灯坏了{n}"}) for n in range(4)]
    path.write_text("\n".join([*lines[:1], "no json", *lines[1:]]), encoding="utf-8")
    known = msgspec.structs.replace(import_of(path).begun(), rows=3, accepted=2, rejected=1)
    progress.save(import_of(path).progress_path, known)
    kafka = KafkaInMemory()
    done = await run_import(import_of(path, in_flight=1), kafka)

    assert ["路灯坏了2", "路灯坏了3"] == [event.text for event in kafka.events]
    assert (5, 4, 1) == (done.rows, done.accepted, done.rejected)


async def test_rows_of_an_earlier_release_are_not_guessed(tmp_path: Path) -> None:
    """Which of two sheets they are of was not remembered: a sentence says what to do. An empty sheet is none."""
    rows, empty = sheet_xml(rows_xml([HEADER, ("", "", "路灯坏了", "", "")])), sheet_xml("")
    two = workbook(tmp_path / "two.xlsx", {"一": rows, "二": rows})
    one = workbook(tmp_path / "one.xlsx", {"一": rows, "二": empty})
    for path in (two, one):
        progress.save(
            import_of(path).progress_path,
            msgspec.structs.replace(import_of(path).begun(), rows=1, accepted=1),
        )
    with pytest.raises(BegunEarlier) as refused:
        await run_import(import_of(two), KafkaInMemory())

    assert "two.xlsx.progress.json" in refused.value.message(Language.EN)
    assert "已完成 1 行" in refused.value.message(Language.ZH)
    assert import_of(two).progress_path.exists()
    assert 1 == (await run_import(import_of(one), KafkaInMemory())).rows


async def test_a_sheet_that_another_release_passed_over_is_read(tmp_path: Path) -> None:
    """It stands before one that is half done: nothing of that is sent again, nothing is lost, no place is given twice."""
    said = {
        "一": ("路灯坏了", "井盖丢了"),
        "二": ("餐馆油烟", "工地噪音"),
        "三": ("路口积水", "树枝断裂", "公交绕行"),
    }
    sheets = {
        name: sheet_xml(rows_xml([("内容", "电话"), *((text, "") for text in texts)]))
        for name, texts in said.items()
    }
    path, before, now = workbook(tmp_path / "a.xlsx", sheets), KafkaInMemory(room=3), KafkaInMemory()
    earlier = import_of(path, in_flight=1)
    passed_over = [
        replace(each, why=("", "")) if each.sheet.name == "二" else each for each in earlier.tables
    ]
    earlier.__dict__["tables"] = passed_over
    with contextlib.suppress(Unavailable):
        await run_import(earlier, before)
    done = await run_import(import_of(path), now)

    assert [*said["一"], "路口积水"] == [event.text for event in before.events]
    assert [*said["二"], "树枝断裂", "公交绕行"] == [event.text for event in now.events]
    assert 7 == len({event.key_hash for event in [*before.events, *now.events]}) == done.rows


async def test_a_dry_run_sends_nothing_and_leaves_no_progress(tmp_path: Path) -> None:
    """It only says what would happen, with some rows to look at."""
    path = _jsonl(tmp_path / "a.jsonl", 13)
    task, kafka = import_of(path, dry_run=True), KafkaInMemory()
    done = await run_import(task, kafka)
    (report,) = reports_of(task)

    assert (13, 0) == (done.accepted, len(kafka.events))
    assert [path.name] == os.listdir(tmp_path)
    assert (13, True, 10) == (report.rows, report.read, len(report.samples))
    assert {"title": "title", "text": "text"} == report.columns
    assert {"title": "标题0", "text": "内容0"} == report.samples[0]


async def test_what_was_not_understood_is_said_by_row(tmp_path: Path) -> None:
    """The row is a message, read as the citizen's protection; a run anew says it anew."""
    path = _csv(tmp_path / "a.csv", "内容,是否保密\n停水三天了,否\n停电三天了,按规定\n")
    for _ in range(2):
        done = await run_import(import_of(path), KafkaInMemory())

        assert (2, 1) == (done.accepted, done.noted)
        notes = [
            json.loads(line) for line in (tmp_path / "a.csv.notes.jsonl").read_text("utf-8").splitlines()
        ]
        assert [(2, "confidential")] == [(line["row"], line["notes"][0]["field"]) for line in notes]
        assert "按规定" in notes[0]["notes"][0]["zh"]


def _shared_by_others(events: Sequence[Any]) -> set[str]:
    """Cases that stand for messages which are not word for word the same row under the same id."""
    said: dict[str, set[str]] = {}
    for event in events:
        said.setdefault(event.case_id, set()).add(repr(msgspec.structs.replace(event, at=events[0].at)))
    once = Counter(event.case_id for event in events if event.external_id is None)
    return {case_id for case_id, texts in said.items() if len(texts) > 1 or once[case_id] > 1}


_CELL = st.sampled_from(["", " ", "停水三天了", "#REF!", "1.39E+10", "无", "2.02611E+17", "√"])


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(_CELL, min_size=1, max_size=6), max_size=12),
    dimension=st.sampled_from([None, "A1", "A1:C2", "B7:C9", "A1:XFD9"]),
    with_places=st.booleans(),
    title=st.booleans(),
    by_hand=st.booleans(),
    numbered=st.sampled_from(["", "0", "1", "7"]),
)
def test_rows_seen_are_accepted_or_rejected(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    dimension: str | None,
    with_places: bool,
    title: bool,
    by_hand: bool,
    numbered: str,
) -> None:
    """Whoever made the workbook: no row is lost without a word."""
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    lines = [*([["某市热线"]] if title else []), list(HEADER), *rows]
    if by_hand:
        written = rows_xml(lines, with_places=with_places)
        if numbered:
            # Some programs give every row the same number.
            written = re.sub(r'<row r="\d+"', f'<row r="{numbered}"', written)
        workbook(path, {"一": sheet_xml(written, dimension=dimension)})
    else:
        book = openpyxl.Workbook()
        for line in lines:
            book.worksheets[0].append(line)
        book.save(path)
    task, kafka = import_of(path), KafkaInMemory()
    done = asyncio.run(run_import(task, kafka))

    assert sum(any(cell.strip() for cell in row) for row in rows) == done.rows
    assert done.rows == done.accepted + done.rejected
    assert done.accepted == sum(row[2:3] not in ([], [""], [" "], ["#REF!"]) for row in rows)
    assert not [event for event in kafka.events if event.case_id in _shared_by_others(kafka.events)]
    assert [done.rows] == [report.rows for report in reports_of(task)]
