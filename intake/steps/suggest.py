"""Offer what was answered before, to somebody who is about to ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from intake.core.entries import PublicEntry
from intake.core.published import Criteria, PublishedCase
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
from schemas.ports import Database, Unit

K = TypeVar("K", bound=str)

#: Characters of a title before anything is offered, and of the text that help to find it (project choices: a phrase that
#: says what it is about; a paragraph).
LEAST_TITLE, MOST_TEXT = 8, 200
#: How many more are looked at, should one be objected to (project choice).
_SPARE = 3
#: Entries that are compared (project choice: a city has some thousand).
_MOST_ENTRIES = 40


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
    answers = await _nearest_answers(unit.db, question, looked_up)
    checked = await _nearest_entries(unit, question, looked_up)
    every = [pair for pair in (*checked, *answers) if but is None or pair[1].tracking_code != but]
    near = sorted(every, key=lambda pair: -pair[0].score)
    return [_with_words(question, found) for _, found in near[:MOST_OFFERED]]


async def _nearest_answers(
    db: Database, question: SearchQuestion, looked_up: LookUps
) -> list[tuple[Nearness, Suggestion]]:
    compared = await store.find_nearest(db, looked_up, Criteria())
    documents = {each.case_id: document_of(each.title, each.text, each.response) for each in compared}
    near = _near(question, documents)
    answers = await store.read_answers(db, list(near))
    return [
        (near[case_id], _suggestion_of(answers[case_id]))
        for case_id in near
        if case_id in answers and not answers[case_id].objected
    ]


async def _nearest_entries(
    unit: Unit, question: SearchQuestion, looked_up: LookUps
) -> list[tuple[Nearness, Suggestion]]:
    # What stands in every few answers may tell of an entry, of which there are few.
    words = list(dict.fromkeys([*looked_up.words, *question.words]))[:MOST_LOOK_UPS]
    if not words:
        return []
    found = await entry_store.search(
        unit.db, words, unit.now, category=None, department=None, least=1, limit=_MOST_ENTRIES
    )
    entries = {entry.entry_id: entry for entry in found}
    documents = {
        entry.entry_id: document_of(*entry.content.questions, entry.content.answer) for entry in found
    }
    near = _near(question, documents)
    return [(near[entry_id], _suggestion_of_entry(entries[entry_id])) for entry_id in near]


def _near(question: SearchQuestion, documents: Mapping[K, Document]) -> dict[K, Nearness]:
    return dict(worth_offering(ranked(question, documents))[: MOST_OFFERED + _SPARE])


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
