"""A dispatcher corrects the tags of a case that a department has, and nothing else of it; handlers follows."""

import msgspec
from msgspec.structs import replace

from routing.core.decisions.chosen_tags import NOT_WITH_A_DEPARTMENT, PROTECTED, CorrectTags, chosen_tags
from routing.core.decisions.review import RoutingCase
from routing.store import cases, items
from schemas.city import City
from schemas.errors import NotFound
from schemas.events.tags import TagsCorrected
from schemas.ids import CaseId, TagCode
from schemas.ports import Unit


class CaseTags(msgspec.Struct, frozen=True, kw_only=True):
    """The tags that a case has now, and had before. They make no version of it."""

    case_id: CaseId
    version: int
    tags: tuple[TagCode, ...]
    before: tuple[TagCode, ...]


async def correct_tags(unit: Unit, city: City, case_id: CaseId, asked: CorrectTags, by: str) -> CaseTags:
    """Give a routed case these tags; what is undone later leaves them. The same once more changes nothing.

    Raises:
        NotFound: there is no such case.
        BadInput: no such tag, no department has it, it is protected, or its tags have changed since they were read.
    """
    case = (await cases.lock_cases(unit.db, [case_id])).get(case_id)
    if case is None:
        raise NotFound
    tags = _corrected(city, case, asked)
    if tags != case.tags:
        await _keep(unit, case, tags)
        unit.emit(TagsCorrected(case_id=case_id, version=case.version, at=unit.now, tags=tags, decided_by=by))
    return CaseTags(case_id=case_id, version=case.version, tags=tags, before=case.tags)


def _corrected(city: City, case: RoutingCase, asked: CorrectTags) -> tuple[TagCode, ...]:
    if case.protected:
        raise PROTECTED
    if not case.takes_tags:
        raise NOT_WITH_A_DEPARTMENT
    return chosen_tags(city, case.tags, asked.tags, asked.seen)


async def _keep(unit: Unit, case: RoutingCase, tags: tuple[TagCode, ...]) -> None:
    """What was before, nothing brings back: neither an undone move nor an undone dispatch."""
    before = case.before_move and replace(case.before_move, tags=None)
    await cases.save(unit.db, replace(case, tags=tags, before_move=before))
    await items.forget_tags(unit.db, case.case_id)
