"""A list that has grown is not sent as if all of it were new."""

import asyncio
import json
from dataclasses import replace
from os import listdir
from pathlib import Path

import msgspec
import pytest

from intake.core.draft import SubmissionBody, check
from intake.imports.before import ImportedBefore, row_of
from intake.imports.run import run_import
from schemas.errors import Unavailable
from schemas.event import Event
from schemas.words import Language
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.imports.files import import_of
from tests.unit.intake.messages import KEYS

_HEAD = "编号,内容,电话"


def _list(path: Path, *numbers: int, what: str = "路灯坏了三天") -> Path:
    rows = [f"{number},{what}第{number}处,1390013{number:04d}" for number in numbers]
    path.write_text("\n".join([_HEAD, *rows]) + "\n", encoding="utf-8")
    return path


async def _sent(path: Path, **more: object) -> int:
    kafka = KafkaInMemory()
    await run_import(import_of(path, **more), kafka)
    return len(kafka.events)


@pytest.mark.parametrize("name", ["a.csv", "b.csv"])
@pytest.mark.parametrize("rows", [(1, 2, 3, 4), (4, 1, 2, 3), (1, 2, 4)])
async def test_a_list_that_has_grown_is_named_before_anything_is_sent(
    tmp_path: Path, name: str, rows: tuple[int, ...]
) -> None:
    """By the same name or another, at its end or at its beginning; and sent where somebody says so."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3))
    grown, kafka = _list(tmp_path / name, *rows), KafkaInMemory()
    with pytest.raises(ImportedBefore) as refused:
        await run_import(import_of(grown), kafka)

    assert [] == kafka.events
    assert all("a.csv" in refused.value.message(language) for language in Language)
    assert len(rows) == await _sent(grown, again=True)


async def test_what_is_joined_or_new_is_sent(tmp_path: Path) -> None:
    """Under one source rows with numbers are one message each; another day's list begins otherwise."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3), source="crm")

    assert 4 == await _sent(_list(tmp_path / "b.csv", 1, 2, 3, 4), source="crm")
    assert 3 == await _sent(_list(tmp_path / "c.csv", 1, 2, 3, what="井盖坏了"))
    assert 4 == await _sent(_list(tmp_path / "d.csv", 3, 7, 8, 9))
    with pytest.raises(ImportedBefore):
        await _sent(_list(tmp_path / "e.csv", 1, 2, 3, 5))


async def test_the_same_file_is_refused_by_nobody(tmp_path: Path) -> None:
    """Every row of it is the case that it was, also where it lies twice."""
    path = _list(tmp_path / "a.csv", 1, 2, 3)

    assert [3, 3] == [await _sent(path) for _ in range(2)]
    assert 3 == await _sent(_list(tmp_path / "b.csv", 1, 2, 3))


async def test_a_dry_run_says_it_too_and_remembers_nothing(tmp_path: Path) -> None:
    """Before the columns of a list are looked at that is not to be sent; they are shown with `again`."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3))
    trial = import_of(_list(tmp_path / "b.csv", 1, 2, 3, 4), dry_run=True)

    with pytest.raises(ImportedBefore):
        await run_import(trial, None)
    assert 4 == (await run_import(replace(trial, again=True), None)).accepted
    assert not trial.path.with_name("b.csv.imported.json").exists()


@pytest.mark.parametrize("room", [0, 4])
async def test_a_list_whose_import_stopped_is_remembered(tmp_path: Path, room: int) -> None:
    """Nobody knows which of the rows under way arrived; it goes on itself all the same."""
    path = _list(tmp_path / "a.csv", *range(10))
    with pytest.raises(Unavailable):
        await run_import(import_of(path, in_flight=2), KafkaInMemory(room=room))

    with pytest.raises(ImportedBefore):
        await _sent(_list(tmp_path / "b.csv", *range(12)))
    assert 10 - room == await _sent(path)


async def test_of_two_that_begin_at_once_one_is_sent(tmp_path: Path) -> None:
    """The other is refused while the first is under way."""
    both = [_list(tmp_path / "a.csv", 1, 2, 3), _list(tmp_path / "b.csv", 1, 2, 3, 4)]
    done = await asyncio.gather(*map(_sent, both), return_exceptions=True)

    assert [3, ImportedBefore] == [done[0], type(done[1])]
    assert not tmp_path.joinpath("b.csv.imported.json.new").exists()


async def test_a_list_that_has_only_begun_to_be_looked_at_counts_too(tmp_path: Path) -> None:
    """Before its first row is sent."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3))
    tmp_path.joinpath("a.csv.imported.json").rename(tmp_path / "a.csv.imported.json.new")

    with pytest.raises(ImportedBefore) as refused:
        await _sent(_list(tmp_path / "b.csv", 1, 2, 3, 4))
    assert tmp_path.joinpath("a.csv").name == refused.value.facts["earlier"]


