"""Offer what was answered before, to somebody who is about to ask."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum

import msgspec

from intake.core.public.entries import PublicEntry
from intake.core.public.published import Criteria, PublishedCase
from intake.core.search.matches import matching_words
from intake.core.search.nearness import MOST_OFFERED, Document, Nearness, document_of, ranked, worth_offering
from intake.core.search.question import (
    MOST_LOOK_UPS,
    LookUps,
    SearchQuestion,
    counted_words,
    look_ups,
    question_of,
)
from intake.store import entries as entry_store
from intake.store import searching as store
from intake.store.searching import Compared
from schemas.ids import CaseId
from schemas.ports import Database, Unit

#: Characters of a title before anything is offered, and of the text that help to find it (project choices: a phrase that
#: says what it is about; a paragraph).
LEAST_TITLE, MOST_TEXT = 8, 200
#: How many more are looked at, should one be objected to, or say what another says (project choice: departments answer
#: the same question in the same words, often many times).
_SPARE = 9
#: Entries that are compared (project choice: a city has some thousand).
_MOST_ENTRIES = 40


class _Kind(Enum):
    ANSWER = 1
    ENTRY = 2


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A published answer, or a checked entry, that may have answered the question. One of the two ids is there."""

    tracking_code: str | None = None
    entry_id: str | None = None
    title: str
    response: str
    department: str
    replied_at: datetime
    #: What of the question stands in it, the most telling first.
    words: Sequence[str] = ()


async def suggest(unit: Unit, title: str, text: str = "") -> Sequence[Suggestion]:
    """What is nearest to a message of all answers and entries that hold, three at most; nothing for too short a title."""
    return await suggest_beside(unit, title, text) if len(title.strip()) >= LEAST_TITLE else ()


async def suggest_beside(unit: Unit, title: str, text: str, but: str | None = None) -> Sequence[Suggestion]:
    """The same of a message that was sent, however short its title; never the answer to itself, the case `but`."""
    asked = f"{title}\n{text[:MOST_TEXT]}"
    counts = await store.counts_of(unit.db, counted_words(asked))
    question = question_of(asked, counts)
    looked_up = look_ups(question, counts)
    compared = await store.find_nearest(unit.db, looked_up, Criteria())
    entries = await _compared_entries(unit, question, looked_up)
    # In one call, since the scores of two cannot be compared.
    near = worth_offering(ranked(question, _documents(compared, entries.values())))
    checked = [
        (each, _suggestion_of_entry(entries[key])) for (kind, key), each in near if kind is _Kind.ENTRY
    ]
    scores = {CaseId(key): each for (kind, key), each in near if kind is _Kind.ANSWER}
    answers = await _answers(unit.db, dict(list(scores.items())[: MOST_OFFERED + _SPARE]))
    every = [pair for pair in (*checked, *answers) if but is None or pair[1].tracking_code != but]
    # Of what says the same the nearest: once is enough.
    once: dict[str, Suggestion] = {}
    for _, found in sorted(every, key=lambda pair: -pair[0].score):
        once.setdefault(found.response, found)
    return [_with_words(question, found) for found in list(once.values())[:MOST_OFFERED]]


def _documents(
    answers: Sequence[Compared], entries: Iterable[PublicEntry]
) -> dict[tuple[_Kind, str], Document]:
    return {
        (_Kind.ENTRY, entry.entry_id): document_of(*entry.content.questions, entry.content.answer)
        for entry in entries
    } | {
        (_Kind.ANSWER, answer.case_id): document_of(answer.title, answer.text, answer.response)
        for answer in answers
    }


async def _compared_entries(
    unit: Unit, question: SearchQuestion, looked_up: LookUps
) -> Mapping[str, PublicEntry]:
    # What stands in every few answers may tell of an entry, of which there are few.
    words = list(dict.fromkeys([*looked_up.words, *question.words]))[:MOST_LOOK_UPS]
    if not words:
        return {}
    found = await entry_store.search(
        unit.db, words, unit.now, category=None, department=None, least=1, limit=_MOST_ENTRIES
    )
    return {entry.entry_id: entry for entry in found}


async def _answers(db: Database, near: Mapping[CaseId, Nearness]) -> list[tuple[Nearness, Suggestion]]:
    answers = await store.read_answers(db, list(near))
    return [
        (near[case_id], _suggestion_of(answers[case_id]))
        for case_id in near
        if case_id in answers and not answers[case_id].objected
    ]


def _suggestion_of(case: PublishedCase) -> Suggestion:
    return Suggestion(
        tracking_code=case.tracking_code,
        title=case.title,
        response=case.response,
        department=case.department,
        replied_at=case.replied_at,
    )


def _suggestion_of_entry(entry: PublicEntry) -> Suggestion:
    return Suggestion(
        entry_id=entry.entry_id,
        title=entry.content.title,
        response=entry.content.answer,
        department=entry.owner,
        replied_at=entry.published_at,
    )


def _with_words(question: SearchQuestion, found: Suggestion) -> Suggestion:
    return msgspec.structs.replace(found, words=matching_words(question, found.title, found.response))
