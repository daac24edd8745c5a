"""What a search by date reads does not grow with the answers that hold its words: by the pages that Postgres touches."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from intake.core.public.published import MATCHES_COUNTED, Criteria, PublishedCase
from intake.store.published import search_published
from intake.store.searching import count_words
from tests.integration.grown import Grown
from tests.integration.test_growth import Touched

#: Many times what is counted of a search.
_ANSWERS = 20_000
#: By number, the oldest first: in every one, in every third, in 1,500 old ones, in ten.
_WORDS = {"路灯": "true", "噪音": "n % 3 = 0", "停水": "n <= 1500", "井盖": "n % 2000 = 0"}


class Searched(Touched):
    """A database that also answers with single values, as `Touched` does with rows."""

    async def fetchval(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        row = await self.fetchrow(query, *values)
        return None if row is None else row[0]


async def _answered(db: Any) -> None:
    """An answer a minute, six on a page."""
    words = " || ".join(f"CASE WHEN {each} THEN '{word} ' ELSE '' END" for word, each in _WORDS.items())
    await db.execute(
        f"""
        INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department, replied_at,
            search, masked)
        SELECT gen_random_uuid(), 'code' || n, n::text,
               (SELECT string_agg(md5((n * k)::text), '') FROM generate_series(1, 38) AS k), '好的', 'c', 'd',
               timestamptz '2026-01-01' + n * interval '1 minute', array_to_tsvector(string_to_array(trim({words}), ' ')), 1
        FROM generate_series(1, {_ANSWERS}) AS n
        """  # noqa: S608  our own words
    )
    await count_words(db)
    await db.execute("ANALYZE intake.published, intake.word")


@pytest.fixture
async def db(grown: Grown) -> AsyncIterator[Any]:
    """An answer a minute, in a transaction that is rolled back."""
    async with grown.by(_answered) as db:
        yield db


async def _found(db: Any, criteria: Criteria) -> tuple[list[PublishedCase], int, int]:
    touched: Any = Searched(db)
    cases, matches = await search_published(touched, criteria)
    return cases, matches, touched.pages


async def test_a_common_word_is_found_without_reading_all_that_hold_it(db: Any) -> None:
    """The newest are looked through for one that is known to stand in very many; a page of them is some pages."""
    for word, step in (("路灯", 1), ("噪音", 3)):
        cases, matches, pages = await _found(db, Criteria(words=f"'{word}'"))

        numbers = [int(case.title) for case in cases]
        assert numbers == [each for each in range(_ANSWERS, 0, -1) if each % step == 0][:21]
        assert matches > MATCHES_COUNTED
        assert pages < 60


@pytest.mark.parametrize("after", [None, 900])
async def test_what_was_common_once_is_found_though_no_new_answer_holds_it(
    db: Any, after: int | None
) -> None:
    """Without walking all that came since; and the page behind."""
    last = after and await db.fetchrow(
        "SELECT replied_at, case_id FROM intake.published WHERE title = $1", str(after)
    )
    criteria = Criteria(words="'停水'", after=tuple(last) if last else None)
    cases, matches, pages = await _found(db, criteria)

    first = 1500 if after is None else after - 1
    assert [int(case.title) for case in cases] == list(range(first, first - 21, -1))
    assert matches > MATCHES_COUNTED
    assert pages < _ANSWERS / 9


async def test_what_is_asked_besides_is_counted(db: Any) -> None:
    """How many hold a common word within a day nobody knows beforehand; and of a rare one all are there."""
    newest = await db.fetchval("SELECT max(replied_at) - interval '30 minutes' FROM intake.published")
    within = await _found(db, Criteria(words="'路灯'", since=newest))
    rare = await _found(db, Criteria(words="'井盖'"))

    assert (21, 31) == (len(within[0]), within[1])
    assert (10, 10) == (len(rare[0]), rare[1])
