"""The hash chain: any change of the log shows, and where."""

import hmac
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.core.chain import START, Break, ChainHead, LogEntry, Why, first_broken, plain_hash, row_hash
from tests.unit.handlers.making import MONDAY, SEAL, fresh_case

OTHER = partial(lambda key, text: hmac.digest(key, text, "sha256"), b"x" * 32)


def _row(found: Break | None) -> int | None:
    return None if found is None else found.row


def chain_of(length: int, *, plain: int = 0) -> tuple[list[tuple[LogEntry, bytes]], ChainHead]:
    """A whole chain, and the head that the case keeps."""
    case_id, previous, rows = fresh_case(), START, []
    for seq in range(1, length + 1):
        entry = LogEntry(
            case_id=case_id, seq=seq, at=MONDAY + timedelta(minutes=seq), actor="wang", role="lead",
            action="note", from_state="in_progress", to_state="in_progress", version=4,
            detail={"text": f"第{seq}次", "ok": True},
        )  # fmt: skip
        previous = plain_hash(previous, entry) if seq <= plain else row_hash(SEAL, previous, entry)
        rows.append((entry, previous))
    return rows, ChainHead(seq=length, hash=previous, state="in_progress", version=4)


def test_a_whole_chain_holds() -> None:
    """Nothing is wrong with what nobody touched."""
    rows, head = chain_of(5)

    assert _row(first_broken(rows, head, [SEAL])) is None


@given(
    length=st.integers(1, 6),
    data=st.data(),
    change=st.sampled_from(
        [
            {"actor": "li"},
            {"action": "reply"},
            {"at": MONDAY},
            {"detail": {"text": "改过"}},
            {"detail": {"text": "第1次", "ok": 1}},
            {"to_state": "closed"},
            {"version": 5},
            {"seq": 9},
        ]
    ),
)
def test_a_changed_row_is_the_first_broken_one(
    length: int, data: st.DataObject, change: dict[str, Any]
) -> None:
    """Whichever field of whichever row was changed, that row is named."""
    rows, head = chain_of(length)
    place = data.draw(st.integers(0, length - 1))
    rows[place] = (msgspec.structs.replace(rows[place][0], **change), rows[place][1])

    assert place + 1 == _row(first_broken(rows, head, [SEAL]))


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_removed_row_is_the_first_broken_one(place: int) -> None:
    """At the start, in between and at the end: the head tells how many there should be."""
    rows, head = chain_of(4)
    del rows[place]

    assert place + 1 == _row(first_broken(rows, head, [SEAL]))


def test_an_added_row_is_the_first_broken_one() -> None:
    """A row after the head was not written by us, even if its hash fits."""
    rows, _ = chain_of(4)
    _, head = chain_of(3)
    head = msgspec.structs.replace(head, hash=rows[2][1])

    assert _row(first_broken(rows, head, [SEAL])) == 4


def test_a_state_that_the_log_does_not_know_breaks_the_last_row() -> None:
    """The case itself cannot be moved behind the log's back."""
    rows, head = chain_of(3)

    assert _row(first_broken(rows, msgspec.structs.replace(head, state="closed"), [SEAL])) == 3
    assert _row(first_broken(rows, msgspec.structs.replace(head, version=7), [SEAL])) == 3


def test_a_missing_case_or_log_breaks_the_first_row() -> None:
    """Neither side can be removed unnoticed."""
    rows, head = chain_of(2)

    assert _row(first_broken(rows, None, [SEAL])) == 1
    assert _row(first_broken([], head, [SEAL])) == 1


def test_a_row_of_another_case_breaks_the_chain() -> None:
    """Histories cannot be swapped."""
    rows, head = chain_of(3)
    others, _ = chain_of(3)

    assert _row(first_broken([rows[0], others[1], rows[2]], head, [SEAL])) == 2


def test_a_chain_that_began_before_the_key_holds() -> None:
    """Rows of earlier releases verify as they were; those after them are keyed."""
    rows, head = chain_of(4, plain=2)

    assert first_broken(rows, head, [SEAL]) is None


@pytest.mark.parametrize("keyed", [0, 1, 3])
def test_a_chain_made_again_without_the_key_shows(keyed: int) -> None:
    """At the first row without the key, whether it follows a keyed one or no anchor knows it to be old."""
    rows, head = chain_of(4, plain=4)
    ours, _ = chain_of(4)
    forged = [*ours[:keyed], *rows[keyed:]]

    assert Break(row=keyed + 1, why=Why.UNKEYED) == first_broken(forged, head, [SEAL], plain_until=0)


def test_a_chain_made_again_with_another_key_shows() -> None:
    """A MAC is not enough: it must be ours."""
    rows, head = chain_of(3)

    assert Break(row=1, why=Why.CHANGED) == first_broken(rows, head, [OTHER])
    assert first_broken(rows, head, [OTHER, SEAL]) is None
