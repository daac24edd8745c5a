"""A direct answer (直接答复): a dispatcher answers an enquiry from a knowledge entry, and no department has to."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from routing.core.decisions.review import DirectAnswer, Item, RoutingCase
from routing.core.doubts import Doubt
from schemas.errors import ActionNotAllowed, named_wrong
from schemas.ids import CaseId, EntryId
from schemas.masking import for_public
from schemas.values import LiveEntry
from schemas.wording import says_something
from schemas.words import Kind, ReviewKind, Urgency

#: One direct answer in so many is read again by another dispatcher (project choice: enough to see a habit within a week, and
#: few enough that the rest of the queue does not wait for it).
READ_AGAIN_ONE_IN = 5

#: In the detail of the item that an answer decided: the entry that it rests on, and who answers for that.
RESTS_ON, RESTS_WITH = "rests_on", "rests_with"

_ANSWERABLE = frozenset({ReviewKind.DISPATCH, ReviewKind.OBJECTION})


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a decision that answers an enquiry: what its citizen reads, masked, and the entry behind it."""

    entry: LiveEntry
    response: str


class SecondReading(msgspec.Struct, frozen=True, kw_only=True):
    """Whether another dispatcher finds a direct answer right; where not, why."""

    is_right: bool
    remarks: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class ReadingOver(ActionNotAllowed):
    """The answer was taken back or given anew, or somebody else has read it again, since it was shown."""

    zh = "这条答复此后已撤销、改过，或已由他人复核，不用再复核；没有记录您这一次的结果。"
    en = "Since then the answer was taken back or given anew, or somebody else has read it; nothing was kept of this."


class WaitingReading(msgspec.Struct, frozen=True, kw_only=True):
    """One direct answer that waits to be read again."""

    case: RoutingCase
    entry_id: EntryId
    answered_by: str
    answered_at: datetime


def may_answer(case: RoutingCase, items: Sequence[Item], item: Item) -> bool:
    """Whether a dispatcher may answer the case without a department: an enquiry that accuses nobody and that none ever had.

    What is pressing is no enquiry, and a case that was with a department is that one's to answer.
    """
    with_nobody = case.state == "open" and all(each.kind in _ANSWERABLE for each in items)
    was_merged = any(Doubt.UNMERGED in each.detail.get("doubts", ()) for each in items)
    was_recalled = any(each.detail.get("had_department") for each in items)
    is_enquiry = case.kind is Kind.CONSULTATION and case.urgency is not Urgency.EMERGENCY
    is_open_to_all = not case.is_private and not case.accused
    return (
        with_nobody
        and not (was_merged or was_recalled)
        and is_enquiry
        and is_open_to_all
        and item.kind in _ANSWERABLE
    )


def answer_of(
    case: RoutingCase, items: Sequence[Item], item: Item, said: DirectAnswer, entry: LiveEntry | None
) -> Answered:
    """What the citizen is to read.

    Raises:
        BadInput: it is no such case, the entry does not hold, or the text says nothing.
    """
    if not may_answer(case, items, item):
        raise named_wrong(
            "answer",
            "只有没有派过单、不涉及举报和保密的咨询件可以直接答复。",
            "Only an enquiry that no department had, neither a report nor confidential, is answered directly.",
        )
    if entry is None:
        raise named_wrong(
            "answer", "没有这条知识点，或已失效。", "There is no such entry, or it holds no longer."
        )
    response = for_public(said.text.strip(), official=True)
    if not says_something(response):
        raise named_wrong("answer", "请写明答复。", "Write the answer.")
    return Answered(entry=entry, response=response)


def is_read_again(case_id: CaseId, key: bytes | None) -> bool:
    """Whether the answer to this case is in the sample: by its id and a secret, so that nobody knows beforehand.

    Without a secret every answer is.
    """
    if key is None:
        return True
    told = hmac.digest(key, case_id.encode(), hashlib.sha256)
    return int.from_bytes(told[:8]) % READ_AGAIN_ONE_IN == 0
