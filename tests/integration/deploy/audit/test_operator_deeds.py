"""What somebody does to the city by a command has a row that names them, and that nobody changes or cuts off unseen."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer

from deploy import clock, composition
from deploy.accounts.who_runs import who_runs
from deploy.audit.verification import Verified
from deploy.commands import audit, calendar, dead_letters, forget, import_, knowledge, models
from deploy.commands.audit import sentences
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import connect
from deploy.database.sealed_rows import Changing
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.client.client import open_producer
from deploy.settings import Settings
from intake.imports.run import Import
from intake.imports.tables import TableChoice
from routing.store import models as learned
from schemas.topics import DEAD_LETTERS, SUBMISSIONS, topic_name
from schemas.words import Channel, Language
from tests.integration.deploy.audit.anchored import make_anchor, verify, with_topic


@pytest.fixture
async def settings(
    postgres_server: EmbeddedPostgres,
    migrated: str,
    kafka_server: EmbeddedKafka,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """A migrated city with topics for dead letters and messages, as its commands find it."""
    made = await with_topic(
        postgres_server, migrated, kafka_server, tmp_path / "data", DEAD_LETTERS, SUBMISSIONS
    )
    for module in (audit, calendar, dead_letters, forget, import_, knowledge, models):
        monkeypatch.setattr(module, "settings_here", lambda: made)
    return made


async def _rows(settings: Settings) -> list[tuple[str, str, str]]:
    async with connect(settings) as db:
        rows = await db.fetch("SELECT what, about, by FROM deploy.operator_deed ORDER BY number")
        return [tuple(row) for row in rows]


async def test_each_command_says_who_ran_it(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Deadlines are moved, models chosen, letters deleted and people forgotten by somebody; it was in no row."""
    days, entries = tmp_path / "days.csv", tmp_path / "entries.jsonl"
    days.write_text("date,is_workday,name\n2026-12-01,false,雪天\n", encoding="utf-8")
    entries.write_text("{}\n", encoding="utf-8")
    async with open_producer(settings) as producer:
        sent = await producer.send_and_wait(topic_name(DEAD_LETTERS, settings.topic_prefix), b"x")
    async with connect(settings) as db, db.transaction():
        version = await learned.add_shadow(db, "{}", b"", "li", clock.now())
    commands: list[Callable[[], object]] = [
        partial(calendar.import_calendar, days, local=True),
        partial(asyncio.run, models._promote(version)),
        models.rollback,
        # The rules decide already: nobody did anything.
        models.rollback,
        partial(dead_letters.drop, f"{sent.partition}-{sent.offset}"),
        # Nothing is left to send once more.
        dead_letters.replay_,
        partial(dead_letters.replay_, sign=True),
        partial(forget.forget_citizens, "三年已满", ended_before=clock.now().replace(tzinfo=None, year=2020)),
    ]
    for command in commands:
        await asyncio.to_thread(command)
    with pytest.raises(dead_letters.NoSuchLetter):
        await asyncio.to_thread(dead_letters.drop, "0-999")
    with pytest.raises(typer.Exit):
        await asyncio.to_thread(knowledge.import_, entries)
    # Of this one every line was refused; of the next one none, and the second time nothing is new.
    entries.write_text(await _entry(settings), encoding="utf-8")
    for _ in range(2):
        await asyncio.to_thread(knowledge.import_, entries)
    letter = await _letter(settings)
    for is_signed in (False, True):
        await asyncio.to_thread(dead_letters.replay_, [letter], sign=is_signed)
    for words in ("", "路灯不亮三天了"):
        await import_._run(_list_of(settings, tmp_path, words), None)

    about = [
        (Operated.CALENDAR, "china 2026-12-01..2026-12-01: local days: days.csv"),
        (Operated.MODEL_PROMOTED, version),
        (Operated.MODEL_ROLLED_BACK, "rules"),
        (Operated.DEAD_LETTERS_DROPPED, f"..{sent.partition}-{sent.offset}"),
        (Operated.FORGOTTEN, f"..2020-{clock.now():%m-%d}: 三年已满"),
        (Operated.KNOWLEDGE, "1: entries.jsonl"),
        (Operated.DEAD_LETTERS_REPLAYED, f"1: {letter}"),
        (Operated.DEAD_LETTERS_SIGNED, f"1: {letter}"),
        (Operated.MESSAGES, "list.csv"),
    ]
    assert [(what.value, told, who_runs()) for what, told in about] == await _rows(settings)
    capsys.readouterr()
    await asyncio.to_thread(audit.deeds, 1, as_json=True)
    latest = json.loads(capsys.readouterr().out)
    assert ("messages", who_runs()) == (latest["what"], latest["by"])


