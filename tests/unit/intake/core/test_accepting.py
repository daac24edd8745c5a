"""The event of a message, and what a process remembers of it."""

import pytest

from intake.core.accepting import RecentMessages
from intake.core.codes import access_hash
from schemas.errors import KeyReused
from tests.unit.intake.messages import CONTACT, HOTLINE, NOW, draft, message


def test_the_event_carries_everything_that_was_said() -> None:
    """And the access code only as its hash."""
    found = message(draft(contact=CONTACT, external_id="E", sender_id="open"), key="K")

    assert CONTACT == found.event.contact
    assert ("E", "open", NOW) == (found.event.external_id, found.event.sender_id, found.event.at)
    assert access_hash(found.codes.access_code).hex() == found.event.access_code_hash
    assert found.codes.access_code not in str(found.event)


def test_a_message_without_id_or_key_is_always_a_new_one() -> None:
    """Equal words of two citizens are two messages."""
    assert message(entropy=b"1" * 32).codes != message(entropy=b"2" * 32).codes


def test_a_key_stands_for_one_content() -> None:
    """The same again is a retry, other content is refused."""
    recent = RecentMessages()
    recent.claim(message(key="K"))
    recent.claim(message(key="K"))

    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="另一件事情"), key="K"))


def test_an_anonymous_external_id_stands_for_one_content_too() -> None:
    """A known sender's does not: its second content becomes a supplement."""
    recent = RecentMessages()
    recent.claim(message(draft(external_id="E")))
    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="另一件事情", external_id="E")))

    recent.claim(message(draft(external_id="E"), sender=HOTLINE))
    recent.claim(message(draft(text="另一件事情", external_id="E"), sender=HOTLINE))


def test_a_key_is_free_again_when_nothing_was_accepted() -> None:
    """After a 503 the citizen may correct the text and try again with the same key."""
    recent = RecentMessages()
    first = message(key="K")
    recent.claim(first)
    recent.release(first)

    recent.claim(message(draft(text="改过的内容"), key="K"))


def test_a_key_stays_taken_once_its_message_was_accepted() -> None:
    """A later failure of a retry does not free it."""
    recent = RecentMessages()
    first = message(key="K")
    recent.claim(first)
    recent.remember(first)
    recent.release(first)

    with pytest.raises(KeyReused):
        recent.claim(message(draft(text="改过的内容"), key="K"))


def test_memory_is_bounded() -> None:
    """The oldest is forgotten first."""
    recent = RecentMessages(limit=2)
    messages = [message(key=f"K{number}") for number in range(3)]
    for each in messages:
        recent.remember(each)

    assert [None, NOW, NOW] == [recent.accepted_at(each) for each in messages]
