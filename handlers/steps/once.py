"""Answers a repeated request as before, without doing it again; `handlers/core/repeats.py` recognises it.

The answers are kept beside those of commands, as long as those (`INBOX_DAYS`). A refusal is not kept: it is judged again.
"""

from collections.abc import Sequence

import msgspec

from handlers.core.case import Case
from handlers.core.repeats import Known
from handlers.store import commands as store
from handlers.store.commands import CommandId, Given
from schemas.errors import KeyReused
from schemas.events.commands import CommandAnswered
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import CaseState


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """Where the case stands after an action."""

    case_id: CaseId
    state: CaseState
    version: int

    @classmethod
    def of(cls, case: Case) -> "Acted":
        """Of an action after which the case stands so."""
        return cls(case_id=case.case_id, state=case.state, version=case.version)


async def answers_before(unit: Unit, sent: Sequence[Known | None]) -> Sequence[Acted | KeyReused | None]:
    """For each request what it was answered before; KeyReused where its key stood for another; None where it is new.

    Until the unit ends nobody else answers one that is known by the same.
    """
    keys: list[CommandId] = [(known.department, known.key) for known in sent if known is not None]
    await store.lock_ids(unit.db, keys)
    given = await store.answered(unit.db, keys)
    first: dict[CommandId, Known] = {
        (known.department, known.key): known for known in reversed(sent) if known is not None
    }
    return [None if known is None else _before(known, first, given) for known in sent]


def _before(
    known: Known, first: dict[CommandId, Known], given: dict[CommandId, Given]
) -> Acted | KeyReused | None:
    key = (known.department, known.key)
    if (before := given.get(key)) is not None:
        return _acted(before.answer) if before.asked == known.digest else KeyReused()
    # Two at once are about two cases: the same key cannot mean both.
    return None if first[key] is known else KeyReused()


def _acted(answer: CommandAnswered) -> Acted:
    assert answer.state is not None  # of what was done it is always told
    return Acted(case_id=answer.case_id, state=answer.state, version=answer.version)


async def remember(unit: Unit, done: Sequence[tuple[Known, Acted]]) -> None:
    """Keep what these were answered."""
    if not done:
        return
    answers = [(known.department, Given(_answer(unit, known, acted), known.digest)) for known, acted in done]
    await store.remember_answers(unit.db, answers, unit.now)


def _answer(unit: Unit, known: Known, acted: Acted) -> CommandAnswered:
    return CommandAnswered(
        case_id=acted.case_id,
        version=acted.version,
        at=unit.now,
        command_id=known.key,
        ok=True,
        state=acted.state,
    )
