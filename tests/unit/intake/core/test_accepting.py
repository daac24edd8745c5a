"""The event of a message, and what a process remembers of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from intake.core.accepting import Envelope, RecentMessages, accepted
from intake.core.codes import Sender
from intake.core.draft import content_digest
from schemas.errors import BadInput, KeyReused
from schemas.values import Contact, Place, Turn
from schemas.words import Channel, Kind, Language
from tests.unit.intake.messages import CONTACT, HOTLINE, KEYS, NOW, WEB, draft, message


def test_the_event_carries_everything_that_was_said() -> None:
    """And nothing of the access code, nor a hash that guessing would undo."""
    found = message(draft(contact=CONTACT, external_id="E", sender_id="open"), key="K")

    assert CONTACT == found.event.contact
    assert ("E", "open", NOW) == (found.event.external_id, found.event.sender_id, found.event.at)
    assert "" == found.event.access_code_hash
    digest = content_digest(draft(contact=CONTACT, external_id="E", sender_id="open"))
    assert KEYS.keyed(bytes.fromhex(digest)).hex() == found.event.content_hash
    assert found.codes.access_code not in str(found.event)


def test_a_message_without_id_or_key_is_always_a_new_one() -> None:
    """Equal words of two citizens are two messages."""
    assert message(entropy=b"1" * 32).codes != message(entropy=b"2" * 32).codes


def test_a_key_stands_for_one_content() -> None:
    """The same again is a retry, other content is refused."""
    recent = RecentMessages()
    recent.claim(message(key="K"))
    recent.claim(message(key="K"))
    recent.claim(message(draft(text="另一件事情"), key="L"))

    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="另一件事情"), key="K"))


@pytest.mark.parametrize("sender", [HOTLINE, WEB])
@pytest.mark.parametrize(
    "other",
    [
        {"text": "另一件事情"},
        {"contact": Contact(phone="13900138002")},
        {"said_at": NOW + timedelta(hours=3)},
        {"sender_id": "another"},
    ],
)
def test_an_external_id_stands_for_any_number_of_messages(sender: Sender, other: dict[str, object]) -> None:
    """Used again with another sender, contact, time or word it is another message; the same again is a retry."""
    one = {"external_id": "E", "contact": CONTACT, "said_at": NOW, "sender_id": "open"}
    first, again, second = (message(draft(**(one | more)), sender=sender) for more in ({}, {}, other))  # type: ignore[arg-type]  # fields that exist
    recent = RecentMessages()
    recent.claim(first)
    recent.claim(second)

    assert first == again
    assert first.codes != second.codes


def test_a_key_is_free_again_when_nothing_was_accepted() -> None:
    """After a 503 the citizen may correct the text and try again: the key stands for the corrected text alone."""
    recent = RecentMessages()
    first, corrected = message(key="K"), message(draft(text="改过的内容"), key="K")
    recent.claim(first)
    with pytest.raises(KeyReused):
        recent.claim(corrected)
    recent.release(first)
    recent.claim(corrected)

    with pytest.raises(KeyReused):
        recent.claim(first)


def test_a_key_stays_taken_once_its_message_was_accepted() -> None:
    """A later failure of a retry does not free it."""
    recent = RecentMessages()
    first = message(key="K")
    recent.claim(first)
    recent.remember(first)
    recent.release(first)

    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="改过的内容"), key="K"))


def test_a_try_that_failed_frees_nothing_of_one_that_succeeds() -> None:
    """Two tries at once: one fails and releases the key, the other is accepted, and the key stands for it."""
    recent, first = RecentMessages(), message(key="K")
    recent.claim(first)
    recent.claim(message(key="K"))
    recent.release(message(key="K"))
    recent.remember(first)

    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="改过的内容"), key="K"))


def test_the_moment_of_a_message_is_its_first() -> None:
    """A retry that arrives later was received when the first was; other content under its codes is not durable yet."""
    recent = RecentMessages()
    first = message(draft(external_id="E"), sender=HOTLINE)
    later = message(draft(external_id="E"), sender=HOTLINE, now=NOW + timedelta(minutes=5))
    other = message(draft(text="另一件事情", external_id="E"), sender=HOTLINE)

    assert (NOW, NOW) == (recent.remember(first), recent.remember(later))
    assert (NOW, None) == (recent.accepted_at(later), recent.accepted_at(other))
    assert NOW == recent.received_at(first.codes.tracking_code)


def test_other_content_under_the_codes_of_a_message_is_not_accepted() -> None:
    """It is durable nowhere: whoever sends it hears no yes that was another one's."""
    recent, known = RecentMessages(), message(key="K")
    recent.remember(known)
    other = replace(known, event=structs.replace(known.event, content_hash="22" * 32))

    assert (NOW, None) == (recent.accepted_at(known), recent.accepted_at(other))