@pytest.mark.parametrize("newer", [11, 40])
async def test_first_rows_are_found_wherever_they_stand(tmp_path: Path, newer: int) -> None:
    """Many lists show the newest first."""
    await _sent(_list(tmp_path / "a.csv", *range(30)))

    with pytest.raises(ImportedBefore):
        await _sent(_list(tmp_path / "b.csv", *range(100, 100 + newer), *range(30)))


async def test_what_is_remembered_says_nothing_of_the_rows(tmp_path: Path) -> None:
    """Not even to whoever guesses them: hashes are keyed; and its owner alone reads it."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3))
    kept = tmp_path / "a.csv.imported.json"

    assert 0o600 == kept.stat().st_mode & 0o777
    assert {"file_sha256", "source", "unnumbered", "numbered"} == json.loads(kept.read_text("utf-8")).keys()
    assert "路灯" not in kept.read_text("utf-8")


async def test_what_is_no_record_of_ours_hinders_nobody(tmp_path: Path) -> None:
    """Half of one, or another program's."""
    (tmp_path / "x.imported.json").write_text("{", encoding="utf-8")
    (tmp_path / "y.imported.json").mkdir()

    assert 2 == await _sent(_list(tmp_path / "a.csv", 1, 2))


async def test_it_is_known_under_a_former_secret_too(tmp_path: Path) -> None:
    """The master secret may change between two exports of a list."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3))
    new = replace(KEYS, hash_key=bytes(32), previous=(KEYS,))

    with pytest.raises(ImportedBefore):
        await _sent(_list(tmp_path / "b.csv", 1, 2, 3, 4), keys=new)


def test_a_message_is_known_by_what_the_citizen_said_alone() -> None:
    """So the next release finds it, whose messages have more fields."""
    said = check(SubmissionBody(title="路灯", text="路灯坏了三天"))

    assert row_of(said, KEYS) == row_of(msgspec.structs.replace(said, push_token="t"), KEYS)
    assert row_of(said, KEYS) != row_of(msgspec.structs.replace(said, publish=True), KEYS)


@pytest.mark.parametrize("in_flight", [2, 500])
async def test_a_file_that_is_moved_while_it_is_sent_is_sent_to_its_end(
    tmp_path: Path, in_flight: int
) -> None:
    """And remembered, with nothing left that would hinder the next file of its name."""
    path = _list(tmp_path / "a.csv", 1, 2, 3)
    kafka = _Moving(path)
    await run_import(import_of(path, in_flight=in_flight), kafka)

    left = ["a.csv.imported.json", "moved"]
    assert (3, left) == (len(kafka.events), sorted(listdir(tmp_path)))
    assert 3 == await _sent(_list(path, 4, 5, 6))
    with pytest.raises(ImportedBefore):
        await _sent(_list(tmp_path / "b.csv", 4, 5, 6, 7))


class _Moving(KafkaInMemory):
    """Somebody moves the file as its first message arrives."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    async def publish(self, event: Event) -> None:
        if self._path.exists():
            self._path.rename(self._path.with_name("moved"))
        await super().publish(event)
