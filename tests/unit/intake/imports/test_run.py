"""Imports: every row is sent or put aside, and an import that stopped goes on where it was."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from intake.imports.progress import Progress
from intake.imports.run import Import, run_import
from schemas.errors import Unavailable
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
        "keys": KEYS,
        "clock": lambda: NOW,
    }
    return Import(**(given | more))  # type: ignore[arg-type]  # the tests name fields that exist


def _jsonl(path: Path, count: int) -> Path:
    lines = [json.dumps({"title": f"标题{n}", "text": f"内容{n}"}, ensure_ascii=False) for n in range(count)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


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


async def test_what_was_not_understood_is_said_by_row(tmp_path: Path) -> None:
    """The row is a message, read as the citizen's protection; a run anew says it anew."""
    path = tmp_path / "a.csv"
    path.write_text("内容,是否保密\n停水三天了,否\n停电三天了,按规定\n", encoding="utf-8")
    for _ in range(2):
        kafka = FakeKafka()
        done = await run_import(_import(path), kafka)

        assert (2, 1) == (done.accepted, done.noted)
        notes = [
            json.loads(line) for line in (tmp_path / "a.csv.notes.jsonl").read_text("utf-8").splitlines()
        ]
        assert [(2, "confidential")] == [(line["row"], line["notes"][0]["field"]) for line in notes]
        assert "按规定" in notes[0]["notes"][0]["zh"]
