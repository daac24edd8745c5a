"""Find the published answers that are nearest to a question."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from intake.core.public.published import NEAREST_FOUND, Criteria, Found, Search, SortOrder
from intake.core.search.nearness import Nearness, document_of, ranked
from intake.core.search.question import SearchQuestion, asks_much, counted_words, look_ups, question_of
from intake.store import published as published_store
from intake.store import searching as store
from intake.store.searching import Compared
from schemas.ids import CaseId
from schemas.paging import cursor_of, read_cursor
from schemas.ports import Unit


async def find_nearest(unit: Unit, search: Search, criteria: Criteria) -> Found:
    """One page of the nearest answers; those behind the sixtieth are nobody's answer any more.

    Raises:
        BadInput: the cursor cannot be read.
    """
    after = read_cursor(search.cursor, tuple[float, UUID]) if search.cursor else None
    _, near = await nearest(unit, search.words, criteria)
    scores = {case_id: each.score for case_id, each in near.items()}
    places = sorted(scores, key=lambda case_id: _place(scores, case_id))
    left = [
        case_id for case_id in places if after is None or _place(scores, case_id) > (-after[0], str(after[1]))
    ]
    shown = left[: search.limit]
    answers = await store.read_answers(unit.db, shown)
    is_more = len(left) > len(shown)
    return Found(
        cases=[answers[case_id] for case_id in shown if case_id in answers],
        next_cursor=cursor_of(scores[shown[-1]], shown[-1]) if is_more else None,
        total=len(scores),
        is_total_exact=len(scores) < NEAREST_FOUND,
        order=SortOrder.BEST,
    )


async def nearest(
    unit: Unit, text: str, criteria: Criteria
) -> tuple[SearchQuestion, Mapping[CaseId, Nearness]]:
    """What `text` asks for, and the answers that are near it, the nearest first, with how near they are."""
    counts = await store.counts_of(unit.db, counted_words(text))
    question = question_of(text, counts)
    compared = list(await store.find_nearest(unit.db, look_ups(question, counts), criteria))
    if not asks_much(text):
        # Where its words stand everywhere, those that were looked up are any; the newest are as good, and more use.
        compared += await _newest(unit, criteria)
    documents = {each.case_id: document_of(each.title, each.text, each.response) for each in compared}
    return question, dict(ranked(question, documents))


async def _newest(unit: Unit, criteria: Criteria) -> Sequence[Compared]:
    if criteria.words is None:
        return []
    cases, _ = await published_store.search_published(unit.db, criteria)
    return [
        Compared(case_id=case.case_id, title=case.title, text=case.text, response=case.response)
        for case in cases
    ]


def _place(scores: Mapping[CaseId, float], case_id: CaseId) -> tuple[float, str]:
    return -scores[case_id], str(case_id)
