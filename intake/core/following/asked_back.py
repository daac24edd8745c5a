"""What citizens are asked and promised, and what their timelines say of call-backs (回访)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

#: To be rung up; asked on the page, and answered there; what came of it.
TO_BE_CALLED, ASKED_BACK, ANSWERED_BACK, CALLED_BACK = (
    "call_back_due",
    "asked_back",
    "answered_back",
    "called_back",
)
#: The lines of an answer: a department's, or a dispatcher's own.
ANSWERS = ("answered", "answered_directly")
#: The lines of which one stands wherever a case that had ended has not ended after all: its outcome is none, and neither is
#: what was asked about it, by its citizen or of them.
OPENED_AGAIN = frozenset({"reopened", "in_review", "undone"})
#: What is asked is over with whatever comes next of these.
_ASKING = frozenset({TO_BE_CALLED, ASKED_BACK, ANSWERED_BACK, CALLED_BACK})
#: And with what comes of the case later than it was asked: also with another answer, since it was about the one before. It
#: may have been asked a moment after the case was opened again, and is heard after that.
_OVERTAKING = frozenset({*OPENED_AGAIN, *ANSWERS})
#: A promise, and what the desk forgets it with.
ABOUT_PROMISES = frozenset({"promised", "closed", "reopened", "declined"})


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What the department asks the citizen, and until when it waits for the answer."""

    text: str
    until: datetime


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """The moment with which the day ends that the citizen was promised, and what is done until then."""

    until: datetime
    plan: str


class AskingLine(Protocol):
    """A line of a timeline, as far as it matters here."""

    @property
    def at(self) -> datetime:
        """The moment at which it happened."""
        ...

    @property
    def event(self) -> str:
        """What happened, as a word for programs."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """Until when something is asked or promised, if anything."""
        ...


class NumberedLine(Protocol):
    """A line of a timeline that may be of one of several call-backs."""

    @property
    def event(self) -> str:
        """What happened, as a word for programs."""
        ...

    @property
    def number(self) -> int | None:
        """Which of the case's call-backs it is of, where that was kept."""
        ...


def asked_in(timeline: Sequence[NumberedLine]) -> int:
    """Which call-back the citizen was asked in on their page last; 0 where nobody knows."""
    return next((line.number or 0 for line in reversed(timeline) if line.event == ASKED_BACK), 0)


def _last_asked(timeline: Sequence[AskingLine], event: str) -> AskingLine | None:
    asked: AskingLine | None = None
    for line in timeline:
        if line.event in _ASKING:
            asked = line
        elif asked and line.event in _OVERTAKING and line.at >= asked.at:
            # Topics are read side by side: a question may be heard before the answer that it is about.
            asked = None
    return asked if asked and asked.event == event else None


def asked_back_until(timeline: Sequence[AskingLine]) -> datetime | None:
    """Until when it is asked on the citizen's page whether it is settled, while nobody said so."""
    line = _last_asked(timeline, ASKED_BACK)
    return line.due_at if line else None


def is_to_be_called(timeline: Sequence[AskingLine]) -> bool:
    """Whether somebody is to ring up, and has not yet."""
    return _last_asked(timeline, TO_BE_CALLED) is not None


def promised_until(timeline: Sequence[AskingLine]) -> datetime | None:
    """The moment that was promised last; what was promised before an answer, a reopening or a refusal is over."""
    told = [line for line in timeline if line.event in ABOUT_PROMISES]
    return max(told, key=lambda line: line.at).due_at if told else None


def is_rated(rating: int | None, timeline: Sequence[AskingLine]) -> bool:
    """Whether the answer that is there was rated: the one after an objection may be rated anew."""
    # In the order in which it was heard: no two machines' clocks are compared.
    lines = [line.event for line in timeline if line.event in ("rated", *ANSWERS)]
    return rating is not None and not ("rated" in lines and lines[-1] in ANSWERS)
