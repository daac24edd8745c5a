"""Values that appear in several events, or pass between slices through a port."""

from datetime import date, datetime
from typing import Literal

import msgspec

from schemas.ids import (
    AttachmentId,
    CaseId,
    CategoryCode,
    DepartmentCode,
    EntryId,
    ItemCode,
    RegionCode,
    TrackingCode,
)
from schemas.words import CaseField, CaseState, Clock, ContactPreference, EntryState


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is about. Coordinates are WGS-84 degrees."""

    address: str | None = None
    longitude: float | None = None
    latitude: float | None = None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the citizen. Only in `submission.accepted`; encrypted in intake's tables, nowhere else."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    preference: ContactPreference = ContactPreference.ANY
    #: When to call, as the citizen said it.
    hours: str | None = None
    #: Which language to speak, as the citizen said it.
    language: str | None = None
    #: What was written where name, telephone or e-mail belong and could not be read as one.
    remarks: str | None = None
    #: Where the hotline keeps the recording, in its own words; filled in only for somebody who may see all of this.
    recording: str | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a message, as it is stored: its bytes are asked for by address, never sent along."""

    attachment_id: AttachmentId
    #: As its sender called it, cleaned; masked from registration on.
    name: str = ""
    #: The media type that its content has, whatever its name says.
    type: str = ""
    #: Bytes.
    size: int = 0
    #: SHA-256 (hex) of what is stored: of a picture, after everything but the picture was taken out of it.
    sha256: str = ""
    #: The message names it, and nobody ever got it, or it came too early to be kept so long.
    missing: bool = False


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a message is known by that stood in a list (`huiyin import`), in whatever list it stands: keyed hashes (hex)."""

    #: The list, with its channel, source and choice.
    list_hash: str
    #: All that the row says, and what stays where a list is exported anew.
    hashes: tuple[str, ...]


class Clearance(msgspec.Struct, frozen=True, kw_only=True):
    """A dispatcher found that a unit which a report names is not whom it accuses. For staff who are not of a department."""

    department: DepartmentCode
    reason: str
    decided_by: str
    at: datetime


class SameMatter(msgspec.Struct, frozen=True, kw_only=True):
    """The public matter that a citizen says is theirs, too (我也遇到)."""

    case_id: CaseId
    tracking_code: TrackingCode
    #: They wrote more than that it is: words, a place or files of their own, which a person reads.
    in_own_words: bool = False


class MatterPart(msgspec.Struct, frozen=True, kw_only=True):
    """One of several matters in a message (分项), which a dispatcher gives to another department than the lead."""

    department: DepartmentCode
    #: What it is about, as that department, the lead and the citizen read it.
    text: str
    #: The item of that department's (事项) which its words name; None where none is clear.
    item: ItemCode | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance of a hotline call."""

    speaker: Literal["citizen", "agent"]
    text: str
    at_seconds: float = 0.0


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A category the router considers, with its probability (0–1) and the department it would lead to."""

    category: str
    probability: float
    lead: str | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words that spoke for a decision, and how loudly; or a rule or weights that did, said in Chinese (`words`)."""

    words: str
    weight: float
    #: Of a rule, or of weights that alone made it an emergency (`sound`): which, as a code that its reader words
    #: (`schemas.reasons`); empty: words of the message.
    code: str = ""
    #: What it is about, such as an item's code, or the version of the weights and the words that they heard.
    facts: tuple[str, ...] = ()


class RaisedDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """Why a person must look, as a code that its reader words; `facts`: what it is about, such as departments' codes."""

    code: str
    facts: tuple[str, ...] = ()


class ViewCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often staff opened a case, and when last."""

    views: int
    last_at: datetime | None


class OwnHours(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a department that does not keep the city's: the calendar's name, and what people call it."""

    calendar: str
    zh: str
    en: str


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of an open case: whose time it is, until when, and what would stop it."""

    clock: Clock
    #: `lead`, `supporting`, `dispatcher`, `supervisor`, `citizen`.
    owner: str
    department: DepartmentCode | None
    due_at: datetime
    #: False while it stands still: the case waits for something else, whose clock runs.
    running: bool
    #: While it stands still: when what it waits for ends at the latest.
    paused_until: datetime | None = None
    #: A year on the way is not announced yet; the date may move.
    provisional: bool = False
    missed: bool = False
    #: Whose working time it counts by, where that is not the city's.
    hours: OwnHours | None = None
    #: What made it due later that is no decision on the case: `later_by_rules`, `later_by_calendar`.
    later: tuple[str, ...] = ()
    #: The events that would stop it, such as `case.replied`.
    stopped_by: tuple[str, ...] = ()


class CaseMatter(msgspec.Struct, frozen=True, kw_only=True):
    """The citizen's message, masked, as staff who watch cases may read it."""

    title: str
    text: str


class DangerLook(msgspec.Struct, frozen=True, kw_only=True):
    """That a dispatcher has read what danger the citizen told of since, and how often they had by then."""

    at: datetime
    by: str
    dangers: int


