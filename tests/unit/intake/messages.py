"""Messages and keys that the tests of intake share."""

from datetime import UTC, datetime

from intake.core.accepting import Accepted, Envelope, accepted
from intake.core.codes import Sender
from intake.core.draft import Draft
from intake.core.keys import IntakeKeys
from schemas.values import Contact
from schemas.words import Channel

KEYS = IntakeKeys(code_secret=b"c" * 32, contact_key=b"k" * 32, index_key=b"i" * 32, hash_key=b"h" * 32)
#: After a change of the master secret.
NEW_KEYS = IntakeKeys(
    code_secret=b"C" * 32, contact_key=b"K" * 32, index_key=b"I" * 32, hash_key=b"H" * 32, previous=(KEYS,)
)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WEB = Sender(channel=Channel.WEB)
HOTLINE = Sender(channel=Channel.HOTLINE, source="hotline-desk")
CONTACT = Contact(name="周丽华", phone="13912345678", email="lihua@example.org")


def draft(
    title: str = "路灯不亮", text: str = "人民路的路灯已经坏了三天，晚上走路看不见。", **more: object
) -> Draft:
    """A message about a street light."""
    return Draft(title=title, text=text, **more)  # type: ignore[arg-type]  # the tests name fields that exist


def message(
    given: Draft | None = None,
    *,
    sender: Sender = WEB,
    key: str | None = None,
    entropy: bytes = b"e" * 32,
    now: datetime = NOW,
    keys: IntakeKeys = KEYS,
) -> Accepted:
    """That message, accepted."""
    envelope = Envelope(sender=sender, key=key, now=now, entropy=entropy)
    return accepted(given or draft(), envelope, keys=keys)
