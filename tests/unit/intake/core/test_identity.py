"""Which messages are one: no id, key or chance gives anybody the codes of another's message."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.core.accepting import Accepted
from intake.core.codes import Sender, opens
from intake.core.draft import Draft
from schemas.values import Contact
from schemas.words import Channel
from tests.unit.intake.messages import KEYS, NOW, draft, message

#: Few of each, so that two messages often share all but one.
_SENDERS = st.sampled_from(
    [
        Sender(channel=Channel.WEB),
        Sender(channel=Channel.HOTLINE, source="desk"),
        Sender(channel=Channel.HOTLINE, source="import:desk"),
        Sender(channel=Channel.MINIAPP, source="app"),
    ]
)
_DRAFTS = st.builds(
    draft,
    text=st.sampled_from(["人民路的路灯坏了三天", "三号楼停水"]),
    contact=st.sampled_from([None, Contact(phone="13900138001"), Contact(phone="13900138002")]),
    said_at=st.sampled_from([None, NOW, NOW + timedelta(hours=3)]),
    sender_id=st.sampled_from([None, "openid-1", "openid-2"]),
    external_id=st.sampled_from([None, "1", "2.02611E+17"]),
)
_MESSAGES = st.tuples(_DRAFTS, _SENDERS, st.sampled_from([None, "key"]))


def _accepted(drawn: tuple[Draft, Sender, str | None], *, chance: int) -> Accepted:
    given, sender, key = drawn
    return message(given, sender=sender, key=key, entropy=bytes([chance]) * 32)


def _said(each: Accepted) -> tuple[object, ...]:
    event = each.event
    moment: datetime | None = event.said_at
    return (event.channel, event.source, event.sender_id, event.contact, moment, event.title, event.text)


@given(_MESSAGES, _MESSAGES)
def test_no_access_code_opens_a_message_of_another_sender_contact_time_or_content(
    first: tuple[Draft, Sender, str | None], second: tuple[Draft, Sender, str | None]
) -> None:
    """Whatever ids and keys the two share."""
    one, other = _accepted(first, chance=1), _accepted(second, chance=2)
    if _said(one) == _said(other):
        return

    assert one.codes.case_id != other.codes.case_id
    assert not opens([KEYS.code_secret], one.codes.tracking_code, other.codes.access_code)
    assert not opens([KEYS.code_secret], other.codes.tracking_code, one.codes.access_code)


@given(_MESSAGES)
def test_a_retry_that_names_itself_gets_its_codes_again(drawn: tuple[Draft, Sender, str | None]) -> None:
    """By its id or its key, whatever chance says; without either it is a message of its own."""
    said, _, key = drawn
    names_itself = said.external_id is not None or key is not None

    assert names_itself == (_accepted(drawn, chance=1).codes == _accepted(drawn, chance=2).codes)
