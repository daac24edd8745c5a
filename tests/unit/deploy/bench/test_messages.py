"""The messages that measurements are made with."""

from datetime import UTC, datetime
from itertools import islice
from statistics import mean

from deploy.bench.messages import messages
from deploy.bench.submissions import submissions
from intake.core.codes import parse_tracking_code
from intake.core.draft import TITLE_LIMIT
from intake.core.resemblance import clause_hashes
from routing.core.classify import classify
from routing.core.rules import load_rules
from schemas.event import decode, encode
from schemas.events.intake import SubmissionAccepted
from schemas.masking import for_department
from tests.unit.intake.messages import KEYS

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_messages_are_as_long_as_people_write() -> None:
    """About 400 characters, and titles within the limit."""
    some = list(islice(messages(), 200))

    assert 380 < mean(len(message.text) for message in some) < 480
    assert max(len(message.title) for message in some) <= TITLE_LIMIT


def test_the_same_seed_gives_the_same_messages() -> None:
    """Two runs are measured with the same texts, two seeds with different ones."""
    assert list(islice(messages(3), 20)) == list(islice(messages(3), 20))
    assert next(messages(3)) != next(messages(4))


def test_few_messages_resemble_an_earlier_one() -> None:
    """As in a city's real traffic: otherwise every case would be measured with a duplicate beside it."""
    signatures = [clause_hashes(f"{m.title}\n{m.text}") for m in islice(messages(), 2000)]
    clauses = [number for found in signatures if found is not None for number in (found.first, found.second)]

    assert len(set(clauses)) > 0.95 * len(clauses)


def test_few_messages_seem_to_name_somebody() -> None:
    """Of real ones seven in a hundred do: whatever is hidden is sealed as well, which would be measured with every case."""
    texts = [f"{message.title}\n{message.text}" for message in islice(messages(), 500)]

    assert sum(text != for_department(text) for text in texts) <= 0.07 * len(texts)


def test_no_slot_is_left_unfilled() -> None:
    """Every sentence is complete."""
    assert not any("{" in message.title + message.text for message in islice(messages(), 500))


def test_submissions_are_valid_events_that_the_rules_route() -> None:
    """Codes as intake makes them, a body that its consumer decodes, and no case for a dispatcher."""
    rules = load_rules()

    events = submissions(50, keys=KEYS, now=NOW, rules=rules)

    assert 50 == len({event.case_id for event in events})
    for event in events:
        assert event == decode(SubmissionAccepted, encode(event))
        assert event.tracking_code == parse_tracking_code(KEYS.code_secrets, event.tracking_code)
        place = event.place.address if event.place else None
        assert not classify(rules, event.title, event.text, place=place or "").needs_review
