"""The hash chain: any change of the log shows, and where."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.core.chain import START, ChainHead, LogEntry, first_broken, row_hash
from tests.unit.handlers.making import MONDAY, fresh_case


def chain_of(length: int) -> tuple[list[tuple[LogEntry, bytes]], ChainHead]:
    """A whole chain, and the head that the case keeps."""
    case_id, previous, rows = fresh_case(), START, []
    for seq in range(1, length + 1):
        entry = LogEntry(
            case_id=case_id, seq=seq, at=MONDAY + timedelta(minutes=seq), actor="wang", role="lead",
            action="note", from_state="in_progress", to_state="in_progress", version=4,
            detail={"text": f"第{seq}次", "ok": True},
        )  # fmt: skip
        previous = row_hash(previous, entry)
        rows.append((entry, previous))
    return rows, ChainHead(seq=length, hash=previous, state="in_progress", version=4)


def test_a_whole_chain_holds() -> None:
    """Nothing is wrong with what nobody touched."""
    rows, head = chain_of(5)

    assert first_broken(rows, head) is None


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

    assert place + 1 == first_broken(rows, head)


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_removed_row_is_the_first_broken_one(place: int) -> None:
    """At the start, in between and at the end: the head tells how many there should be."""
    rows, head = chain_of(4)
    del rows[place]

    assert place + 1 == first_broken(rows, head)


def test_an_added_row_is_the_first_broken_one() -> None:
    """A row after the head was not written by us, even if its hash fits."""
    rows, _ = chain_of(4)
    _, head = chain_of(3)
    head = msgspec.structs.replace(head, hash=rows[2][1])

    assert first_broken(rows, head) == 4


def test_a_state_that_the_log_does_not_know_breaks_the_last_row() -> None:
    """The case itself cannot be moved behind the log's back."""
    rows, head = chain_of(3)

    assert first_broken(rows, msgspec.structs.replace(head, state="closed")) == 3
    assert first_broken(rows, msgspec.structs.replace(head, version=7)) == 3


def test_a_missing_case_or_log_breaks_the_first_row() -> None:
    """Neither side can be removed unnoticed."""
    rows, head = chain_of(2)

    assert first_broken(rows, None) == 1
    assert first_broken([], head) == 1


def test_a_row_of_another_case_breaks_the_chain() -> None:
    """Histories cannot be swapped."""
    rows, head = chain_of(3)
    others, _ = chain_of(3)

    assert first_broken([rows[0], others[1], rows[2]], head) == 2
