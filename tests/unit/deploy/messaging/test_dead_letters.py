"""What is kept of a record that cannot pass, and what is made of it again; that Kafka keeps it is tested on Kafka."""

from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pytest

from deploy.messaging.dead.dead_letter_seal import LetterSeal, LetterSealed
from deploy.messaging.dead.dead_letters import MAX_KEPT_BYTES, DeadLetter, StoredLetter
from tests.unit.deploy.records import Record

SEAL = LetterSeal([b"k" * 32])
RECORD = Record(
    key=b"case", value=b"body", headers=[("ce_id", b"1"), ("x-ray", None)], topic="huiyin.submissions.v1",
    partition=2, offset=7,
)  # fmt: skip


def _letter(record: Record = RECORD) -> DeadLetter:
    return DeadLetter(record=record, stage="intake", reason="schema: text", attempts=3)


def _stored(content: dict[str, Any], seal: LetterSeal = SEAL) -> StoredLetter:
    return StoredLetter(record=Record(**content, partition=1, offset=9), seal=seal)


def test_a_letter_says_where_it_came_from_and_why() -> None:
    """Who brings it back needs all of it."""
    stored = _stored(_letter().content())
    facts = ("reason", "stage", "topic", "partition", "offset", "attempts")

    assert ["schema: text", "intake", RECORD.topic, "2", "7", "3"] == [stored.fact(name) for name in facts]
    assert ("1-9", "") == (stored.id, stored.fact("sealed"))
    assert datetime.fromisoformat(stored.fact("first_failed_at")).tzinfo is not None
    assert version("huiyin") == stored.fact("app_version")


@pytest.mark.parametrize("seal", [None, SEAL], ids=["open", "sealed"])
@pytest.mark.parametrize(
    "record",
    [RECORD, replace(RECORD, key=None), replace(RECORD, value=None), replace(RECORD, key=b"k" * 500)],
    ids=["usual", "no key", "no value", "long key"],
)
def test_a_record_comes_back_as_it_was(record: Record, seal: LetterSeal | None) -> None:
    """Key, value and headers, byte for byte."""
    whole = _stored(_letter(record).content(seal)).original()

    assert (record.key, record.value, record.headers) == (whole.key, whole.value, whole.headers)


def test_a_letter_that_fails_once_more_is_one_letter() -> None:
    """What the first consumer said of it is not said by the second."""
    again = _letter(replace(RECORD, headers=_letter().content()["headers"]))
    stored = _stored(again.content())

    assert RECORD.headers == stored.original_headers()
    assert 1 == [name for name, _ in stored.record.headers].count("dlq_reason")


def test_a_record_of_nothing_is_sent_with_an_empty_value() -> None:
    """Kafka's client sends none that lacks both."""
    assert b"" == _letter(replace(RECORD, key=None, value=None)).content()["value"]
    assert _letter(replace(RECORD, value=None)).content()["value"] is None


def test_a_sealed_letter_shows_nothing_that_a_citizen_wrote() -> None:
    """Our own short headers and the case's id stay beside it; whatever is long may be anything."""
    headers = [("ce_id", b"1"), ("ce_type", b"t" * 129), ("secret", "漏水".encode())]
    content = _letter(replace(RECORD, headers=headers, key=b"k" * 129)).content(SEAL)
    beside = [name for name, _ in content["headers"] if not name.startswith("dlq_")]

    assert (None, ["ce_id"]) == (content["key"], beside)
    assert RECORD.value not in content["value"]
    assert b"case" == _letter().content(SEAL)["key"]


def test_a_sealed_letter_opens_as_itself_alone() -> None:
    """Not as another record's, and not with another key."""
    content = _letter().content(SEAL)
    moved = [
        (name, b"8" if name == "dlq_offset" else value) for name, value in content["headers"]
    ]  # fmt: skip
    for forged in (_stored({**content, "headers": moved}), _stored(content, LetterSeal([b"o" * 32]))):
        with pytest.raises(LetterSealed, match="submissions"):
            forged.original()


@pytest.mark.parametrize(
    ("key", "value", "header", "is_cut"),
    [(0, MAX_KEPT_BYTES - 1, 0, False), (1, MAX_KEPT_BYTES, 0, True), (0, MAX_KEPT_BYTES - 1, 1, True)],
)
def test_what_the_topic_would_not_take_is_cut(key: int, value: int, header: int, is_cut: bool) -> None:
    """Key, value and headers count together; how long it was is said."""
    record = replace(RECORD, key=b"k" * key, value=b"v" * value, headers=[("x", b"h" * header)])
    content = _letter(record).content()
    said = _stored(content).fact("cut_from")

    assert (str(key + value + header + 1) if is_cut else "") == said
    assert is_cut == (len(content["value"]) < value)
    assert is_cut == (("x", b"h" * header) not in content["headers"])


@pytest.mark.parametrize(
    ("asked", "is_picked"),
    [
        ({}, True),
        ({"reason": "schema"}, True),
        ({"reason": "text"}, False),
        ({"topic": RECORD.topic}, True),
        ({"topic": "huiyin.intake.v1"}, False),
        ({"ids": ["1-9"]}, True),
        ({"ids": ["1-8"]}, False),
        ({"reason": "schema", "ids": ["1-8"]}, False),
    ],
    ids=str,
)
def test_letters_are_picked_by_all_that_is_asked(asked: dict[str, Any], is_picked: bool) -> None:
    """By how the reason begins, by the topic they came from, by their own places."""
    usual: dict[str, Any] = {"reason": None, "topic": None, "ids": []}

    assert is_picked == _stored(_letter().content()).matches(**usual | asked)
