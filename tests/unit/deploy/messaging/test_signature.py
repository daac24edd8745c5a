"""Events are believed because they are signed."""

from typing import Any

import pytest

from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import SIGNATURE, EventKeys, Genuine, event_keys
from deploy.settings import Settings
from tests.unit.deploy.records import AT, EVENT_ID, Record

KEYS = EventKeys(b"k" * 32)
TOPIC, KEY, BODY = "huiyin.handlers.v1", b"case", b'{"text": "ok"}'


def _headers(keys: EventKeys = KEYS, **changed: str) -> dict[str, bytes | None]:
    given = {"event_id": EVENT_ID, "type_": "reply.published.v1"} | changed
    return dict(keys.signed(TOPIC, KEY, BODY, headers_of(at=AT, traceparent=None, key=None, **given)))


def _record(headers: dict[str, bytes | None], **changed: Any) -> Record:
    return Record(**{"topic": TOPIC, "key": KEY, "value": BODY, "headers": list(headers.items())} | changed)


def test_what_we_signed_is_genuine() -> None:
    """As it was sent."""
    assert KEYS.have_signed(_record(_headers()))


@pytest.mark.parametrize(
    "changed",
    [
        {"topic": "huiyin.routing.v1"}, {"key": b"another"}, {"key": None}, {"value": b'{"text": "no"}'}, {"value": None},
        # What belongs to one field, moved to its neighbour.
        {"key": KEY + BODY[:1], "value": BODY[1:]},
    ],
)  # fmt: skip
def test_nothing_can_be_swapped(changed: dict[str, Any]) -> None:
    """Topic, key and body belong to the signature."""
    assert not KEYS.have_signed(_record(_headers(), **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"ce_id": EVENT_ID[:-1].encode() + b"2"}, {"ce_type": b"case.closed.v1"}, {SIGNATURE: b"0" * 64},
        {SIGNATURE: None}, {SIGNATURE: "ü".encode()}, {"hy_key": b"0" * 12}, {"hy_key": None},
    ],
)  # fmt: skip
def test_no_header_can_be_swapped(changed: dict[str, bytes | None]) -> None:
    """Id and type belong to the signature, too; whatever stands in its own headers is no error."""
    assert not KEYS.have_signed(_record(_headers() | changed))


def test_without_the_key_nobody_signs() -> None:
    """Another secret's signature is none, also under our key's id."""
    forged = _headers(EventKeys(b"x" * 32))

    assert not KEYS.have_signed(_record(forged))
    assert not KEYS.have_signed(_record(forged | {"hy_key": _headers()["hy_key"]}))


def test_a_former_secret_is_believed_and_signs_nothing() -> None:
    """The secret is changed while records lie on Kafka."""
    old = Settings.model_validate({"secret_key": "old: 0123456789-" * 3})
    new = Settings.model_validate(
        {
            "secret_key": "new: 0123456789-" * 3,
            "previous_secret_keys": f"{'older-' * 8}, {'old: 0123456789-' * 3}",
        }
    )
    before, after = event_keys(old), event_keys(new)

    assert after.have_signed(_record(_headers(before)))
    assert after.have_signed(_record(_headers(after)))
    assert not before.have_signed(_record(_headers(after)))


@pytest.mark.parametrize(("offset", "partition", "is_believed"), [(6, 3, True), (7, 3, False), (6, 2, False)])
def test_unsigned_records_from_before_the_upgrade(offset: int, partition: int, is_believed: bool) -> None:
    """Are believed up to the mark of their partition, and nowhere else; a wrong signature never is."""
    genuine = Genuine(KEYS, {(TOPIC, 3): 7})
    unsigned = dict(headers_of(EVENT_ID, "reply.published.v1", AT, None))

    assert is_believed == genuine(_record(unsigned, offset=offset, partition=partition))
    assert not genuine(_record(unsigned | {SIGNATURE: b"0"}, offset=offset, partition=partition))


def test_headers_that_were_read_before_are_believed_as_they_were_read() -> None:
    """The last of two that have one name, as ever; what was changed is not."""
    record, genuine = _record(_headers()), Genuine(KEYS, {})

    assert genuine(record, dict(record.headers))
    assert not genuine(record, dict(record.headers) | {"ce_type": b"case.closed.v1"})


def test_a_new_secret_comes_in_two_rounds() -> None:
    """First all processes know it, then they use it: meanwhile each believes the others. In one round some would not."""
    former, new = "0123456789abcdef" * 2, "fedcba9876543210" * 2
    before = event_keys(Settings(secret_key=former))
    knowing = event_keys(Settings(secret_key=former, previous_secret_keys=new))
    after = event_keys(Settings(secret_key=new, previous_secret_keys=former))

    for one, other in ((before, knowing), (knowing, after)):
        assert one.have_signed(_record(_headers(other)))
        assert other.have_signed(_record(_headers(one)))
    assert not before.have_signed(_record(_headers(after)))
