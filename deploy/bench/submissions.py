"""Messages as intake publishes them: `submission.accepted`, with the codes that intake derives."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from deploy.bench.messages import BenchMessage, messages
from intake.core.accepting import Envelope, accepted
from intake.core.codes import Sender
from intake.core.draft import Draft
from intake.core.keys import IntakeKeys
from routing.core.classify import classify
from routing.core.rules import RoutingRules
from schemas.events.intake import SubmissionAccepted
from schemas.words import Channel, Kind

_SENDER = Sender(channel=Channel.WEB)


def submissions(
    count: int, *, keys: IntakeKeys, now: datetime, rules: RoutingRules, seed: int = 1
) -> Sequence[SubmissionAccepted]:
    """`count` events, each of a message that `rules` route by themselves: every one goes the whole way."""
    dice = random.Random(seed)  # noqa: S311  drawn for variety, not secrecy
    return [
        _accepted(message, keys, now, dice.randbytes(32)) for message in islice(clear(rules, seed), count)
    ]


def clear(rules: RoutingRules, seed: int) -> Iterator[BenchMessage]:
    """Messages that need no dispatcher, and whose answers everybody may read."""
    for message in messages(seed):
        place = message.place.address if message.place else None
        found = classify(rules, message.title, message.text, place=place or "")
        if not found.needs_review and found.kind is not Kind.REPORT:
            yield message


def _accepted(message: BenchMessage, keys: IntakeKeys, now: datetime, entropy: bytes) -> SubmissionAccepted:
    draft = Draft(
        title=message.title, text=message.text, place=message.place, contact=message.contact, publish=True
    )
    envelope = Envelope(sender=_SENDER, key=None, now=now, entropy=entropy)
    return accepted(draft, envelope, keys=keys).event
