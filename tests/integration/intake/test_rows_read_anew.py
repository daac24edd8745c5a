"""A row that an earlier release read otherwise is the case that it made of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.composition.acceptance import PostgresSentRows
from deploy.database.pool import Pool, open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from intake.core.registration import prepare_messages
from intake.imports import run
from intake.imports.columns import SourceRow
from intake.imports.rows import RowReading, read
from intake.imports.run import run_import
from intake.steps.register import register_cases
from tests.conftest import RecordingUnit
from tests.kafka_in_memory import KafkaInMemory
from tests.stack import fresh_database
from tests.unit.intake.imports.files import import_of
from tests.unit.intake.messages import KEYS, NOW

_HEAD = "编号,内容,来电日期,来电时间,诉求类型,是否保密"
_ROWS = ("停水三天了,2026-11-20,08:30,报修件,不需要", "路灯坏了,2026-11-20,18:05,投诉,否")


@pytest.fixture
async def pool(postgres_server: EmbeddedPostgres, migrated: str) -> AsyncIterator[Pool]:
    """A city into which nothing was imported."""
    copy = await fresh_database(postgres_server.url, like=migrated)
    async with open_pool(Settings(database_url=copy)) as pool:
        yield pool


def _as_before(*said: object, **more: object) -> RowReading:
    """As the release read it that made cases of the rows first."""
    reading = read(*said, **more)  # type: ignore[arg-type]  # passed on as it came
    assert isinstance(said[0], SourceRow)
    return RowReading(reading.before or reading.draft, [])


def _write(path: Path, *rows: str) -> None:
    path.write_text("\n".join([_HEAD, *rows]) + "\n", encoding="utf-8")


async def _cases(pool: Pool, path: Path, *rows: str, source: str | None = None) -> set[str]:
    """The cases that are made of a list."""
    _write(path, *rows)
    kafka = KafkaInMemory()
    await run_import(import_of(path, source=source), kafka, PostgresSentRows(pool))
    for event in kafka.events:
        async with pool.acquire() as db, db.transaction():
            await register_cases(RecordingUnit(db, NOW), [event], prepare_messages([event], keys=KEYS))
    return {event.case_id for event in kafka.events}


@pytest.mark.parametrize("number", ["", "7"])
@pytest.mark.parametrize("source", [None, "letters"])
async def test_a_row_that_is_read_anew_is_no_second_case(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, source: str | None
) -> None:
    """Of the same file it is the case that it was; in a list that grew it is known, also the next days."""
    rows = [f"{number},{_ROWS[0]}", f"{number and 8},{_ROWS[1]}"]
    with monkeypatch.context() as earlier:
        earlier.setattr(run, "read", _as_before)
        first = await _cases(pool, tmp_path / "a.csv", *rows, source=source)
    again = await _cases(pool, tmp_path / "b.csv", *rows, source=source)
    grown = [
        await _cases(pool, tmp_path / f"{day}.csv", *rows, *(f",第{each}处漏水,,,," for each in range(day)))
        for day in (1, 2, 3)
    ]

    assert first == again
    assert 2 == len(first)
    assert [1, 1, 1] == [len(cases) for cases in grown]
    assert 5 == await pool.fetchval('SELECT count(*) FROM intake."case"')


async def test_a_row_that_was_corrected_stays_known_in_every_later_list(pool: Pool, tmp_path: Path) -> None:
    """What a list notes of a row that it does not send makes no case of it in the next."""
    (made,) = await _cases(pool, tmp_path / "a.csv", "7,停水三天了,2026-11-20,08:30,投诉,否")
    for day in range(3):
        rows = ["7,停水三天了,2026-11-20,08:30,求助,否", *(f",第{each}处漏水,,,," for each in range(day))]
        assert made not in await _cases(pool, tmp_path / f"{day}.csv", *rows)

    assert 3 == await pool.fetchval('SELECT count(*) FROM intake."case"')
