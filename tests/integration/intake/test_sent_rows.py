"""A row of a list is one case, whichever file it stands in, wherever that lies and whatever it is called."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.composition.acceptance import PostgresSentRows
from deploy.database.pool import Pool, open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from intake.imports.run import run_import
from schemas.errors import Unavailable
from schemas.words import Channel
from tests.kafka_in_memory import KafkaInMemory
from tests.stack import fresh_database
from tests.unit.intake.imports.files import import_of, rows_xml, sheet_xml, workbook
from tests.unit.intake.messages import KEYS

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


async def _cases(pool: Pool, path: Path, **more: object) -> set[str]:
    kafka = KafkaInMemory()
    done = await run_import(import_of(path, **more), kafka, PostgresSentRows(pool))
    assert done.rows == done.accepted + done.rejected + done.known
    return {event.case_id for event in kafka.events}


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
    task = import_of(_csv(tmp_path / "a.csv", listed(*range(6))), in_flight=2)
    with pytest.raises(Unavailable):
        await run_import(task, KafkaInMemory(room=4), PostgresSentRows(pool))
    task.progress_path.unlink()
    anew = import_of(_csv(task.path, listed(*range(8))))
    done = await run_import(anew, KafkaInMemory(), PostgresSentRows(pool))

    assert (8, 2, 6) == (done.rows, done.accepted, done.known)


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
