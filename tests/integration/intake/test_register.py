"""Registration on a real Postgres: once, masked, with nothing lost."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from intake.core.codes import Sender
from intake.core.registration import prepare_messages
from intake.core.sealing import unseal
from intake.steps.notices import wakes_nobody
from intake.steps.register import register_cases
from intake.steps.reveal import SealedContacts
from intake.steps.say_again import say_registered_again
from intake.store.register import content_hashes_of_keys
from schemas.errors import DataRefused
from schemas.events.intake import CaseRegistered, CaseSupplemented, DuplicateSuspected
from schemas.ids import CaseId
from schemas.values import Contact, Place
from schemas.words import Channel
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.unit.intake.messages import CONTACT, HOTLINE, KEYS, NOW, draft, message


async def test_a_message_becomes_a_masked_case(unit: RecordingUnit) -> None:
    """The event says everything that others may know, and nothing else."""
    given = message(
        draft(
            "路灯", "我叫周丽华，电话13912345678，路灯坏了。", contact=CONTACT, place=Place(address="人民路")
        )
    )
    await register(unit, given)

    (event,) = unit.emitted
    assert isinstance(event, CaseRegistered)
    assert "我叫周**，电话139****5678，路灯坏了。" == event.text
    assert (1, True, given.codes.tracking_code) == (event.version, event.has_contact, event.tracking_code)
    assert given.event.at == event.received_at
    assert "周丽华" not in str(await unit.db.fetchrow("SELECT * FROM intake.case"))


async def test_the_contact_can_be_revealed(unit: RecordingUnit) -> None:
    """To whoever may see it; a case without one has none."""
    with_contact, without = message(draft(contact=CONTACT)), message(entropy=b"o" * 32)
    await register(unit, with_contact, without)
    contacts = SealedContacts(keys=KEYS)

    assert CONTACT == await contacts.reveal(unit, with_contact.codes.case_id)
    assert await contacts.reveal(unit, without.codes.case_id) is None


async def test_words_beside_the_contact_are_masked_where_it_is_shown(unit: RecordingUnit) -> None:
    """A department that may see the number learns nobody else's."""
    given = message(
        draft(contact=Contact(name="王小明", phone="13812345678", hours="白天打我邻居李建国13987654321"))
    )
    await register(unit, given)
    found = await SealedContacts(keys=KEYS).reveal(unit, given.codes.case_id)

    assert found is not None
    assert ("王小明", "13812345678") == (found.name, found.phone)
    assert found.hours is not None
    assert "白天" in found.hours
    assert not [each for each in ("13987654321", "李建国") if each in found.hours]


async def test_the_same_message_again_says_nothing_new(unit: RecordingUnit) -> None:
    """However often a sender retries."""
    given = message(draft(external_id="C-1"), sender=HOTLINE)
    await register(unit, given)
    await register(unit, given)

    assert 1 == len(unit.emitted)
    assert 1 == await unit.db.fetchval("SELECT count(*) FROM intake.case")


async def test_other_content_under_codes_of_an_earlier_release_becomes_a_supplement(
    unit: RecordingUnit,
) -> None:
    """It gave a known sender's second content the same codes: masked for the others, sealed for us, and only once."""
    first = message(draft(external_id="C-1"), sender=HOTLINE)
    await register(unit, first)
    other = message(
        draft(text="补充：我叫周丽华，三楼也停水了。", external_id="C-1", contact=CONTACT), sender=HOTLINE
    )
    named = {"case_id": first.codes.case_id, "tracking_code": first.codes.tracking_code}
    second = replace(other, event=msgspec.structs.replace(other.event, **named), codes=first.codes)
    await register(unit, second)
    await register(unit, second)

    supplements = [event for event in unit.emitted if isinstance(event, CaseSupplemented)]
    assert ["路灯不亮\n补充：我叫周**，三楼也停水了。"] == [event.text for event in supplements]
    assert second.codes.case_id == supplements[0].case_id
    assert await unit.db.fetchval("SELECT sealed IS NOT NULL FROM intake.supplement")


