"""Entries of other systems: imported into the review, exported as everybody reads them, and the same both ways."""

from typing import Any

import msgspec
import pytest

from handlers.steps import exchange_entries as exchange
from handlers.steps.exchange_entries import ExportedEntry, ImportedEntry
from handlers.store import entries as store
from schemas.errors import BadInput
from schemas.ids import EntryId
from schemas.words import EntryState
from tests.conftest import RecordingUnit
from tests.integration.handlers.entry_desk import CITY, FIELDS, Staff, acted, published

LINE: dict[str, Any] = {**FIELDS, "owner": "housing", "questions": ["居住证怎么办理", "办居住证要带什么"]}


def _line(**changed: Any) -> ImportedEntry:
    return msgspec.convert({**LINE, **changed}, ImportedEntry)


async def _only(unit: RecordingUnit) -> EntryId:
    (row,) = await unit.db.fetch("SELECT entry_id FROM handlers.entry")
    return EntryId(str(row["entry_id"]))


async def test_an_imported_entry_waits_for_its_review(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Once, however often the file is read; nobody reads it before a dispatcher has."""
    came = [await exchange.import_entry(unit, _line(), CITY) for _ in range(2)]
    entry = await wang.read(await _only(unit))

    assert ["written", "unchanged"] == came
    assert (EntryState.PROPOSED, 2, None) == (entry.state, entry.version, entry.published)
    assert ["entry.proposed"] == [event.name for event in unit.emitted]
    await acted(li, entry.entry_id, "approve")
    assert "unchanged" == await exchange.import_entry(unit, _line(), CITY)
    assert "changed" == await exchange.import_entry(unit, _line(answer="7个工作日办好。"), CITY)
    entry = await wang.read(entry.entry_id)
    assert (EntryState.PROPOSED, True) == (entry.state, entry.published is not None)


async def test_whoever_was_quicker_is_found(
    unit: RecordingUnit, wang: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files at once: the entry that the other one wrote after we looked is the known one."""
    await exchange.import_entry(unit, _line(), CITY)
    looked = [None]

    async def late(db: Any, entry_id: EntryId) -> Any:
        return looked.pop() if looked else await lock(db, entry_id)

    lock = store.lock
    monkeypatch.setattr(store, "lock", late)

    assert "unchanged" == await exchange.import_entry(unit, _line(), CITY)
    looked.append(None)
    assert "changed" == await exchange.import_entry(unit, _line(basis="居住证条例第十条"), CITY)
    assert EntryState.PROPOSED is (await wang.read(await _only(unit))).state


async def test_what_is_exported_is_what_everybody_reads(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """No draft, nothing withdrawn, and no case that it was made from; imported again it changes nothing."""
    entry_id = await published(wang, li)
    withdrawn = await published(wang, li, questions="公交卡怎么退")
    await acted(wang, withdrawn, "withdraw", remarks="过时")
    (line,) = await exchange.export_entries(unit.db)

    assert entry_id == line.entry_id
    assert [] == await exchange.export_entries(unit.db, line.entry_id)
    assert "made_from" not in ExportedEntry.__struct_fields__
    again = msgspec.convert(msgspec.to_builtins(line), ImportedEntry)
    assert "unchanged" == await exchange.import_entry(unit, again, CITY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"owner": "nobody"}, "owner"),
        ({"entry_id": "1"}, "entry_id"),
        ({"answer": "……"}, "answer"),
        ({"valid_until": "2020-01-01", "valid_from": "2019-01-01"}, "valid_until"),
        ({"categories": ["nothing"]}, "categories"),
    ],
)
async def test_what_cannot_be_is_refused(unit: RecordingUnit, changed: dict[str, Any], field: str) -> None:
    """By the field, and nothing is kept."""
    with pytest.raises(BadInput) as refused:
        await exchange.import_entry(unit, _line(**changed), CITY)

    assert field in {error.field for error in refused.value.errors}
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM handlers.entry")


async def test_no_file_takes_another_departments_entry(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Under its number it stays what it is."""
    entry_id = await published(wang, li)
    with pytest.raises(BadInput):
        await exchange.import_entry(unit, _line(entry_id=entry_id, owner="transport"), CITY)

    assert EntryState.LIVE is (await wang.read(entry_id)).state


async def test_personal_data_of_a_file_is_masked(unit: RecordingUnit, wang: Staff) -> None:
    """As of whoever writes at a desk."""
    await exchange.import_entry(
        unit, _line(answer="请打13812345678找张三先生。", basis="问13812345678"), CITY
    )

    content = (await wang.read(await _only(unit))).content
    assert "13812345678" not in content.answer + content.basis
