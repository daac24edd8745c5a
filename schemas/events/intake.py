"""What intake says: a message was accepted (raw, its own topic), became a case, and what its citizen did since."""

from datetime import datetime
from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import AttachmentId, CaseId, TrackingCode
from schemas.values import Attachment, Contact, ListRow, Place, SameMatter, Turn
from schemas.words import Channel, Kind, Language, ReviewKind


@event_type
class SubmissionAccepted(Event, frozen=True, kw_only=True):
    """A citizen's message is durable. Holds personal data: only intake reads its topic, kept seven days."""

    type: ClassVar[str] = "submission.accepted.v1"
    producer: ClassVar[str] = "submissions"

    tracking_code: TrackingCode
    #: SHA-256 (hex) of the access code; since revision 2 nothing is said of it, since it can be guessed.
    access_code_hash: str = ""
    channel: Channel
    #: Who sent it within the channel: `web`, a token's name, a mini-app's id.
    source: str
    external_id: str | None = None
    #: Who it was within the source, such as a mini-app's open id.
    sender_id: str | None = None
    #: What the source would tell them later news by, such as a mini-app's push token.
    push_token: str | None = None
    #: When it was said, as the source knows: a call's beginning, a row's time.
    said_at: datetime | None = None
    #: Where the source keeps the call's recording, in its own words.
    recording: str | None = None
    #: Keyed hash (hex) of channel, source and what a retry is known by: the idempotency key, else the external id with the
    #: content. Before revision 2 a plain SHA-256 of the key.
    key_hash: str | None = None
    #: Keyed hash (hex) of the content, to tell the same key with another body; before revision 2 a plain SHA-256.
    content_hash: str = ""
    language: Language = Language.ZH
    kind: Kind | None = None
    title: str
    text: str
    turns: tuple[Turn, ...] = ()
    place: Place | None = None
    contact: Contact | None = None
    #: Files that came before it; where nobody could be asked about them, their ids alone.
    attachments: tuple[Attachment, ...] = ()
    #: Pictures among them that everybody may see, should the answer be published: said yes to each.
    publish_attachments: tuple[AttachmentId, ...] = ()
    #: Published answers and entries that were offered before it was sent, and did not help.
    seen: tuple[str, ...] = ()
    confidential: bool = False
    #: The citizen allows publication: said yes. Before revision 2 silence was taken for a yes.
    publish: bool = False
    #: The published answer or open public matter that is theirs, too (我也遇到).
    same_as: TrackingCode | None = None
    #: Of such a message: keyed hash (hex) of its browser, to count people where no telephone tells them apart.
    person: str = ""
    #: Of a row of a list: what it is known by, should another list send it.
    row: ListRow | None = None
    #: 2: silence about publication is a no, and hashes are keyed (HMAC-SHA-256).
    revision: int = 1


@event_type
class CaseRegistered(Event, frozen=True, kw_only=True):
    """The message is a case; texts are masked from here on."""

    type: ClassVar[str] = "case.registered.v1"
    producer: ClassVar[str] = "intake"

    tracking_code: TrackingCode
    channel: Channel
    #: When the message was accepted.
    received_at: datetime
    kind: Kind | None = None
    title: str
    text: str
    #: Title and text in Simplified characters, where that differs: for matching only.
    simplified: str | None = None
    place: Place | None = None
    #: Words that stood where contact details belong (masked), to be judged and shown to nobody.
    beside: str = ""
    attachments: tuple[Attachment, ...] = ()
    #: There are contact details, or where the recording of the call lies, for whoever may see those.
    has_contact: bool = False
    confidential: bool = False
    publish: bool = False
    #: Published answers (their tracking codes) and entries (their ids) that were offered first, and did not help.
    seen: tuple[str, ...] = ()
    #: The public matter that its citizen says is theirs, too (我也遇到); what is not public, or not any more, is none.
    me_too: SameMatter | None = None
    #: The tracking code that they named, whatever it is: for dispatchers, where the words tell nothing else.
    same_as: TrackingCode | None = None
    #: Said again of a case that a dispatcher has anew, to whoever lost it: since when, and whether they decide where it goes
    #: (`dispatch`) or on the citizen's objection.
    waits_since: datetime | None = None
    waits_for: ReviewKind | None = None
    #: A row of an old list (`huiyin import`): it is handled like any other, and nobody is woken for it.
    of_old_list: bool = False


