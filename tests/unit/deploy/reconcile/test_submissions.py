"""Which records of the submissions' topic are messages that intake should know."""

from dataclasses import replace

import pytest

from deploy.messaging.records.signature import EventKeys, Genuine
from deploy.reconcile.submissions import _messages
from schemas.events.intake import SubmissionAccepted
from schemas.ids import TrackingCode
from schemas.words import Channel
from tests.unit.deploy.records import AT, Record, case, record_of, supplemented

_KEYS = EventKeys(b"a key of the tests")
_GENUINE = Genuine(_KEYS, {})


def _signed(record: Record) -> Record:
    return replace(record, headers=_KEYS.signed(record.topic, record.key, record.value, record.headers))


def _accepted(number: int) -> Record:
    event = SubmissionAccepted(
        case_id=case(number), version=0, at=AT, tracking_code=TrackingCode("HY"), channel=Channel.WEB,
        source="web", content_hash="00", title="路灯", text="路灯坏了",
    )  # fmt: skip
    return record_of(event)


@pytest.mark.parametrize(
    "other",
    [
        _accepted(2),
        _signed(record_of(supplemented(2))),
        _signed(replace(_accepted(2), value=b"{}")),
        _signed(replace(_accepted(2), value=b"\xff")),
        _signed(replace(_accepted(2), headers=())),
    ],
    ids=["unsigned", "another event", "fields are missing", "no JSON", "no headers"],
)
def test_what_intake_could_not_read_holds_up_nothing(other: Record) -> None:
    """It is a dead letter already; the messages around it are looked for all the same."""
    first, last = _signed(_accepted(1)), _signed(_accepted(3))

    found = _messages([first, other, last], _GENUINE)

    assert [(case(1), first), (case(3), last)] == [(each.case_id, each.record) for each in found]