def test_what_a_citizen_was_shown_stands_in_the_event_where_it_may_be_something() -> None:
    """An answer's code as it is printed, an entry's id, each once; whatever else is named stops nobody."""
    code, entry = message().codes.tracking_code, "0198b2c4-0000-7000-8000-00000000000e"
    seen = (entry, code.lower(), "nothing of ours", code, entry)

    assert (entry, code) == message(draft(seen=seen)).event.seen


def test_whoever_says_me_too_is_known_by_their_browser() -> None:
    """To count them once; of any other message nobody keeps that."""
    code = message().codes.tracking_code
    envelope = Envelope(sender=WEB, key=None, now=NOW, entropy=b"e" * 32, person="ab")
    same, own = (accepted(draft(same_as=named), envelope, keys=KEYS).event for named in (code.lower(), None))

    assert ((code, "ab"), (None, "")) == ((same.same_as, same.person), (own.same_as, own.person))


def test_me_too_names_a_code_of_ours() -> None:
    """One that is mistyped is told so by its field."""
    with pytest.raises(BadInput) as refused:
        message(draft(same_as="AAAA-AAAA-AAAA-AAAA"))

    assert ["same_as"] == [error.field for error in refused.value.errors]


def test_memory_is_bounded() -> None:
    """What was not asked for the longest time is forgotten first: its codes, and what its key stood for."""
    recent = RecentMessages(limit=2)
    messages = [message(key=f"K{number}") for number in range(3)]
    for each in messages[:2]:
        recent.remember(each)
    recent.claim(messages[0])
    assert NOW == recent.accepted_at(messages[0])
    recent.remember(messages[2])

    assert [NOW, None, NOW] == [recent.accepted_at(each) for each in messages]
    recent.claim(message(draft(text="另一件事情"), key="K1"))
    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="另一件事情"), key="K2"))


def test_the_event_says_all_that_draft_and_envelope_say() -> None:
    """Field by field: nothing that a citizen or a door said is lost on the way to the register."""
    said = {
        "title": "路灯不亮", "text": "坏了三天", "turns": (Turn(speaker="citizen", text="停水了"),), "kind": Kind.REPORT,
        "place": Place(address="人民路"), "contact": CONTACT, "confidential": True, "publish": True,
        "external_id": "E", "sender_id": "open", "said_at": NOW - timedelta(hours=1),
    }  # fmt: skip
    envelope = Envelope(sender=HOTLINE, key="K", now=NOW, entropy=b"e" * 32, language=Language.EN)
    event = accepted(draft(**said), envelope, keys=KEYS).event  # type: ignore[arg-type]  # fields that exist

    assert said == {name: getattr(event, name) for name in said}
    assert (0, NOW, Channel.HOTLINE, "hotline-desk", Language.EN) == (
        event.version, event.at, event.channel, event.source, event.language
    )  # fmt: skip


def test_a_code_that_nobody_here_accepted_has_no_moment() -> None:
    """And one that was has its own; what was never claimed is released without harm."""
    recent, known = RecentMessages(), message(key="K")
    recent.release(known)
    recent.remember(known)

    assert (NOW, None) == (
        recent.received_at(known.codes.tracking_code),
        recent.received_at("0000-0000-0000-0000"),
    )
