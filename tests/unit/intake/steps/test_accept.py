"""Accepting: durable before it is answered, the same answer for the same message."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from intake.core.accepting import Envelope
from intake.core.codes import Sender, name_hash
from intake.core.draft import Draft
from intake.core.keys import IntakeKeys
from intake.steps.accept import CameBefore, Receipt, Reception, accept_once, accept_submission
from schemas.errors import KeyReused, Unavailable
from schemas.events.intake import SubmissionAccepted
from schemas.words import Channel
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.messages import HOTLINE, KEYS, NEW_KEYS, NOW, WEB, draft, message


class FakeKnownKeys(dict[str, str]):
    """What Postgres would say."""

    async def content_hash(self, key_hash: str) -> str | None:
        """What this key stood for."""
        return self.get(key_hash)

    async def received(self, key_hashes: Sequence[str]) -> Mapping[str, CameBefore]:
        """Those that stood for anything, as of then."""
        found = self.keys() & set(key_hashes)
        return {each: CameBefore(at=NOW, is_withdrawn=self[each] == "withdrawn") for each in found}


@pytest.fixture
def kafka() -> KafkaInMemory:
    """A Kafka that takes everything."""
    return KafkaInMemory()


def _reception(
    kafka: KafkaInMemory, known: FakeKnownKeys | None = None, *, keys: IntakeKeys = KEYS
) -> Reception:
    return Reception(
        keys=keys,
        publisher=kafka,
        known_keys=known or FakeKnownKeys(),
        public_url="https://city",
    )


async def _accept(
    reception: Reception,
    given: Draft | None = None,
    *,
    key: str | None = "K",
    sender: Sender = WEB,
    entropy: bytes = b"e",
) -> Receipt:
    envelope = Envelope(sender=sender, key=key, now=NOW, entropy=entropy)
    return await accept_submission(reception, given or draft(), envelope)


async def test_the_receipt_leads_to_the_case_without_its_secret(kafka: KafkaInMemory) -> None:
    """The address holds the tracking code, never the access code."""
    receipt = await _accept(_reception(kafka))

    assert f"https://city/follow?code={receipt.tracking_code}" == receipt.follow_url
    assert receipt.access_code not in receipt.follow_url
    assert 1 == len(kafka.events)


async def _once(
    reception: Reception, *, key: str, browser: tuple[str, ...] = ("B", "E")
) -> tuple[Receipt, bool]:
    envelope = Envelope(
        sender=WEB, key=key, now=NOW + timedelta(minutes=1), entropy=b"e", browser_keys=browser
    )
    return await accept_once(reception, draft(), envelope)


async def test_what_a_browser_sent_before_has_that_receipt(kafka: KafkaInMemory) -> None:
    """Under an earlier key: from this process, or as Postgres knows it, also under a former master secret."""
    reception = _reception(kafka)
    first = await _accept(reception, key="E")
    name = name_hash(KEYS, WEB, "k:E")
    elsewhere = _reception(kafka, FakeKnownKeys({name: "hash"}))
    rotated = _reception(kafka, FakeKnownKeys({name: "hash"}), keys=NEW_KEYS)

    assert [(first, True)] * 3 == [await _once(each, key="K") for each in (reception, elsewhere, rotated)]
    assert 1 == len(kafka.events)


async def test_what_was_withdrawn_is_sent_anew(kafka: KafkaInMemory) -> None:
    """And that, sent twice, from whichever form, is one message."""
    known = FakeKnownKeys(another="hash")
    reception = _reception(kafka, known)
    first = await _accept(reception, key="E")
    known[name_hash(KEYS, WEB, "k:E")] = "withdrawn"

    again = [await _once(reception, key=key) for key in ("K", "K", "another form")]

    assert [again[0]] * 2 == again[1:]
    assert first.tracking_code != again[0][0].tracking_code
    assert 2 == len(kafka.events)


async def test_what_no_browser_sent_before_is_new(kafka: KafkaInMemory) -> None:
    """Under the key that it has now; without other keys it may have come under nobody is asked."""
    known = FakeKnownKeys({name_hash(KEYS, WEB, "k:E"): "hash"})

    _, is_again = await _once(_reception(kafka, known), key="K", browser=("B", "F"))
    _, without_browser = await _once(_reception(kafka, known), key="K2", browser=())

    assert (False, False, 2) == (is_again, without_browser, len(kafka.events))


async def test_a_retry_gets_the_same_receipt_in_any_process(kafka: KafkaInMemory) -> None:
    """In the same process it is not even sent again."""
    reception = _reception(kafka)
    first = await _accept(reception)

    assert first == await _accept(reception)
    assert 1 == len(kafka.events)
    assert first == await _accept(_reception(kafka))
    assert 2 == len(kafka.events)
    assert kafka.events[0].case_id == kafka.events[1].case_id


async def test_the_same_key_with_another_body_is_refused(kafka: KafkaInMemory) -> None:
    """Also where only Postgres knows the key."""
    reception = _reception(kafka)
    await _accept(reception)
    with pytest.raises(KeyReused):
        await _accept(reception, draft(text="另一件事情"))

    known = FakeKnownKeys({name_hash(KEYS, WEB, "k:K"): "of another message"})
    with pytest.raises(KeyReused):
        await _accept(_reception(kafka, known))
    assert 1 == len(kafka.events)


async def test_a_known_key_with_the_same_body_is_a_retry(kafka: KafkaInMemory) -> None:
    """The register knows the key and the content: the codes are the ones that were given then."""
    first = await _accept(_reception(KafkaInMemory()))
    known = FakeKnownKeys({name_hash(KEYS, WEB, "k:K"): message().event.content_hash})

    assert first == await _accept(_reception(kafka, known))
    assert 1 == len(kafka.events)


async def test_nothing_is_accepted_while_kafka_is_away(kafka: KafkaInMemory) -> None:
    """The caller hears so, and may correct the text before trying again."""
    reception = _reception(kafka)
    kafka.is_away = True
    with pytest.raises(Unavailable):
        await _accept(reception)

    kafka.is_away = False
    receipt = await _accept(reception, draft(text="改过的内容"))

    (event,) = kafka.events
    assert isinstance(event, SubmissionAccepted)
    assert ("改过的内容", receipt.tracking_code) == (event.text, event.tracking_code)


async def test_a_call_id_used_again_gives_nobody_the_first_callers_codes(kafka: KafkaInMemory) -> None:
    """Hotlines count anew: another caller hours later is another case, and codes go to who sent."""
    reception = _reception(kafka)
    first = await _accept(reception, draft(external_id="C-1"), key=None, sender=HOTLINE)
    second = await _accept(reception, draft(text="另一件事情", external_id="C-1"), key=None, sender=HOTLINE)

    assert {first.tracking_code, first.access_code}.isdisjoint({second.tracking_code, second.access_code})
    assert 2 == len(kafka.events)


async def test_equal_messages_without_a_key_are_two(kafka: KafkaInMemory) -> None:
    """Two citizens may say the same."""
    reception = _reception(kafka)
    one = await _accept(reception, key=None, entropy=b"1")
    other = await _accept(reception, key=None, entropy=b"2")

    assert one.tracking_code != other.tracking_code


async def test_the_channel_is_part_of_who_sent_it(kafka: KafkaInMemory) -> None:
    """Two sources may use the same key."""
    reception = _reception(kafka)
    await _accept(reception)
    await _accept(reception, draft(text="另一件"), sender=Sender(channel=Channel.MINIAPP, source="app"))

    assert 2 == len(kafka.events)


async def test_a_strangers_external_id_stands_in_nobodys_way(kafka: KafkaInMemory) -> None:
    """Anybody may claim any id on the open web: the same content is a retry, other content another message."""
    reception = _reception(kafka)
    first = await _accept(reception, draft(external_id="12345-1"), key=None)
    stranger = await _accept(reception, draft(text="另一件事情", external_id="12345-1"), key=None)
    again = await _accept(_reception(kafka), draft(external_id="12345-1"), key=None, entropy=b"other")

    assert first.tracking_code != stranger.tracking_code
    assert (first.tracking_code, first.access_code) == (again.tracking_code, again.access_code)


async def test_a_retry_by_external_id_keeps_its_codes_over_a_change_of_the_master_secret(
    kafka: KafkaInMemory,
) -> None:
    """The register knows it by its id and content together; another message under that id has codes of its own."""
    first = await _accept(_reception(kafka), draft(external_id="C-1"), key=None, sender=HOTLINE)
    (event,) = kafka.events
    assert isinstance(event, SubmissionAccepted)
    reception = _reception(kafka, FakeKnownKeys({event.key_hash or "": event.content_hash}), keys=NEW_KEYS)

    assert first == await _accept(reception, draft(external_id="C-1"), key=None, sender=HOTLINE)
    other = await _accept(reception, draft(text="另一件事情", external_id="C-1"), key=None, sender=HOTLINE)
    assert first.tracking_code != other.tracking_code


async def test_a_retry_over_a_change_of_the_master_secret_is_still_one(kafka: KafkaInMemory) -> None:
    """It gets the codes that it got then; other content under the key is refused as ever."""
    first = await _accept(_reception(kafka))
    (event,) = kafka.events
    assert isinstance(event, SubmissionAccepted)
    known = FakeKnownKeys({event.key_hash or "": event.content_hash})

    assert first == await _accept(_reception(kafka, known, keys=NEW_KEYS))
    with pytest.raises(KeyReused):
        await _accept(_reception(kafka, known, keys=NEW_KEYS), draft(text="另一件事情"))
    assert first.tracking_code != (await _accept(_reception(kafka, keys=NEW_KEYS))).tracking_code
