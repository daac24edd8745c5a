"""A row of a list is one case, whichever file it stands in, wherever that lies and whatever it is called."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.composition.acceptance import PostgresFileRows, PostgresSentRows
from deploy.database.pool import Pool, open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from intake.core.keys import IntakeKeys
from intake.core.registration import prepare_messages
from intake.imports.attached import Folder
from intake.imports.progress import ImportProgress
from intake.imports.run import run_import
from intake.steps.register import register_cases
from schemas.errors import Unavailable
from schemas.event import Event
from schemas.events.intake import CaseSupplemented, SubmissionAccepted
from schemas.words import Channel
from tests.conftest import RecordingUnit
from tests.kafka_in_memory import KafkaInMemory
from tests.stack import fresh_database
from tests.unit.intake.cabinets import cabinet_in
from tests.unit.intake.imports.files import import_of, rows_xml, sheet_xml, workbook
from tests.unit.intake.messages import KEYS, NOW

Rows = Sequence[Sequence[str]]


@pytest.fixture
async def pool(postgres_server: EmbeddedPostgres, migrated: str) -> AsyncIterator[Pool]:
    """A city into which nothing was imported."""
    copy = await fresh_database(postgres_server.url, like=migrated)
    async with open_pool(Settings(database_url=copy)) as pool:
        yield pool


@pytest.fixture(params=[True, False])
def listed(request: pytest.FixtureRequest) -> Callable[..., Rows]:
    """A list of rows with numbers of their own, or without."""

    def rows(*numbers: int, phone: str = "1390013") -> Rows:
        head = ["编号", "内容", "电话"]
        table = [head, *([f"GD{each}", f"第{each}处路灯坏了三天", f"{phone}{each:04}"] for each in numbers)]
        return table if request.param else [row[1:] for row in table]

    return rows


def _csv(path: Path, table: Rows) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(",".join(row) + "\n" for row in table), encoding="utf-8")
    return path


def _xlsx(path: Path, table: Rows) -> Path:
    return workbook(path, {"f": sheet_xml(rows_xml(table))})


async def _sent(
    pool: Pool, path: Path, room: int | None = None, **more: object
) -> tuple[ImportProgress, Sequence[SubmissionAccepted]]:
    """What an import sends, and how it ended; `room`: of the Kafka that dies meanwhile, and comes back for the rest."""
    kafka, rest = KafkaInMemory(room=room), KafkaInMemory()
    if room is not None:
        with suppress(Unavailable):
            await run_import(import_of(path, **more), kafka, PostgresSentRows(pool))
    done = await run_import(import_of(path, **more), rest, PostgresSentRows(pool))
    assert done.rows == done.accepted + done.rejected + done.known
    return done, [*kafka.events, *rest.events]


async def _begun(pool: Pool, path: Path, room: int, **more: object) -> Sequence[SubmissionAccepted]:
    """What an import sends that dies and is never run again: its file is replaced."""
    kafka, task = KafkaInMemory(room=room), import_of(path, **more)
    with suppress(Unavailable):
        await run_import(task, kafka, PostgresSentRows(pool))
    task.progress_path.unlink(missing_ok=True)
    return kafka.events


async def _register(
    pool: Pool, events: Sequence[SubmissionAccepted], keys: IntakeKeys = KEYS
) -> Sequence[Event]:
    """What intake says once it has heard of these messages."""
    said: list[Event] = []
    for event in events:
        async with pool.acquire() as db, db.transaction():
            unit = RecordingUnit(db, NOW)
            await register_cases(unit, [event], prepare_messages([event], keys=keys))
            said += unit.emitted
    return said


async def _cases(pool: Pool, path: Path, *, keys: IntakeKeys = KEYS, **more: object) -> set[str]:
    """The cases that are made of a list."""
    kafka = KafkaInMemory()
    done = await run_import(import_of(path, keys=keys, **more), kafka, PostgresSentRows(pool))
    assert done.rows == done.accepted + done.rejected + done.known
    await _register(pool, kafka.events, keys)
    return {event.case_id for event in kafka.events}


async def _texts(pool: Pool) -> Sequence[str]:
    return sorted(row["text"] for row in await pool.fetch("SELECT text FROM intake.case"))


@pytest.mark.parametrize(
    ("numbers", "new"), [(range(42), 2), (range(45, -1, -1), 6), (range(25, 55), 15), ([*range(100, 150), 3], 50)]
)  # fmt: skip
async def test_of_a_list_that_is_exported_anew_what_is_new_is_sent(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows], numbers: Sequence[int], new: int
) -> None:
    """Grown, in another order, or of the last days alone; from another folder; the others are put aside and named."""
    await _cases(pool, _csv(tmp_path / "a.csv", listed(*range(40))))
    task = import_of(_csv(tmp_path / "other" / "b.csv", listed(*numbers)))

    assert new == len(await _cases(pool, task.path))
    aside = task.known_path.read_text("utf-8")
    assert len(numbers) - new == len(aside.splitlines()) == aside.count("--again 导入本文件")
    assert not task.rejected_path.exists()
    assert len(numbers) - new == len(await _cases(pool, task.known_path, again=True))


async def test_two_months_under_one_name(pool: Pool, tmp_path: Path, listed: Callable[..., Rows]) -> None:
    """What is known of the first is known still; and what was put aside is not written over."""
    path = tmp_path / "导出.xlsx"
    sizes = [
        len(await _cases(pool, _xlsx(path, listed(*numbers))))
        for numbers in (range(10), range(50, 60), range(12), range(49, 61))
    ]

    assert [10, 10, 2, 2] == sizes
    assert 10 == len((tmp_path / "导出.xlsx.known-1.jsonl").read_text("utf-8").splitlines())


async def test_a_column_more_or_another_format(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """They are the rows that they were."""
    table = listed(*range(9))
    await _cases(pool, _xlsx(tmp_path / "a.xlsx", table))
    more = [[*row, said] for row, said in zip(table, ["处理状态", *["已派"] * 9], strict=True)]

    assert not await _cases(pool, _csv(tmp_path / "a.csv", table))
    assert not await _cases(pool, _csv(tmp_path / "b.csv", more))


async def test_a_corrected_cell(pool: Pool, tmp_path: Path, listed: Callable[..., Rows]) -> None:
    """The others are known; so is the corrected row by its number, and without one nobody knows that it is the same."""
    path = tmp_path / "a.csv"
    await _cases(pool, _csv(path, listed(*range(9))), source="crm")
    table = [*listed(*range(8)), listed(8, phone="1370013")[1]]
    sent = await _cases(pool, _csv(path, table))

    assert len(sent) == (0 if "编号" in table[0] else 1)


async def test_the_same_file_goes_on_being_the_same_cases(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """Also by another name; as another source's or channel's rows they would be other cases, and are put aside."""
    path = _csv(tmp_path / "a.csv", listed(*range(5)))
    first = await _cases(pool, path)

    assert first == await _cases(pool, path)
    assert first == await _cases(pool, _csv(tmp_path / "b.csv", listed(*range(5))))
    assert not await _cases(pool, path, source="crm")
    assert not await _cases(pool, path, channel=Channel.COUNTER)
    assert 5 == len(await _cases(pool, path, source="crm", again=True) - first)


async def test_rows_of_one_source_are_joined(pool: Pool, tmp_path: Path) -> None:
    """The same number with the same content is the same case, and is sent as that."""
    head, rows = "编号,内容\n", ["1,路灯坏了\n", "2,井盖坏了\n", "3,停水了\n"]
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text(head + "".join(rows[:2]), encoding="utf-8")
    b.write_text(head + "".join(rows), encoding="utf-8")
    first = await _cases(pool, a, source="crm")

    assert first < await _cases(pool, b, source="crm")


async def test_rows_that_say_the_same_in_one_list_are_all_sent(pool: Pool, tmp_path: Path) -> None:
    """Three people may have said it; stopped and run again they are the cases that they were."""
    path = _csv(tmp_path / "a.csv", [["内容"], *[["路灯坏了"]] * 3])
    with pytest.raises(Unavailable):
        await run_import(import_of(path, in_flight=1), KafkaInMemory(room=2), PostgresSentRows(pool))

    assert 1 == len(await _cases(pool, path))
    assert 3 == len(await _cases(pool, path))


async def test_of_two_that_are_imported_at_once_each_row_is_sent_once(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """The second waits for the first."""
    paths = [_csv(tmp_path / f"{at}.csv", listed(*range(40 + at))) for at in range(2)]
    sent = await asyncio.gather(*(_cases(pool, path, in_flight=7) for path in paths))

    assert 41 == len(sent[0] | sent[1])


async def test_under_a_former_secret(pool: Pool, tmp_path: Path, listed: Callable[..., Rows]) -> None:
    """The master secret may change between two exports of a list."""
    await _cases(pool, _csv(tmp_path / "a.csv", listed(*range(5))))
    new = replace(KEYS, hash_key=bytes(32), previous=(KEYS,))

    assert 1 == len(await _cases(pool, _csv(tmp_path / "b.csv", listed(*range(6))), keys=new))


async def test_what_is_kept_says_nothing_of_the_rows(pool: Pool, tmp_path: Path) -> None:
    """Not even to whoever guesses them: the hashes are keyed."""
    path = _csv(tmp_path / "a.csv", [["编号", "内容"], ["1", "路灯坏了"]])
    other = replace(KEYS, hash_key=bytes(32))
    await _cases(pool, path)
    first = {row["hash"] for row in await pool.fetch("SELECT hash FROM intake.sent_row")}
    await _cases(pool, path, keys=other)
    both = {row["hash"] for row in await pool.fetch("SELECT hash FROM intake.sent_row")}

    assert (2, 4) == (len(first), len(both))


async def test_without_the_database_nothing_is_sent(tmp_path: Path) -> None:
    """Nobody knows which rows were sent before."""
    kafka = KafkaInMemory()
    path = _csv(tmp_path / "a.csv", [["内容"], ["路灯坏了"]])
    async with open_pool(Settings(database_url="postgresql://nobody@127.0.0.1:1/none")) as away:
        with pytest.raises(Unavailable):
            await run_import(import_of(path), kafka, PostgresSentRows(away))

    assert [] == kafka.events


async def test_a_file_that_changed_amid_its_import_begins_anew_without_second_cases(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """As the refusal says: what was sent is not sent again."""
    path = _csv(tmp_path / "a.csv", listed(*range(6)))
    sent = await _begun(pool, path, room=4, in_flight=2)
    await _register(pool, sent)
    done, rest = await _sent(pool, _csv(path, listed(*range(8))))

    assert (4, 4, 4) == (len(sent), len(rest), done.known)


async def test_numbers_that_count_anew_each_day_are_other_messages(pool: Pool, tmp_path: Path) -> None:
    """Row 3 of November is not row 3 of October, whatever both are about."""
    rows = [["编号", "内容", "电话", "来电时间"], ["3", "噪音扰民", "13900130001", "2026-10-01 09:00"]]
    later = [*rows[:1], ["3", "噪音扰民", "13900130002", "2026-11-01 09:00"]]

    assert 1 == len(await _cases(pool, _csv(tmp_path / "a.csv", rows)))
    assert 1 == len(await _cases(pool, _csv(tmp_path / "b.csv", later)))


async def test_the_same_file_under_another_secret(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """The codes of its cases would be others: nothing is sent a second time."""
    path = _csv(tmp_path / "a.csv", listed(*range(5)))
    await _cases(pool, path)

    assert not await _cases(
        pool, path, keys=replace(KEYS, hash_key=bytes(32), code_secret=bytes(32), previous=(KEYS,))
    )


@pytest.mark.parametrize("numbers", [range(9), range(8, -1, -1), [5, 8, 0, 7, 2, 1], range(4, 12)])
@pytest.mark.parametrize("is_registered", [True, False])
async def test_what_an_import_had_begun_when_it_died_is_one_case_each(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows], numbers: Sequence[int], *, is_registered: bool
) -> None:
    """Its file grew, was turned round, sorted anew, or holds the last days alone: whatever of it Kafka has, and whoever dies
    once more, no row is lost, none is two cases, and none is put aside that is no case."""
    path, expected = tmp_path / "a.csv", set[str]()
    for room in range(8):
        first = 100 * (room + 1)
        before = await _begun(pool, _csv(path, listed(*range(first, first + 7))), room, in_flight=4)
        if is_registered:
            await _register(pool, before)
        rows = listed(*(first + each for each in numbers))
        done, after = await _sent(pool, _csv(path, rows), room=2, in_flight=3)
        await _register(pool, [*after, *before])

        expected |= {event.text for event in before} | {f"第{first + each}处路灯坏了三天" for each in numbers}
        assert sorted(expected) == await _texts(pool)
        assert done.known == len(numbers) - len({event.text for event in after})
        assert is_registered or not done.known


@pytest.mark.parametrize("room", [0, 1, 2, 3])
@pytest.mark.parametrize("in_flight", [1, 9])
async def test_of_rows_that_say_the_same_none_is_joined_unsaid(
    pool: Pool, tmp_path: Path, room: int, in_flight: int
) -> None:
    """Which of them an import that died had sent nobody knows: one is sent as the case that was begun, others are put aside;
    of its own list, run again, each is a case."""
    same = [["内容"], *[["路灯坏了"]] * 3]
    path = _csv(tmp_path / "a.csv", same)
    kafka = KafkaInMemory(room=room)
    with suppress(Unavailable):
        await run_import(import_of(path, in_flight=in_flight), kafka, PostgresSentRows(pool))
    done, sent = await _sent(pool, _csv(tmp_path / "b.csv", [*same, ["井盖丢了"]]), room=1, in_flight=1)

    assert (2, 2) == (done.accepted, len({event.case_id for event in sent}))
    assert 2 == done.known
    _, rest = await _sent(pool, path)
    await _register(pool, [*sent, *kafka.events, *rest])
    assert ["井盖丢了", *["路灯坏了"] * 3] == await _texts(pool)


async def test_after_an_older_copy_was_restored(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """What Kafka brings back is known again by what its messages say; of rows of a list that say the same all are cases."""
    path = _csv(tmp_path / "a.csv", [*listed(*range(5)), listed(4)[1]])
    first, sent = await _sent(pool, path)
    for table in ("sent_row", '"case"'):
        await pool.execute(f"TRUNCATE intake.{table} CASCADE")
    await _register(pool, sent)

    assert 2 == len(await _cases(pool, _csv(tmp_path / "b.csv", listed(*range(7)))))
    assert first.accepted == len((await _sent(pool, path))[1])


async def test_what_was_made_another_case_of_stands_for_what_never_was_one(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """A row that an import had only noted, and that was sent with --again, is known by the case that it is."""
    await _begun(pool, _csv(tmp_path / "a.csv", listed(*range(3))), room=0)
    (again,) = await _cases(pool, _csv(tmp_path / "b.csv", listed(1)), again=True)
    done, sent = await _sent(pool, _csv(tmp_path / "c.csv", listed(*range(3))))

    assert (1, 2) == (done.known, len(sent))
    assert again not in {event.case_id for event in sent}


async def test_what_an_earlier_release_noted_is_put_aside(
    pool: Pool, tmp_path: Path, listed: Callable[..., Rows]
) -> None:
    """It kept no code to send it under once more: nobody knows whether it was sent, and that is said."""
    await _begun(pool, _csv(tmp_path / "a.csv", listed(1)), room=0)
    await pool.execute("UPDATE intake.sent_row SET tracking_code = NULL")
    done, _ = await _sent(pool, _csv(tmp_path / "b.csv", listed(1, 2)))

    assert (1, 1) == (done.known, done.accepted)


@pytest.mark.parametrize("source", [None, "letters"])
@pytest.mark.parametrize("number", ["1", ""])
async def test_rows_with_files_that_an_earlier_release_noted_are_put_aside(
    pool: Pool, tmp_path: Path, number: str, source: str | None
) -> None:
    """It sent them under codes that followed from their files, too: gone on with, or sent once more, they would be second
    cases. Whoever says so all the same makes cases of them, which stay theirs."""
    table = [["编号", "内容", "附件"], [number, "路灯坏了。", "一.pdf"], [number, "井盖坏了。", ""]]
    path = _csv(tmp_path / "a.csv", table)
    await _begun(pool, path, room=0, source=source)
    await pool.execute("UPDATE intake.sent_row SET tracking_code = NULL")
    done, sent = await _sent(pool, path, source=source)

    assert (1, ["井盖坏了。"]) == (done.known, [event.text for event in sent])
    made = await _cases(pool, path, again=True, source=source)
    assert 2 == len(made)
    assert made == await _cases(pool, path, source=source)


@pytest.mark.parametrize("source", [None, "letters"])
@pytest.mark.parametrize("number", ["1", ""])
async def test_a_file_that_was_not_there_comes_to_its_case_later(
    pool: Pool, tmp_path: Path, number: str, source: str | None
) -> None:
    """The row is the same message; imported once more it brings what it did not have, once, and nothing else."""
    path = _csv(tmp_path / "a.csv", [["编号", "内容", "附件"], [number, "路灯坏了。", "一.pdf；二.pdf"]])
    (tmp_path / "scans").mkdir()
    cabinet = replace(cabinet_in(tmp_path / "kept")[0], rows=PostgresFileRows(pool))
    folder = Folder(path=tmp_path / "scans", cabinet=cabinet)
    said: list[Event] = []
    for name in ("", "一.pdf", "二.pdf", ""):
        if name:
            (tmp_path / "scans" / name).write_bytes(b"%PDF-1.7\n" + name.encode())
        _, sent = await _sent(pool, path, source=source, folder=folder)
        said += await _register(pool, sent)
    _, sent = await _sent(pool, path, source=source)
    said += await _register(pool, sent)
    added = [event for event in said if isinstance(event, CaseSupplemented)]

    assert 1 == len(await _texts(pool))
    assert [["一.pdf"], ["二.pdf"]] == [[file.name for file in event.attachments] for event in added]
    assert ["（后来导入的附件：一.pdf）", "（后来导入的附件：二.pdf）"] == [event.text for event in added]
    assert 2 == await pool.fetchval("SELECT count(*) FROM intake.attached WHERE NOT is_missing")
