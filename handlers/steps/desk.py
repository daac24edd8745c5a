"""What a department does: one action at its desk, or many commands from its systems, by the same rules."""

from collections.abc import Sequence

import msgspec

from handlers.commands import CommandKeys, action_of, body_of, is_signed
from handlers.core import desk
from handlers.core.case import By, Case, Change, record
from handlers.core.desk import Body, ContactReason
from handlers.core.lifecycle import Action
from handlers.steps.apply import apply
from handlers.store import cases as store
from handlers.store import commands as command_store
from schemas.city import City
from schemas.errors import DataRefused, Forbidden, KeyReused, NotFound, Refused
from schemas.events.commands import Command, CommandAnswered
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.ports import Contacts, Unit
from schemas.values import Contact
from schemas.words import CaseState, Language


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """Where the case stands after an action."""

    case_id: CaseId
    state: CaseState
    version: int


async def act(unit: Unit, who: Principal, case_id: CaseId, action: Action, body: Body, city: City) -> Acted:
    """One action of one department on one case.

    Raises:
        NotFound: not this department's case.
        StaleVersion: it changed since the department saw it.
        ActionNotAllowed: not now, or not for this department's part.
    """
    case = await _held(unit, who, case_id)
    by = By(name=who.name, role=case.part_of(who.own_department), now=unit.now)
    change = desk.perform(case, action, body, by, city)
    await apply(unit, [change])
    return Acted(case_id=case_id, state=change.after.state, version=change.after.version)


async def show_contact(
    unit: Unit, who: Principal, case_id: CaseId, asked: ContactReason, contacts: Contacts
) -> Contact:
    """The citizen's contact details, once the log says who asked and why.

    Raises:
        NotFound: not this department's case.
        Forbidden: a report, a confidential case seen by a supporting department, or no longer in hand.
    """
    case = await _held(unit, who, case_id)
    role = case.part_of(who.own_department)
    if not desk.may_see_contact(case, role):
        raise Forbidden
    by = By(name=who.name, role=role, now=unit.now)
    reason = desk.clean(asked.reason, "reason")
    after, entry = record(case, by, "contact.shown", {"reason": reason, "department": who.own_department})
    await apply(unit, [Change(after=after, entry=entry)])
    return await contacts.reveal(unit, case_id) or Contact()


async def _held(unit: Unit, who: Principal, case_id: CaseId) -> Case:
    case = await store.lock_one(unit.db, case_id, who.own_department)
    if case is None:
        raise NotFound
    return case


async def obey_commands(unit: Unit, commands: Sequence[Command], *, city: City, keys: CommandKeys) -> None:
    """Do what each command asks, or answer why not; a refusal holds up no other command.

    Raises:
        DataRefused: a command whose sender cannot be believed.
    """
    await _check_signatures(unit, commands, keys)
    given = await command_store.answered(unit.db, commands)
    fresh = [command for command in commands if (command.department, command.command_id) not in given]
    cases = await store.lock_commanded(unit.db, fresh)
    outcomes = [(command, _outcome(unit, command, cases.get(command.case_id), city)) for command in fresh]
    await apply(unit, [outcome for _, outcome in outcomes if isinstance(outcome, Change)])
    answers = [
        (command.department, _answer(unit, command, cases.get(command.case_id), outcome))
        for command, outcome in outcomes
    ]
    await command_store.remember_answers(unit.db, answers, unit.now)
    repeated = [
        (command.department, _again(unit, command, given[command.department, command.command_id]))
        for command in commands
        if (command.department, command.command_id) in given
    ]
    for department, answer in (*answers, *repeated):
        unit.emit(answer, to=department)


async def _check_signatures(unit: Unit, commands: Sequence[Command], keys: CommandKeys) -> None:
    hashes = {code: await keys.token_hashes(unit, code) for code in {c.department for c in commands}}
    for command in commands:
        if not is_signed(command, hashes[command.department]):
            raise DataRefused("the command's signature fits no token of its department")


def _outcome(unit: Unit, command: Command, case: Case | None, city: City) -> Change | Refused:
    if case is None:
        return NotFound()
    by = By(name=command.department, role=case.part_of(command.department), now=unit.now)
    try:
        return desk.perform(case, action_of(command), body_of(command), by, city)
    except Refused as refusal:
        return refusal


def _answer(unit: Unit, command: Command, case: Case | None, outcome: Change | Refused) -> CommandAnswered:
    if isinstance(outcome, Change):
        after = outcome.after
        return CommandAnswered(
            case_id=command.case_id, version=after.version, at=unit.now, command_id=command.command_id,
            ok=True, state=after.state,
        )  # fmt: skip
    return CommandAnswered(
        case_id=command.case_id,
        version=command.version if case is None else case.version,
        at=unit.now,
        command_id=command.command_id,
        ok=False,
        state=None if case is None else case.state,
        code=outcome.code,
        status=outcome.status,
        zh=outcome.message(Language.ZH),
        en=outcome.message(Language.EN),
        allowed_actions=_allowed(outcome),
    )


def _allowed(refusal: Refused) -> tuple[str, ...]:
    allowed = refusal.facts.get("allowed_actions", ())
    return tuple(allowed) if isinstance(allowed, list) else ()


def _again(unit: Unit, command: Command, given: CommandAnswered) -> CommandAnswered:
    """The answer that this command id already got, unless it was another case's."""
    return given if given.case_id == command.case_id else _answer(unit, command, None, KeyReused())
