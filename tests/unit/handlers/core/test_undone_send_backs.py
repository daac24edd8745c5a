"""A reply that a dispatcher sent back waits once more, unless its department has begun another one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from handlers.core import undoing, verdicts
from handlers.core.asks import Asks, Part
from handlers.core.case import Case, CaseFile
from schemas.city import load_city
from schemas.events.handlers import RequestDropped
from schemas.events.routing import ReviewDecided
from schemas.events.undone import UndoRequested, VerdictUndone
from schemas.ids import AttachmentId
from schemas.values import Attachment
from schemas.words import CaseState, FileAudience, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case

LATER = MONDAY + timedelta(minutes=5)
INTERNAL, CITIZEN, PUBLIC = FileAudience.DEPARTMENTS, FileAudience.CITIZEN, FileAudience.PUBLIC


def _file(name: str, audience: FileAudience) -> CaseFile:
    file = Attachment(attachment_id=AttachmentId(name), name=name)
    return CaseFile(file=file, department=HOUSING, audience=audience, at=MONDAY)


@dataclass(frozen=True, kw_only=True)
class Since:
    """What the department has done since its reply was sent back."""

    files: tuple[CaseFile, ...] = (_file("a", CITIZEN),)
    parts: tuple[Part, ...] = ()


def _undone_after(since: Since, replied_at: datetime | None = MONDAY) -> tuple[Case, type]:
    """The case after li took the send-back of its reply back, and what was said of that."""
    held = case(
        state=CaseState.REPLIED,
        response="已修复",
        files=(_file("a", CITIZEN),),
        asks=Asks(replied_at=replied_at),
    )
    decision = ReviewDecided(
        case_id=held.case_id, version=4, at=MONDAY, kind=ReviewKind.REPLY, accepted=False, decided_by="li"
    )
    made = verdicts.decide_review(held, decision, MONDAY, city=load_city())
    assert made is not None
    sent_back = replace(made.after, files=since.files, asks=replace(made.after.asks, parts=since.parts))
    asked = UndoRequested(
        case_id=held.case_id, version=1, at=LATER, decided_by="li", review=ReviewKind.REPLY, accepted=False
    )
    change = undoing.undo_decided(sent_back, asked, LATER)
    (told,) = change.events
    return change.after, type(told)


@pytest.mark.parametrize(
    "since",
    [
        Since(),
        Since(files=()),
        Since(files=(_file("a", CITIZEN), _file("b", INTERNAL))),
    ],
    ids=["nothing", "a file less", "a file for itself"],
)
def test_a_reply_that_was_sent_back_waits_once_more(since: Since) -> None:
    """Nothing of these would go out unread."""
    after, told = _undone_after(since)

    assert (CaseState.REPLIED, VerdictUndone) == (after.state, told)


@pytest.mark.parametrize(
    "since",
    [
        Since(files=(_file("a", CITIZEN), _file("b", CITIZEN))),
        Since(files=(_file("b", PUBLIC),)),
        Since(files=(_file("a", PUBLIC),)),
        Since(parts=(Part(department=TRANSPORT, text="请核实", until=None, asked_at=MONDAY),)),
    ],
    ids=["a file more", "another file", "for others", "asks another department"],
)
def test_a_department_at_work_on_another_reply_is_left_to_it(since: Since) -> None:
    """What nobody has reviewed goes out with no answer."""
    after, told = _undone_after(since)

    assert (CaseState.IN_PROGRESS, RequestDropped) == (after.state, told)


def test_a_reply_whose_moment_nobody_kept_stays_sent_back() -> None:
    """Nobody knows by when to judge it: whether it was in time."""
    after, told = _undone_after(Since(), replied_at=None)

    assert (CaseState.IN_PROGRESS, RequestDropped) == (after.state, told)
