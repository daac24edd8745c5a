"""What the citizen's API takes: bodies and queries, with their limits."""

from typing import Annotated, Literal

import msgspec

from intake.core.draft import ATTACHMENTS_LIMIT, TEXT_LIMIT, SubmissionBody
from intake.core.public.published import QUESTION_LIMIT, SortOrder

#: Characters. Project choice: a supplement may be as long as a message; a reason is a page, a comment half of one.
SUPPLEMENT_LIMIT = TEXT_LIMIT
REASON_LIMIT = 2000
COMMENT_LIMIT = 1000

Score = Annotated[int, msgspec.Meta(ge=1, le=5)]
Words = Annotated[str, msgspec.Meta(min_length=1)]
#: Files that were uploaded before, by the ids that they got then.
Files = Annotated[list[str], msgspec.Meta(max_length=ATTACHMENTS_LIMIT)]


class MiniAppBody(SubmissionBody, frozen=True, kw_only=True):
    """A message from a mini-app. Positions are GCJ-02 unless `place.coordinates` says `wgs84`."""

    open_id: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    #: What the mini-app sends them news by; kept encrypted, and shown to nobody.
    push_token: Annotated[str, msgspec.Meta(max_length=512)] | None = None


class RatingBody(msgspec.Struct, frozen=True, kw_only=True):
    """A citizen's rating: 1 is worst, 5 is best."""

    score: Score
    comment: Annotated[str, msgspec.Meta(max_length=COMMENT_LIMIT)] | None = None
    access_code: str | None = None


class CallBackBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the department got in touch, whether it is settled, and whether one is content."""

    contacted: bool
    solved: Literal["yes", "partly", "no"]
    satisfied: bool
    comment: Annotated[str, msgspec.Meta(max_length=COMMENT_LIMIT)] | None = None
    access_code: str | None = None


class ObjectionBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why it is not settled."""

    reason: Words
    access_code: str | None = None


class SupplementBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be added."""

    text: Words
    attachments: Files | None = None
    #: As in a submission.
    publish_attachments: Files | None = None
    access_code: str | None = None


class AnswerBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen says to the department's question."""

    text: Words
    attachments: Files | None = None
    #: As in a submission.
    publish_attachments: Files | None = None
    access_code: str | None = None


class WithdrawalBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why it is withdrawn, if the citizen wants to say."""

    reason: str | None = None
    access_code: str | None = None


class PublicationBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether everybody may read the message and its answer."""

    publish: bool
    access_code: str | None = None


class PicturesBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the citizen's own pictures everybody may see beside a published answer: these, and from now on no others."""

    pictures: Files
    access_code: str | None = None


class FollowedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the additions to show: those before the cursor in `older_supplements`, otherwise the latest."""

    supplements_before: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class PublishedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. `from` and `to` are days of the city, or moments; both count."""

    q: Annotated[str, msgspec.Meta(max_length=QUESTION_LIMIT)] | None = None
    category: str | None = None
    department: str | None = None
    region: str | None = None
    from_day: str | None = msgspec.field(name="from", default=None)
    to_day: str | None = msgspec.field(name="to", default=None)
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    #: `best`: the nearest first; `newest`: all of the words, the newest first. Unless said, a long `q` means the first.
    order: SortOrder | None = None
