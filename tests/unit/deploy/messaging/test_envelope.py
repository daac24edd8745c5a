"""What becomes of a Kafka record: an event, or a reason why it is none."""

import time
from dataclasses import replace

import msgspec
import pytest

from deploy.clock import new_event_id
from deploy.messaging.records.envelope import MAX_RECORD_BYTES, Undecodable, headers_of, made_at_ms, receive
from deploy.observability.tracing import is_sampled, valid_traceparent
from schemas.event import encode
from tests.unit.deploy.records import AT, EVENT_ID, Headers, case, record_of, supplemented

GOOD = record_of(supplemented(1))
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _headers(**changed: bytes | None) -> Headers:
    return [(name, changed.get(name, value)) for name, value in GOOD.headers]


def _body(**changed: object) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(encode(supplemented(1))) | changed)


def test_an_event_comes_back_as_it_was_sent() -> None:
    """What `headers_of` and `encode` wrote, `receive` reads."""
    received = receive(record_of(supplemented(1), traceparent=TRACEPARENT))

    assert supplemented(1) == received.event
    assert EVENT_ID == received.event_id
    assert TRACEPARENT == received.traceparent


def test_headers_are_cloudevents() -> None:
    """Binary mode, version 1.0, with JSON inside."""
    headers = dict(headers_of(EVENT_ID, "case.supplemented.v1", AT, TRACEPARENT))

    assert headers == {
        "ce_specversion": b"1.0",
        "ce_id": EVENT_ID.encode(),
        "ce_type": b"case.supplemented.v1",
        "ce_source": b"/huiyin",
        "ce_time": b"2026-11-23T02:00:00+00:00",
        "content-type": b"application/json",
        "traceparent": TRACEPARENT.encode(),
    }


@pytest.mark.parametrize("traceparent", [None, ""])
def test_an_event_without_a_trace_names_its_case_as_one(traceparent: str | None) -> None:
    """Whatever stands in its row of the outbox: every record says a traceparent, and nobody records this one."""
    said = dict(headers_of(EVENT_ID, "case.supplemented.v1", AT, traceparent, case(1).encode()))
    named = (said["traceparent"] or b"").decode()

    assert valid_traceparent(named) == named
    assert not is_sampled(named)
    assert named.split("-")[1] == case(1).replace("-", "")


def test_the_name_of_a_case_is_no_trace_to_go_on_with() -> None:
    """What would be kept with each event in Postgres can be said anew; another case's name is a stranger's trace."""
    key = case(1).encode()
    headers = headers_of(EVENT_ID, "case.supplemented.v1", AT, None, key)

    assert receive(replace(GOOD, key=key, headers=headers)).traceparent is None
    assert receive(replace(GOOD, key=case(2).encode(), headers=headers)).traceparent is not None


@pytest.mark.parametrize(
    ("reason", "record"),
    [
        ("decode", replace(GOOD, value=b"{")),
        ("decode", replace(GOOD, value=b"")),
        ("decode", replace(GOOD, value=None)),
        ("decode", replace(GOOD, value=encode(supplemented(1)) + b"\x00")),
        ("decode", replace(GOOD, value=b'{"text": "\xff\xfe"' + encode(supplemented(1))[1:-1])),
        ("decode", replace(GOOD, value=_body(deep=1).replace(b'"deep":1', b'"deep":' + b"[" * 100_000))),
        ("schema", replace(GOOD, value=b"[]")),
        ("schema", replace(GOOD, value=_body(text=7))),
        ("schema", replace(GOOD, value=_body(at="yesterday"))),
        ("schema", replace(GOOD, value=_body(case_id="1"))),
        ("schema", replace(GOOD, value=_body(case_id=case(10).upper().replace("0", "A")))),
        ("schema", replace(GOOD, value=_body(case_id=case(1).replace("-", "")))),
        ("unknown_type", replace(GOOD, headers=_headers(ce_type=b"case.supplemented.v2"))),
        ("bad_header", replace(GOOD, headers=_headers(ce_type=b"\xff\xfe"))),
        ("bad_header", replace(GOOD, headers=_headers(ce_type=None))),
        ("bad_header", replace(GOOD, headers=_headers(ce_id=b"\xff\xfe"))),
        ("bad_header", replace(GOOD, headers=_headers(ce_id=b"1"))),
        ("bad_header", replace(GOOD, headers=_headers(ce_id=None))),
        ("bad_header", replace(GOOD, headers=())),
        ("oversized", replace(GOOD, value=b" " * (MAX_RECORD_BYTES + 1))),
    ],
)
def test_what_is_no_event_has_a_reason(reason: str, record: object) -> None:
    """Each kind of nonsense is refused with the one word that its dead letter will carry."""
    with pytest.raises(Undecodable) as refused:
        receive(record)

    assert reason == refused.value.reason


def test_the_largest_event_passes() -> None:
    """The size limit is the last byte that is taken."""
    padding = MAX_RECORD_BYTES - len(_body(text=""))
    record = replace(GOOD, value=_body(text="x" * padding))

    assert MAX_RECORD_BYTES == len(record.value or b"")
    assert receive(record).event_id == EVENT_ID


@pytest.mark.parametrize("value", [b"\xff\xfe", None, b""])
def test_headers_that_we_do_not_read_may_hold_anything(value: bytes | None) -> None:
    """Somebody else's header never costs an event."""
    record = replace(GOOD, headers=(("x-origin", value), *GOOD.headers, ("ce_time", b"\xff")))

    assert supplemented(1) == receive(record).event


@pytest.mark.parametrize("value", [b"00-1-2-01", b"x" * 10_000, None])
def test_a_traceparent_that_cannot_be_read_counts_as_none(value: bytes | None) -> None:
    """A broken trace never costs an event, and is not handed on."""
    record = replace(GOOD, headers=(*GOOD.headers, ("traceparent", value)))

    assert receive(record).traceparent is None


def test_one_spelling_of_an_event_id() -> None:
    """Capitals in an id do not make another event of it."""
    record = replace(GOOD, headers=_headers(ce_id=b"01920000-0000-7000-8000-00000000ABCD"))

    assert receive(record).event_id == "01920000-0000-7000-8000-00000000abcd"


def test_an_id_of_ours_says_when_it_was_made() -> None:
    """To the millisecond; an id of another version says nothing (RFC 9562 §5.7)."""
    before = time.time_ns() // 1_000_000
    made = made_at_ms(new_event_id())

    assert made is not None
    assert before <= made <= time.time_ns() // 1_000_000
    assert made_at_ms(EVENT_ID) is None