@pytest.mark.parametrize(
    ("source", "days", "is_told"), [("import:desk", 4, True), ("import:desk", 2, False), ("desk", 4, False)]
)
async def test_a_row_of_an_old_list_is_told_to_be_one(
    unit: RecordingUnit, source: str, days: int, *, is_told: bool
) -> None:
    """So that nobody is woken for it; a call that lay somewhere is none. Also where it is said again."""
    sender = Sender(channel=Channel.HOTLINE, source=source)
    row = message(draft(said_at=NOW - timedelta(days=days)), sender=sender)
    await register(unit, row)
    await say_registered_again(unit, [row.codes.case_id], keys=KEYS)

    assert [is_told] * 2 == [event.of_old_list for event in unit.emitted if isinstance(event, CaseRegistered)]
    assert is_told is await wakes_nobody(unit, row.codes.case_id)


async def test_an_id_alone_joins_nothing(unit: RecordingUnit) -> None:
    """Two calls under one id: two cases, and nothing of the second is in the first."""
    calls = [
        message(draft(external_id="C-1", contact=CONTACT, said_at=NOW), sender=HOTLINE),
        message(draft(external_id="C-1", contact=Contact(phone="13900138002"), said_at=NOW), sender=HOTLINE),
        message(draft(external_id="C-1", contact=CONTACT, said_at=NOW + timedelta(hours=3)), sender=HOTLINE),
    ]
    await register(unit, *calls)

    assert [each.codes.case_id for each in calls] == [
        event.case_id for event in unit.emitted if isinstance(event, CaseRegistered)
    ]
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.supplement")


async def test_a_tracking_code_taken_by_another_case_is_a_dead_letter(unit: RecordingUnit) -> None:
    """One in a billion billion, and still not lost in silence."""
    given = message()
    await register(unit, given)
    twin = type(given.event)(
        **{name: getattr(given.event, name) for name in given.event.__struct_fields__}
        | {"case_id": CaseId("6a1f0000-0000-4000-8000-00000000000a")}
    )

    with pytest.raises(DataRefused):
        await register_cases(unit, [twin], prepare_messages([twin], keys=KEYS))


async def test_two_anonymous_citizens_may_use_the_same_external_id(unit: RecordingUnit) -> None:
    """Anybody can claim any id on the open web: both are cases."""
    await register(unit, message(draft(external_id="1")), message(draft(text="另一件事情", external_id="1")))

    assert 2 == await unit.db.fetchval("SELECT count(*) FROM intake.case")


async def test_keys_are_known_once_registered(unit: RecordingUnit) -> None:
    """Unknown keys have no answer."""
    given, other = message(key="K"), message(draft(text="另一件事情"), key="L")
    await register(unit, given, other)

    known = await content_hashes_of_keys(unit.db, [*given.names, "00" * 32, *other.names])

    assert 1 == len(given.names)
    assert {
        **dict.fromkeys(given.names, given.event.content_hash),
        **dict.fromkeys(other.names, other.event.content_hash),
    } == known


async def test_look_alikes_are_pointed_at_and_kept(unit: RecordingUnit) -> None:
    """Within the same batch and in a later one; the later points at the earlier."""
    text = "楼下饭店油烟机从早上六点一直响到晚上十一点。已经向物业反映了三次都没有结果。"
    messages = [message(draft("噪音扰民", text), entropy=bytes([n]) * 32) for n in range(3)]
    later = [
        type(each.event)(
            **{name: getattr(each.event, name) for name in each.event.__struct_fields__}
            | {"at": each.event.at + timedelta(minutes=number)}
        )
        for number, each in enumerate(messages)
    ]
    await register_cases(unit, later[:2], prepare_messages(later[:2], keys=KEYS))
    await register_cases(unit, later[2:], prepare_messages(later[2:], keys=KEYS))

    suspected = [event for event in unit.emitted if isinstance(event, DuplicateSuspected)]
    assert [(later[1].case_id, later[0].case_id), (later[2].case_id, later[1].case_id)] == [
        (event.case_id, event.similar_to) for event in suspected
    ]
    assert {1.0} == {event.similarity for event in suspected}
    assert 3 == await unit.db.fetchval("SELECT count(*) FROM intake.case")


