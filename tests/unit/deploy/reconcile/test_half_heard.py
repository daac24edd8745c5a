"""Which events may have been half heard when a copy was made."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.messaging.records.signature import EventKeys, Genuine
from deploy.reconcile.half_heard import _said
from tests.unit.deploy.records import record_of, supplemented

_KEYS = EventKeys(b"a key of the tests")
_GENUINE = Genuine(_KEYS, {})


@pytest.mark.parametrize(
    ("since_copy", "is_near"),
    [
        (timedelta(minutes=-1), True),
        # A copy names the moment before its snapshot; a desk's clock may be ahead.
        (timedelta(seconds=2), True),
        (timedelta(days=-2), False),
        (timedelta(days=1), False),
    ],
)
def test_what_was_said_about_when_the_copy_was_made(since_copy: timedelta, *, is_near: bool) -> None:
    """Of these the desks' logs tell which are in the copy."""
    event = supplemented(1)
    record = record_of(event)
    signed = replace(record, headers=_KEYS.signed(record.topic, record.key, record.value, record.headers))

    assert is_near == (_said(signed, _GENUINE, [event.at - since_copy]) is not None)


def test_what_nobody_signed_was_said_by_nobody() -> None:
    """However near it is."""
    event = supplemented(1)

    assert _said(record_of(event), _GENUINE, [event.at]) is None
