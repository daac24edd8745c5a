"""Me too (我也遇到): a citizen says that a public matter is theirs as well, and need say nothing else."""

from datetime import datetime

import msgspec

from intake.core.keys import IntakeKeys
from intake.core.no_words import SAME
from intake.core.registration import PreparedMessage
from intake.core.sealing import declared_in
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId, TrackingCode
from schemas.masking import for_public


class PublicMatter(msgspec.Struct, frozen=True, kw_only=True):
    """A case that everybody may read of: its answer is published, or it is open and its promised date is."""

    case_id: CaseId
    tracking_code: TrackingCode
    #: As everybody reads it; None of an open matter, whose title is masked anew for whoever looks.
    title: str | None
    #: As departments read it, and what is personal in the case, encrypted.
    own_title: str
    sealed: bytes | None
    #: Keyed hash of its own citizen, who is none of the others.
    author: bytes | None

    def title_for_all(self, keys: IntakeKeys) -> str:
        """What it is about, without anything personal."""
        if self.title is not None:
            return self.title
        return for_public(self.own_title, declared_in(keys, self.case_id, self.sealed))


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """How many people say of one public matter that it is theirs, too; who cannot be told apart is not counted."""

    tracking_code: TrackingCode
    #: None: open, without a published answer.
    title: str | None
    department: str | None
    replied_at: datetime | None
    #: Different people in all, and of these who said so after the answer that everybody reads now.
    people: int
    since_answer: int
    last_at: datetime


def is_in_own_words(event: SubmissionAccepted) -> bool:
    """Whether the message says more than that it is the same: a person is to read that."""
    has_words = event.text.strip() != SAME or event.title.strip() != SAME
    return has_words or bool(event.attachments or event.place) or event.confidential


def person_of(matter: PublicMatter, event: SubmissionAccepted, said: PreparedMessage) -> bytes | None:
    """A keyed hash of who says so, None where nothing tells; the matter's own citizen is nobody else, under any key."""
    person = said.phone_index or said.author_index or bytes.fromhex(event.person) or None
    return None if matter.author in (person, *said.former_people) else person