async def test_old_look_alikes_do_not_count(unit: RecordingUnit) -> None:
    """A week later the same words are a new matter."""
    text = "楼下饭店油烟机从早上六点一直响到晚上十一点。已经向物业反映了三次都没有结果。"
    old, new = (message(draft("噪音扰民", text), entropy=bytes([n]) * 32).event for n in range(2))
    new = type(new)(
        **{name: getattr(new, name) for name in new.__struct_fields__} | {"at": new.at + timedelta(days=8)}
    )
    await register_cases(unit, [old], prepare_messages([old], keys=KEYS))
    await register_cases(unit, [new], prepare_messages([new], keys=KEYS))

    assert not [event for event in unit.emitted if isinstance(event, DuplicateSuspected)]


async def test_a_batch_costs_the_same_statements_as_one_message(unit: RecordingUnit) -> None:
    """Whatever its size."""
    counts = []
    for size in (1, 50):
        messages = [
            message(draft(contact=CONTACT), entropy=f"{size}-{number}".encode()) for number in range(size)
        ]
        counting = _Counting(unit.db)
        real, unit.db = unit.db, counting
        await register(unit, *messages)
        unit.db = real
        counts.append(counting.statements)

    assert counts[0] == counts[1]


class _Counting:
    """A connection that counts its statements."""

    def __init__(self, db: object) -> None:
        self._db = db
        self.statements = 0

    def __getattr__(self, name: str) -> object:
        self.statements += 1
        return getattr(self._db, name)


async def test_a_recording_is_something_to_reveal(unit: RecordingUnit) -> None:
    """Of a call without a contact the department was told that there is nothing, and nobody could hear it."""
    calls = [
        message(draft(contact=None, recording=said), sender=HOTLINE, entropy=bytes([number]) * 32)
        for number, said in enumerate((None, "REC-8"))
    ]
    await register(unit, *calls)
    ids = [call.codes.case_id for call in calls]
    await say_registered_again(unit, ids, keys=KEYS)
    said = [event for event in unit.emitted if isinstance(event, CaseRegistered)]

    in_order = [
        event for each in (said[:2], said[2:]) for event in sorted(each, key=lambda e: ids.index(e.case_id))
    ]

    assert [False, True] * 2 == [event.has_contact for event in in_order]


async def test_who_may_see_the_contact_sees_where_the_recording_lies(unit: RecordingUnit) -> None:
    """With the number of whoever called; and alone, where nobody knows that."""
    contacts = SealedContacts(keys=KEYS)
    for given in (CONTACT, None):
        call = message(
            draft(contact=given, recording="REC-7"), sender=HOTLINE, entropy=str(given).encode()[:32]
        )
        await register(unit, call)
        found = await contacts.reveal(unit, call.codes.case_id)

        assert found is not None
        assert ("REC-7", given and given.phone) == (found.recording, found.phone)


async def test_a_push_token_is_kept_sealed(unit: RecordingUnit) -> None:
    """For news that come later, and shown to nobody."""
    given = message(draft(push_token="token-of-a-telephone"), entropy=b"p" * 32)
    await register(unit, given)
    row = await unit.db.fetchrow("SELECT sealed FROM intake.sealed WHERE case_id = $1", given.codes.case_id)

    assert b"token-of" not in row["sealed"]
    assert "token-of-a-telephone" == unseal(KEYS, given.codes.case_id, row["sealed"]).push_token
