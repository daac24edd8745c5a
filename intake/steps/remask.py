"""What was published before the masker became better is masked anew, once."""

from intake.core.bigrams import bigrams
from intake.core.keys import IntakeKeys
from intake.core.sealing import contact_in
from intake.store import remasking
from intake.store.remasking import Outdated, Remasked, Table
from schemas.ids import CaseId
from schemas.masking import declared_by, for_public
from schemas.ports import Unit

#: Answers in one transaction (project choice: a tenth of a second).
AT_ONCE = 100


async def remask_answers(
    unit: Unit, keys: IntakeKeys, table: Table, after: CaseId | None = None
) -> CaseId | None:
    """Mask the next answers behind `after` anew; returns the last of them, None once there are no more."""
    found = await remasking.outdated(unit.db, table, after, AT_ONCE)
    await remasking.replace(unit.db, table, [_remasked(keys, answer) for answer in found])
    return found[-1].case_id if len(found) == AT_ONCE else None


def _remasked(keys: IntakeKeys, answer: Outdated) -> Remasked:
    declared = declared_by(contact_in(keys, answer.case_id, answer.sealed))
    title, text = for_public(answer.title, declared), for_public(answer.text, declared)
    response = for_public(answer.response, declared, official=True)
    words = bigrams(title, text, response)
    return Remasked(case_id=answer.case_id, title=title, text=text, response=response, words=words)
