"""A list that has grown is not sent as if all of it were new."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from os import listdir
from pathlib import Path

import msgspec
import pytest

from intake.core.draft import SubmissionBody, check
from intake.imports.before import MOST, ImportedBefore, row_of
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


@pytest.mark.parametrize(
    ("earlier", "now", "is_refused"),
    [
        ((1,), range(1, 11), False), ((1,), (1, 2), True), ((1,), (1,), False), ((1, 2), range(1, 11), True),
        (range(1, 11), (1,), True), (range(1, 11), (), False), ((1, 2, 3), (3, 7, 8, 9), False),
        ((1, 2, 3), (2, 3, 7, 8), True),
    ],
)  # fmt: skip
async def test_one_message_that_was_sent_keeps_no_others_back(
    tmp_path: Path, earlier: Sequence[int], now: Sequence[int], is_refused: bool
) -> None:
    """Two make a list that has grown, and one that is half of it."""
    await _sent(_list(tmp_path / "a.csv", *earlier))
    path = _list(tmp_path / "b.csv", *now)
    if is_refused:
        with pytest.raises(ImportedBefore):
            await _sent(path)
    else:
        assert len(now) == await _sent(path)


@pytest.mark.parametrize(("unnumbered", "is_refused"), [(1, False), (3, True)])
async def test_nor_does_one_without_a_number_where_a_source_joins_the_others(
    tmp_path: Path, unnumbered: int, is_refused: bool
) -> None:
    """Of several it is said without a word of the source, which would help none of them."""
    rows = [f"{'' if number < unnumbered else number},路灯坏了第{number}处,\n" for number in range(10)]
    earlier, grown = tmp_path / "a.csv", tmp_path / "b.csv"
    earlier.write_text(f"{_HEAD}\n{''.join(rows)}", encoding="utf-8")
    grown.write_text(f"{_HEAD}\n{''.join(rows)}10,路灯又坏了,\n", encoding="utf-8")
    await _sent(earlier, source="crm")
    if is_refused:
        with pytest.raises(ImportedBefore, match=r"^3 rows .*lines 2, 3, 4") as refused:
            await _sent(grown, source="crm")
        assert not any("--source" in refused.value.message(language) for language in Language)
    else:
        assert 11 == await _sent(grown, source="crm")


async def test_the_source_is_advised_that_joins_them(tmp_path: Path) -> None:
    """And only where there is one: whoever named none then gains nothing by naming one now."""
    await _sent(_list(tmp_path / "a.csv", 1, 2, 3), source="市热线 1")
    with pytest.raises(ImportedBefore) as refused:
        await _sent(_list(tmp_path / "b.csv", 4, 1, 2, 3))

    assert all("--source '市热线 1'" in refused.value.message(language) for language in Language)
    assert "第 3, 4, 5 行" in refused.value.message(Language.ZH)
    assert 4 == await _sent(tmp_path / "b.csv", source="市热线 1")


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

    assert row_of(said, KEYS, "2") == row_of(msgspec.structs.replace(said, push_token="t"), KEYS, "2")
    assert row_of(said, KEYS, "2") != row_of(msgspec.structs.replace(said, publish=True), KEYS, "2")


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


@pytest.mark.parametrize(("count", "is_said"), [(MOST - 1, False), (MOST, True)])
async def test_who_is_told_of_some_rows_is_told_that_others_were_sent_too(
    tmp_path: Path, count: int, is_said: bool
) -> None:
    """No more than the first are remembered: whoever leaves out those alone would send the others twice."""
    await _sent(_list(tmp_path / "a.csv", *range(1, count + 1)))
    grown = _list(tmp_path / "b.csv", *range(1, count + 3))
    with pytest.raises(ImportedBefore) as refused:
        await run_import(import_of(grown), KafkaInMemory())

    assert is_said is (f"只记其前 {MOST} 行" in refused.value.message(Language.ZH))
    assert is_said is (f"only its first {MOST}" in refused.value.message(Language.EN))
