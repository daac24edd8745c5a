"""Reading files: three formats, three encodings, resumed where it stopped."""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from intake.imports.run import Import, Progress, rows_of, run_import
from schemas.errors import Malformed, Unavailable
from schemas.event import Event
from schemas.words import Channel
from tests.unit.intake.messages import KEYS, NOW


class FakeKafka:
    """Keeps what was published; is away from a given message on."""

    def __init__(self, away_after: int | None = None) -> None:
        self.events: list[Event] = []
        self.away_after = away_after

    async def publish(self, event: Event) -> None:
        """Keep it, or refuse."""
        if self.away_after is not None and len(self.events) >= self.away_after:
            raise Unavailable("kafka")
        self.events.append(event)


def _import(path: Path, **more: object) -> Import:
    given = {
        "path": path,
        "channel": Channel.HOTLINE,
        "name": "f",
        "secret": KEYS.code_secret,
        "clock": lambda: NOW,
    }
    return Import(**(given | more))  # type: ignore[arg-type]  # the tests name fields that exist


def _jsonl(path: Path, count: int) -> Path:
    lines = [json.dumps({"title": f"标题{n}", "text": f"内容{n}"}, ensure_ascii=False) for n in range(count)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_the_encodings_that_spreadsheets_write(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    """The header and the cells come out right, line ends within a cell included."""
    path = tmp_path / "a.csv"
    path.write_text(f'标题{delimiter}内容\n停水{delimiter}"三天了\n没水"\n', encoding=encoding)

    assert [{"标题": "停水", "内容": "三天了\n没水"}] == list(rows_of(path))


def test_xlsx_is_read(tmp_path: Path) -> None:
    """The first sheet; empty rows are passed over."""
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["标题", "内容", "电话"],
        ["停水", "三天了", 13912345678],
        [None, None, None],
        ["停电", "两天了", None],
    ):
        sheet.append(row)
    book.save(path)

    assert ["停水", "停电"] == [row["标题"] for row in rows_of(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b"x"), ("a.csv", "标题,时间\n1,2\n".encode()), ("a.csv", b"\xff\xff\xff\xff,\x00")],
)
def test_files_that_hold_no_messages_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """Another kind of file, no text column, or no encoding that we know."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Malformed):
        list(rows_of(path))


def test_an_open_quotation_mark_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    """The rows before it are there; then the file says where it is wrong."""
    path = tmp_path / "a.csv"
    path.write_text('内容\n路灯坏了\n"停水三天\n噪音扰民\n', encoding="utf-8")
    rows = rows_of(path)

    assert {"内容": "路灯坏了"} == next(rows)
    with pytest.raises(Malformed, match="after line 2"):
        next(rows)


def test_a_cell_beyond_all_measure_is_named(tmp_path: Path) -> None:
    """Not an error of ours."""
    path = tmp_path / "a.csv"
    path.write_text("内容\n" + "长" * (2 << 20) + "\n", encoding="utf-8")

    with pytest.raises(Malformed, match="after line 1"):
        list(rows_of(path))


def test_a_line_nested_without_end_is_one_bad_row(tmp_path: Path) -> None:
    """Its neighbours are read."""
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 100_000 + '\n{"text": "路灯坏了"}\n', encoding="utf-8")

    bad, good = rows_of(path)

    assert "text" not in bad
    assert {"text": "路灯坏了"} == good


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    """Half a megabyte that becomes half a gigabyte and more."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(6):
            parts.writestr(f"xl/{number}.xml", b" " * 90_000_000)

    with pytest.raises(Malformed, match="unpacks"):
        list(rows_of(path))


async def test_every_row_is_sent_or_put_aside_with_its_reason(tmp_path: Path) -> None:
    """Bad rows do not stop the others."""
    path = _jsonl(tmp_path / "a.jsonl", 3)
    with path.open("a", encoding="utf-8") as file:
        file.write('\nno json\n{"title": "无内容"}\n')
    kafka = FakeKafka()
    done = await run_import(_import(path), kafka)

    assert (5, 3, 2) == (done.rows, done.accepted, done.rejected)
    assert 3 == len({event.case_id for event in kafka.events})
    refused = [
        json.loads(line) for line in (tmp_path / "a.jsonl.rejected.jsonl").read_text("utf-8").splitlines()
    ]
    assert [4, 5] == [line["row"] for line in refused]
    assert {"text"} <= {reason["field"] for reason in refused[1]["reasons"]}


async def test_an_import_that_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was sent in the portion that broke has the same ids when it is sent again."""
    path = _jsonl(tmp_path / "a.jsonl", 10)
    broken = FakeKafka(away_after=5)
    with pytest.raises(Unavailable):
        await run_import(_import(path, in_flight=4), broken)
    resumed = FakeKafka()
    done = await run_import(_import(path, in_flight=4), resumed)

    assert (10, 10) == (done.rows, done.accepted)
    assert 6 == len(resumed.events)
    assert 10 == len({event.case_id for event in [*broken.events, *resumed.events]})
    assert not (tmp_path / "a.jsonl.progress.json").exists()


async def test_another_file_starts_from_its_beginning(tmp_path: Path) -> None:
    """Progress belongs to the content of a file, not to its name."""
    path = _jsonl(tmp_path / "a.jsonl", 2)
    stale = Progress(file_sha256="of another file", channel=Channel.HOTLINE, name="f", rows=1)
    _import(path).progress_path.write_bytes(json.dumps(_plain(stale)).encode())
    kafka = FakeKafka()
    await run_import(_import(path), kafka)

    assert 2 == len(kafka.events)


def _plain(progress: Progress) -> Mapping[str, object]:
    return {name: getattr(progress, name) for name in progress.__struct_fields__}


async def test_a_dry_run_sends_nothing_and_leaves_no_progress(tmp_path: Path) -> None:
    """It only says what would happen."""
    path = _jsonl(tmp_path / "a.jsonl", 3)
    kafka = FakeKafka()
    done = await run_import(_import(path, dry_run=True), kafka)

    assert (3, 0) == (done.accepted, len(kafka.events))
    assert [path.name] == os.listdir(tmp_path)