@event_type
class CaseSupplemented(Event, frozen=True, kw_only=True):
    """The citizen added something (masked)."""

    type: ClassVar[str] = "case.supplemented.v1"
    producer: ClassVar[str] = "intake"

    text: str
    #: `text` in Simplified characters, where that differs: for matching only.
    simplified: str | None = None
    #: It answers the department's question (补充材料).
    answers: bool = False
    #: The files that came with it; facts alone, as with the message.
    attachments: tuple[Attachment, ...] = ()


@event_type
class CaseWithdrawn(Event, frozen=True, kw_only=True):
    """The citizen asks to withdraw the case (撤回). routing alone hears it, and says `withdrawal.judged`."""

    type: ClassVar[str] = "case.withdrawn.v1"
    producer: ClassVar[str] = "intake"

    reason: str = ""


@event_type
class PublicationDecided(Event, frozen=True, kw_only=True):
    """The citizen says, before or after the answer, whether everybody may read it (公开意愿); the last word counts.

    Where they refuse, whoever joined the case by themselves (`me_too`) is answered by nobody but a dispatcher.
    """

    type: ClassVar[str] = "publication.decided.v1"
    producer: ClassVar[str] = "intake"

    allowed: bool
    #: Staff let nobody else read it all the same.
    withheld: bool = False


@event_type
class PublicationLimited(Event, frozen=True, kw_only=True):
    """Staff decide what everybody else reads of a case (公开限制): nothing, or all but some words; the last one counts."""

    type: ClassVar[str] = "publication.limited.v1"
    producer: ClassVar[str] = "intake"

    #: Nobody else reads the answer, whatever the citizen allows.
    withheld: bool
    #: Nobody else sees the pictures beside it.
    without_pictures: bool = False
    #: Nor these, where not all are hidden.
    hidden_pictures: tuple[AttachmentId, ...] = ()
    #: The citizen allows it, and staff do.
    allowed: bool
    #: More is kept from them than before: new words, or all of it. What was made of the case is looked at anew.
    hides_more: bool = False
    #: The words that are hidden, encrypted (AES-256-GCM, base64); empty: none are.
    sealed: str = ""
    reason: str
    by: str


@event_type
class CitizenRated(Event, frozen=True, kw_only=True):
    """The citizen rated the answer (好差评), 1 worst to 5 best."""

    type: ClassVar[str] = "citizen.rated.v1"
    producer: ClassVar[str] = "intake"

    score: int
    comment: str = ""


@event_type
class CitizenObjected(Event, frozen=True, kw_only=True):
    """The citizen says it is not settled; reopened once (重办)."""

    type: ClassVar[str] = "citizen.objected.v1"
    producer: ClassVar[str] = "intake"

    reason: str


@event_type
class RefusalObjected(Event, frozen=True, kw_only=True):
    """The citizen objects to a refusal (对不予受理的异议) or to a direct answer, once; another dispatcher decides."""

    type: ClassVar[str] = "refusal.objected.v1"
    producer: ClassVar[str] = "intake"

    reason: str


@event_type
class DuplicateSuspected(Event, frozen=True, kw_only=True):
    """Looks like an earlier case: a suggestion, nothing is merged or dropped."""

    type: ClassVar[str] = "duplicate.suspected.v1"
    producer: ClassVar[str] = "intake"

    similar_to: CaseId
    #: 0–1.
    similarity: float