async def _letter(settings: Settings) -> str:
    """The id of a dead letter that came from the topic of dead letters."""
    topic = topic_name(DEAD_LETTERS, settings.topic_prefix)
    async with open_producer(settings) as producer:
        sent = await producer.send_and_wait(topic, b"x", headers=[("dlq_topic", topic.encode())])
    return f"{sent.partition}-{sent.offset}"


async def _entry(settings: Settings) -> str:
    """A line that is a knowledge entry, checked today by the database's clock."""
    async with connect(settings) as db:
        today = str(await db.fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"))
    year, rest = int(today[:4]) + 1, today[4:8]
    return json.dumps(
        {
            "owner": "housing", "questions": ["居住证怎么办理"], "answer": "带身份证到社区。", "valid_from": "2026-01-01",
            "valid_until": f"{year}{rest}01", "checked_on": today,
        }
    )  # fmt: skip


def _list_of(settings: Settings, folder: Path, words: str) -> Import:
    """A list of one message; of none where it has no words."""
    path = folder / "list.csv"
    path.write_text(f"内容,电话\n{words},13900138001\n", encoding="utf-8")
    keys = composition.intake_keys(settings)
    return Import(
        path=path, channel=Channel.LETTER, source=None, choice=TableChoice(), keys=keys, clock=clock.now
    )


async def test_nothing_is_deleted_for_good_without_a_row(settings: Settings) -> None:
    """Where Postgres takes none, the letter stays."""
    async with open_producer(settings) as producer:
        sent = await producer.send_and_wait(topic_name(DEAD_LETTERS, settings.topic_prefix), b"x")
    async with connect(settings.as_owner) as db:
        await db.execute("DROP TABLE deploy.operator_deed")

    with pytest.raises(asyncpg.UndefinedTableError):
        await asyncio.to_thread(dead_letters.drop, f"{sent.partition}-{sent.offset}")

    found = await dead_letters._found(None, None, 10, ())
    assert [f"{sent.partition}-{sent.offset}"] == [letter.id for letter in found]


async def test_a_row_stands_before_anything_is_deleted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever loses Postgres, or Kafka, in between has a row too many, and never a deed without one."""
    async with open_producer(settings) as producer:
        sent = await producer.send_and_wait(topic_name(DEAD_LETTERS, settings.topic_prefix), b"x")
    seen: list[Any] = []

    async def deletes(*_: object) -> None:
        seen.extend(await _rows(settings))

    monkeypatch.setattr(dead_letters, "delete_up_to", deletes)
    await asyncio.to_thread(dead_letters.drop, f"{sent.partition}-{sent.offset}")

    assert (Operated.DEAD_LETTERS_DROPPED.value, f"..{sent.partition}-{sent.offset}", who_runs()) in seen


async def test_no_deed_is_changed_or_cut_off_unseen(settings: Settings) -> None:
    """Not another name in the middle, nor a tail that an anchor knew; the role of our processes cannot even try."""
    key = composition.audit_key(settings)
    async with connect(settings) as db:
        for name in ("wang", "eve", "li"):
            async with db.transaction():
                await note_deed(db, Changing(name, clock.now(), key), Operated.CALENDAR, "days")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("UPDATE deploy.operator_deed SET by = 'wang'")
    await make_anchor(settings)
    assert (await verify(settings)).holds

    renamed = await _after(settings, "UPDATE deploy.operator_deed SET by = 'wang' WHERE number = 2")
    assert (2, "changed", False) == _found(renamed)
    assert "运维操作记录：第 2 行与写入时不符（changed）" in [
        each.message(Language.ZH) for each in sentences(renamed)
    ]
    await _after(settings, "UPDATE deploy.operator_deed SET by = 'eve' WHERE number = 2")
    cut = await _after(settings, "DELETE FROM deploy.operator_deed WHERE number > 1")
    assert (2, "anchor", False) == _found(cut)


async def _after(settings: Settings, statement: str) -> Verified:
    async with connect(settings.as_owner) as db:
        await db.execute("ALTER TABLE deploy.operator_deed DISABLE TRIGGER USER")
        await db.execute(statement)
    return await verify(settings)


def _found(verified: Verified) -> tuple[int | None, str, bool]:
    return verified.broken_operator_deed, verified.operator_deed_why, verified.holds
