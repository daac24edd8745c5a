"""`huiyin dead-letters` on real Kafka: looked at, brought back once, dropped."""

import asyncio
import json
import socket

import pytest
import typer

from deploy.accounts.who_runs import who_runs
from deploy.commands import dead_letters as command
from tests.integration.deploy.rig import DEFECT, REFUSED, Rig, events, with_text
from tests.unit.deploy.records import supplemented

GOOD = supplemented(1)
TYPE = b"case.supplemented.v1"


async def test_after_a_fix_a_replay_brings_dead_letters_through_once(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    """`dead-letters replay`, twice: the same event ids, handled once; a dry run sends nothing; a filter holds."""
    await rig.send_many(
        [with_text(event, text) for event, text in zip(events(2), (DEFECT, REFUSED), strict=True)]
    )
    async with rig.consuming():
        await rig.has_letters(2)
        rig.fixed |= {DEFECT, REFUSED}
        await asyncio.to_thread(command.replay_, dry_run=True)
        await asyncio.to_thread(command.replay_, reason="defect")
        await rig.has_committed(3)
        after_one = await rig.seen()
        for _ in range(2):
            await asyncio.to_thread(command.replay_)
        await rig.has_committed(7)

    assert after_one == [(1, 1)]
    assert [(1, 1), (2, 1)] == sorted(await rig.seen())
    assert "would replay 2" in capsys.readouterr().err


async def test_a_mistyped_id_brings_nothing_back(rig: Rig) -> None:
    """One that is none, or of a letter that there is not, beside one that there is: nothing is sent, and it is named."""
    await rig.send(with_text(GOOD, REFUSED))
    async with rig.consuming():
        (letter,) = await rig.has_letters(1)
        rig.fixed |= {REFUSED}
        with pytest.raises(typer.BadParameter, match="0-17"):
            await asyncio.to_thread(command.replay_, [letter.id, "x1"])
        with pytest.raises(command.NoSuchLetter, match="no dead letter 0-999999"):
            await asyncio.to_thread(command.replay_, [letter.id, "0-999999"], dry_run=True)
        before = await rig.seen()
        await asyncio.to_thread(command.replay_, [letter.id])
        await rig.has_seen(1)

    assert [] == before


async def test_whoever_looks_at_one_leaves_a_row(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    """The system's user, the machine and the case; `list`, which shows no content, leaves none."""
    letter_of = supplemented(7)
    await rig.send(with_text(letter_of, REFUSED))
    async with rig.consuming():
        (letter,) = await rig.has_letters(1)
    query = "SELECT who, role, address, route, fields FROM deploy.case_view WHERE case_id = $1"
    before = await rig.pool.fetch(query, letter_of.case_id)
    await asyncio.to_thread(command.list_, as_json=True)
    listed = await rig.pool.fetch(query, letter_of.case_id)
    await asyncio.to_thread(command.show, letter.id)
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    *_, row = await rig.pool.fetch(query, letter_of.case_id)

    assert ("dead-letter.view", letter_of.case_id, True) == tuple(
        said[n] for n in ("event", "case_id", "row")
    )
    assert before == listed
    assert (who_runs(), "operator", socket.gethostname()) == tuple(row)[:3]
    assert ("huiyin dead-letters show", ["dead-letter"]) == tuple(row)[3:]


async def test_dead_letters_can_be_listed_shown_and_dropped(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `list` names, `show` shows whole and `drop` deletes for good."""
    key, value, headers = await rig.send(with_text(GOOD, REFUSED))
    async with rig.consuming():
        (letter,) = await rig.has_letters(1)
    await asyncio.to_thread(command.list_, as_json=True)
    listed = capsys.readouterr().out
    await asyncio.to_thread(command.show, letter.id)
    shown = json.loads(capsys.readouterr().out)
    await asyncio.to_thread(command.drop, letter.id, dry_run=True)
    kept = await rig.letters()
    await asyncio.to_thread(command.drop, letter.id)

    assert '"reason":"refused_by_step"' in listed
    assert REFUSED not in listed.replace("refused_by_step", "")
    assert {
        "id": letter.id,
        "reason": "refused_by_step",
        "stage": "scratch",
        "topic": rig.topic,
    }.items() <= shown.items()
    assert [(key or b"").decode(), (value or b"").decode()] == [shown["key"], shown["value"]]
    assert {name: (content or b"").decode() for name, content in headers} == shown["headers"]
    assert [letter.id] == [one.id for one in kept]
    assert await rig.letters() == []