class Callee(msgspec.Struct, frozen=True, kw_only=True):
    """How the citizen of a closed case may be asked whether it is settled."""

    #: They left a telephone, and take calls.
    by_phone: bool
    #: Confidential, a report, or accusing somebody: nobody at the centre rings up or reads it; they are asked on their page.
    is_private: bool
    #: The dispatcher who answered alone; empty: a department answered.
    answered_by: str = ""


class CaseStep(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a case's history. `event`: a code; `actor`: an account, or a department's code."""

    at: datetime
    event: str
    actor: str
    role: str
    text: str
    #: Of a line that gives the case to a department: which.
    lead: DepartmentCode | None = None


class CaseLife(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a case since a department has it: where it stands, its answer, its history in order."""

    state: CaseState
    response: str | None
    timeline: tuple[CaseStep, ...]


class ShownPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a supporting department was asked for, and what came of it; it lapses when the case is answered or moved."""

    department: DepartmentCode
    text: str
    asked_at: datetime
    until: datetime | None
    state: Literal["asked", "done", "withdrawn", "lapsed"]
    answer: str = ""
    answered_at: datetime | None = None
    #: A dispatcher split it off (分项), and it waits: until it is done the lead cannot answer.
    is_matter: bool = False
    #: Of what a dispatcher split off: the department's item (事项) that its words name; None where none is clear.
    item: ItemCode | None = None


class TopicSample(msgspec.Struct, frozen=True, kw_only=True):
    """A case that shows what a topic is about. `title`: masked, as dispatchers read it."""

    case_id: CaseId
    tracking_code: TrackingCode
    title: str
    received_at: datetime


class GrowingTopic(msgspec.Struct, frozen=True, kw_only=True):
    """One matter at one place that different people write of (苗头). Protected and confidential cases are not in it."""

    topic: int
    #: Different people within the window; those who left nothing to tell them apart are one.
    people: int
    #: Messages within the window; of them, those that tell nothing of who wrote.
    cases: int
    unnamed: int
    #: People, each counted half after half a week.
    heat: float
    #: People that a window had on average in the four before it; more than chance above that is a burst.
    expected: float
    is_burst: bool
    first_at: datetime
    last_at: datetime
    category: CategoryCode | None
    region: RegionCode | None
    #: The address that at least two of them name; empty where there is none.
    place: str = ""
    samples: tuple[TopicSample, ...] = ()


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline that stays missed, as a digest names it."""

    case_id: CaseId
    clock: Clock
    due_at: datetime
    deadline_version: int
    #: How many reminders there were of it, this one included; those that fell into an outage count.
    number: int


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked at a case. Lines of lists are told together: `times`, and `at` of the last."""

    at: datetime
    #: The account or the token.
    name: str
    role: str
    unit: DepartmentCode | None
    address: str
    route: str
    fields: tuple[CaseField, ...]
    times: int


class EntryContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a knowledge entry (知识点) says: masked, and written for everybody."""

    #: Ways to ask it, the first one as its title.
    questions: tuple[str, ...]
    answer: str
    #: What the answer rests on, and that document's number (文号).
    basis: str = ""
    document_number: str = ""
    categories: tuple[CategoryCode, ...] = ()
    #: Where it holds; none: in the whole city.
    regions: tuple[RegionCode, ...] = ()
    #: The first and the last day on which it holds, both the city's.
    valid_from: date
    valid_until: date
    #: The day on which its department last found it right.
    checked_on: date

    @property
    def title(self) -> str:
        """The question as it is shown."""
        return self.questions[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is written in it."""
        return (*self.questions, self.answer, self.basis, self.document_number)


class MadeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A knowledge entry that was made from a case. `texts`: all of its newest text, and of the one that everybody reads."""

    entry_id: EntryId
    state: EntryState
    is_public: bool
    title: str
    texts: tuple[str, ...]


class KeptFromAll(msgspec.Struct, frozen=True, kw_only=True):
    """What staff keep of a case from everybody: words in it, and since when all of it; None: not all of it."""

    words: tuple[str, ...]
    withheld_since: datetime | None


class EntryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What others than intake know of knowledge entries, over some days."""

    #: Enquiries that came, and of these how many were answered directly from an entry.
    enquiries: int
    answered: int
    #: Entries that everybody may read now.
    live: tuple[EntryId, ...]
    expired: int
    #: Contradictions that wait for a dispatcher.
    contradicting: int


class NearAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody may read and may answer a case: a published answer, or a knowledge entry that holds.

    `title` and `excerpt` come in pieces, each with whether it is what the case says, too.
    """

    url: str
    title: tuple[tuple[str, bool], ...]
    excerpt: tuple[tuple[str, bool], ...]
    department: DepartmentCode
    at: datetime
    entry_id: EntryId | None = None
    tracking_code: str | None = None
    #: The whole of it, and what matched, the most telling first.
    response: str = ""
    words: tuple[str, ...] = ()


class LiveEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A knowledge entry that holds now, as everybody may read it."""

    entry_id: EntryId
    owner: DepartmentCode
    content: EntryContent
