"""Masks published answers again, once, after the masker has improved."""

from collections.abc import Sequence
from typing import NamedTuple

from intake.core.keys import IntakeKeys
from intake.core.sealing import declared_in
from intake.core.search.bigrams import bigrams
from intake.store import remasking
from intake.store.remasking import Outdated, Remasked, Table
from schemas.errors import DataRefused
from schemas.ids import CaseId
from schemas.masking import for_public
from schemas.ports import Unit

#: Answers in one transaction (project choice: a tenth of a second).
AT_ONCE = 100


class Remasking(NamedTuple):
    """How far it came; `after` is None once there are no more."""

    after: CaseId | None
    #: These stay as they are: whom their texts may not name is sealed under a key that is not ours (any more).
    unreadable: Sequence[CaseId]


async def remask_answers(
    unit: Unit, keys: IntakeKeys, table: Table, after: CaseId | None = None
) -> Remasking:
    """Mask the next answers behind `after` anew."""
    found = await remasking.outdated(unit.db, table, after, AT_ONCE)
    remasked = {answer.case_id: _remasked(keys, answer) for answer in found}
    await remasking.replace(unit.db, table, [answer for answer in remasked.values() if answer])
    return Remasking(
        found[-1].case_id if len(found) == AT_ONCE else None,
        [case_id for case_id, answer in remasked.items() if answer is None],
    )


def _remasked(keys: IntakeKeys, answer: Outdated) -> Remasked | None:
    try:
        declared = declared_in(keys, answer.case_id, answer.sealed)
    except DataRefused:
        return None
    title, text = for_public(answer.title, declared), for_public(answer.text, declared)
    response = for_public(answer.response, declared, official=True)
    words = bigrams(title, text, response)
    return Remasked(case_id=answer.case_id, title=title, text=text, response=response, words=words)
