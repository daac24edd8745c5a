"""From a checked message to the event that makes it durable, with the codes that its citizen gets."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from cachetools import LRUCache

from intake.core.codes import Codes, Sender, derive, name_hash, parse_tracking_code, seed
from intake.core.draft import Draft, content_digest
from intake.core.keys import IntakeKeys
from schemas.errors import BadInput, CodeMistyped, FieldError, KeyReused
from schemas.events.intake import SubmissionAccepted
from schemas.ids import AttachmentId, TrackingCode, is_uuid
from schemas.values import Attachment, ListRow
from schemas.words import Language

#: The revision of `submission.accepted` that this release emits (by definition: raised when a field changes its meaning).
REVISION = 2
#: Messages that a process remembers. Project choice: some minutes of the heaviest traffic, in some tens of megabytes.
RECENT_LIMIT = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What comes with a message. `key`: the sender's idempotency key; `entropy`: 32 random bytes, none with a key."""

    sender: Sender
    key: str | None
    now: datetime
    entropy: bytes
    language: Language = Language.ZH
    #: For a known browser: the key to send under, then the keys under which the same message may have come before.
    browser_keys: Sequence[str] = ()
    #: Keyed hash (hex) of the browser, where there is one.
    person: str = ""
    #: Hashes of the files' contents where known, so that the same file uploaded again counts as the same.
    files: Mapping[AttachmentId, str] = field(default_factory=dict)
    #: For a row of an imported list: what identifies it.
    row: ListRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A message ready for Kafka. `names`: hashes of its idempotency key, which must not be reused for other content."""

    event: SubmissionAccepted
    codes: Codes
    names: tuple[str, ...]


def accepted(draft: Draft, envelope: Envelope, *, keys: IntakeKeys, codes: Codes | None = None) -> Accepted:
    """The event and the codes, which are the same whenever the same sender sends the same message.

    `codes`: given for a row of an imported list, which has its codes before its files are found.
    """
    content = content_digest(draft, envelope.files)
    codes = codes or derive(
        keys.code_secret,
        seed(
            envelope.sender,
            external_id=draft.external_id,
            key=envelope.key,
            content=content,
            entropy=envelope.entropy,
        ),
    )
    key_hash = _key_hash(draft, envelope, content, keys)
    return Accepted(
        event=_event(draft, envelope, codes, keys.keyed(bytes.fromhex(content)).hex(), key_hash, keys=keys),
        codes=codes,
        names=() if key_hash is None else (key_hash,),
    )


def _key_hash(draft: Draft, envelope: Envelope, content: str, keys: IntakeKeys) -> str | None:
    """The hash that identifies a retry, also after a change of the master secret.

    An idempotency key belongs to one content. An external id may come with several, each a message of its own, because
    sources restart their numbers every day and spreadsheets round them.
    """
    if envelope.key is not None:
        return name_hash(keys, envelope.sender, f"k:{envelope.key}")
    if draft.external_id is not None:
        return name_hash(keys, envelope.sender, f"x:{draft.external_id}:{content}")
    return None


def _known(seen: Sequence[str], keys: IntakeKeys) -> tuple[str, ...]:
    """Those names that can be a published answer or an entry; others are dropped without an error."""
    found: list[str] = []
    for name in seen:
        if is_uuid(name):
            found.append(name)
        else:
            with suppress(CodeMistyped):
                found.append(parse_tracking_code(keys.code_secrets, name))
    return tuple(dict.fromkeys(found))


def _matter(same_as: str, keys: IntakeKeys) -> TrackingCode:
    """The tracking code of the public matter that is named; whether it exists is checked at registration."""
    try:
        return parse_tracking_code(keys.code_secrets, same_as)
    except CodeMistyped as error:
        zh, en = "查询号不对，请核对。", "That is no tracking code of ours; please check it."
        raise BadInput([FieldError("same_as", zh, en)]) from error


def _event(
    draft: Draft, envelope: Envelope, codes: Codes, content: str, key_hash: str | None, *, keys: IntakeKeys
) -> SubmissionAccepted:
    return SubmissionAccepted(
        case_id=codes.case_id,
        version=0,
        at=envelope.now,
        tracking_code=codes.tracking_code,
        channel=envelope.sender.channel,
        source=envelope.sender.source,
        external_id=draft.external_id,
        sender_id=draft.sender_id,
        push_token=draft.push_token,
        said_at=draft.said_at,
        recording=draft.recording,
        key_hash=key_hash,
        content_hash=content,
        language=envelope.language,
        kind=draft.kind,
        title=draft.title,
        text=draft.text,
        turns=draft.turns,
        place=draft.place,
        contact=draft.contact,
        confidential=draft.confidential,
        publish=draft.publish,
        attachments=tuple(Attachment(attachment_id=each) for each in draft.attachments),
        publish_attachments=draft.publish_attachments,
        seen=_known(draft.seen, keys),
        same_as=None if draft.same_as is None else _matter(draft.same_as, keys),
        person=envelope.person if draft.same_as else "",
        row=envelope.row,
        revision=REVISION,
    )


class RecentMessages:
    """What this process accepted lately: the content of each key, and when each code was given out.

    Bounded, least recently used first out. One for a process.
    """

    def __init__(self, limit: int = RECENT_LIMIT) -> None:
        self._contents: LRUCache[str, str] = LRUCache(limit)
        self._moments: LRUCache[str, tuple[datetime, str]] = LRUCache(limit)

    def claim(self, message: Accepted) -> None:
        """Bind the message's names to its content.

        Raises:
            KeyReused: one of them is bound to other content.
        """
        content = message.event.content_hash
        if any(self._contents.get(name, content) != content for name in message.names):
            raise KeyReused
        for name in message.names:
            self._contents[name] = content

    def release(self, message: Accepted) -> None:
        """The message was not accepted after all: free its names, unless an earlier try was accepted."""
        if self.accepted_at(message) is None:
            for name in message.names:
                self._contents.pop(name, None)

    def remember(self, message: Accepted) -> datetime:
        """Note that the message is accepted; returns when it was first accepted."""
        code, content = message.codes.tracking_code, message.event.content_hash
        since, _ = self._moments.get(code, (message.event.at, content))
        self._moments[code] = (since, content)
        # Bound again: another try that failed meanwhile may have released them.
        for name in message.names:
            self._contents[name] = content
        return since

    def accepted_at(self, message: Accepted) -> datetime | None:
        """When this message was accepted, if it was lately and by this process: then it is durable already."""
        known = self._moments.get(message.codes.tracking_code)
        return known[0] if known is not None and known[1] == message.event.content_hash else None

    def knows(self, name: str) -> bool:
        """Whether a message with this name was accepted lately, or is being accepted."""
        return name in self._contents

    def received_at(self, tracking_code: str) -> datetime | None:
        """When the message with this code was accepted, if it was lately and by this process."""
        known = self._moments.get(tracking_code)
        return None if known is None else known[0]
