"""What a department does: one action at its desk, or many commands from its systems, by the same rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from handlers.core import desk
from handlers.core.actions.description import Body
from handlers.core.case import By, Case, CaseChange, is_repeated, record
from handlers.core.commands import CommandKey, CommandKeys, action_of, body_of, digest_of, is_signed
from handlers.core.desk import ContactReason
from handlers.core.faulty_commands import FaultyCommand, faults_of, has_fit_id, told_version
from handlers.core.repeats import Known
from handlers.core.rules import Action
from handlers.core.texts import clean
from handlers.steps import once
from handlers.steps.apply import apply
from handlers.steps.attach_by_command import attached
from handlers.steps.once import Acted
from handlers.store import cases as store
from handlers.store import commands as command_store
from handlers.store.commands import Given
from schemas.attachments import NamedFiles
from schemas.city import City
from schemas.errors import BadInput, DataRefused, FieldError, Forbidden, KeyReused, NotFound, Refused
from schemas.events.commands import AttachFiles, Command, CommandAnswered, WrongField
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.ports import Contacts, Unit
from schemas.values import Contact
from schemas.words import Language, Role

#: Two sends of one form, by a finger that pressed twice or a browser that tried again (project choice: a person needs longer
#: to come back to a page and do the same once more).
_SENT_TWICE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One action on one case, with its body and who asks for it."""

    who: Principal
    case_id: CaseId
    action: Action
    body: Body
    #: What it is known by when it comes again.
    known: Known | None = None


async def act_each(unit: Unit, asked: Sequence[Asked], city: City) -> Sequence[Acted | Refused]:
    """Perform the actions, at most one a case; each outcome is where the case stands, or why the action is refused.

    Refused with NotFound: not this department's case. StaleVersion: it changed since the department saw it.
    ActionNotAllowed: not now, or not for this department's part. KeyReused: its key stood for another request.
    """
    if not any(one.known for one in asked):
        return await _act_on_each(unit, asked, city)
    before = await once.answers_before(unit, [one.known for one in asked])
    fresh = [one for one, answer in zip(asked, before, strict=True) if answer is None]
    outcomes = await _act_on_each(unit, fresh, city) if fresh else []
    done = zip(fresh, outcomes, strict=True)
    await once.remember(unit, [(one.known, at) for one, at in done if one.known and isinstance(at, Acted)])
    news = iter(outcomes)
    return [next(news) if answer is None else answer for answer in before]


async def _act_on_each(unit: Unit, asked: Sequence[Asked], city: City) -> Sequence[Acted | Refused]:
    cases = await store.lock_cases_of_departments(
        unit.db, [(one.case_id, one.who.own_department) for one in asked]
    )
    outcomes = [_outcome(unit, one, cases.get(one.case_id), city) for one in asked]
    changes = [outcome for outcome in outcomes if isinstance(outcome, CaseChange)]
    unguarded = [change for change in changes if change.after.version == cases[change.after.case_id].version]
    said = await _said_before(unit, unguarded) if unguarded else ()
    await apply(unit, [change for change in changes if change.after.case_id not in said])
    return [Acted.of(outcome.after) if isinstance(outcome, CaseChange) else outcome for outcome in outcomes]


async def _said_before(unit: Unit, changes: Sequence[CaseChange]) -> Collection[CaseId]:
    """Those of the cases whose log ends with this very change: what leaves the version alone is not told twice by it."""
    case_ids = [change.after.case_id for change in changes]
    ends = await store.log_ends(unit.db, case_ids, unit.now - _SENT_TWICE)
    return {
        change.after.case_id
        for change in changes
        if (end := ends.get(change.after.case_id)) is not None and is_repeated(change.entry, *end)
    }


async def act(
    unit: Unit,
    who: Principal,
    case_id: CaseId,
    action: Action,
    body: Body,
    city: City,
    known: Known | None = None,
) -> Acted:
    """Perform one action on one case.

    Raises:
        Refused: see `act_each`.
    """
    asked = Asked(who=who, case_id=case_id, action=action, body=body, known=known)
    (outcome,) = await act_each(unit, [asked], city)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _outcome(unit: Unit, asked: Asked, case: Case | None, city: City) -> CaseChange | Refused:
    if case is None:
        return NotFound()
    department = asked.who.own_department
    by = By(name=asked.who.name, role=case.part_of(department), now=unit.now, department=department)
    try:
        return desk.perform(case, asked.action, asked.body, by, city)
    except Refused as refusal:
        return refusal


async def was_just_done(unit: Unit, who: Principal, case_id: CaseId, action: Action, version: int) -> bool:
    """Whether `who` did this very thing a moment ago, on the case as they saw it: the same form, sent twice."""
    return await store.acted_since(unit.db, case_id, who.name, action, version, unit.now - _SENT_TWICE)


async def show_contact(
    unit: Unit, who: Principal, case_id: CaseId, asked: ContactReason, contacts: Contacts
) -> Contact:
    """The citizen's contact details, after the log has recorded who asked and why.

    Raises:
        NotFound: not this department's case.
        Forbidden: a report, a confidential case seen by a supporting department, or no longer in hand.
    """
    case = await held_case(unit, who, case_id)
    role = case.part_of(who.own_department)
    if not desk.may_see_contact(case, role):
        raise Forbidden
    by = By(name=who.name, role=role, now=unit.now)
    reason = clean(asked.reason, "reason")
    after, entry = record(case, by, "contact.shown", {"reason": reason, "department": who.own_department})
    await apply(unit, [CaseChange(after=after, entry=entry)])
    return await contacts.reveal(unit, case_id) or Contact()


async def held_case(unit: Unit, who: Principal, case_id: CaseId) -> Case:
    """The case, nobody else's to change until the unit ends.

    Raises:
        NotFound: not this department's.
    """
    cases = await store.lock_cases_of_departments(unit.db, [(case_id, who.own_department)])
    if case_id not in cases:
        raise NotFound
    return cases[case_id]


async def validate_commands(
    unit: Unit, commands: Sequence[Command], *, city: City, keys: CommandKeys
) -> Sequence[str | None]:
    """For each command the reason why it is not authentic, or None where its department is to be answered.

    A key that has ended signs what the broker took before its end, however late that is read; a revoked one signs nothing.
    """
    # Whoever invents departments must not cost us a query for each.
    known = sorted({command.department for command in commands} & city.department.keys())
    given = {code: await keys.keys_of(unit, code) for code in known}
    return [_fault(command, given.get(command.department)) for command in commands]


def _fault(command: Command, keys: Sequence[CommandKey] | None) -> str | None:
    if keys is not None and is_signed(command, [each.key for each in keys if each.works_at(command.at)]):
        return None
    # Under a good key it would not be believed either.
    if isinstance(command, FaultyCommand) and command.reason != "key":
        return command.reason
    return "command_department" if keys is None else "command_signature"


async def obey_commands(
    unit: Unit, commands: Sequence[Command], *, city: City, keys: CommandKeys, files: NamedFiles | None = None
) -> None:
    """Perform each command or answer why it is refused, once: a command id that comes again gets its first answer again.

    Raises:
        DataRefused: a command that `validate_commands` would not let pass.
    """
    for fault in await validate_commands(unit, commands, city=city, keys=keys):
        if fault is not None:
            raise DataRefused(fault)
    await _answer_faulty(unit, [command for command in commands if faults_of(command)])
    if sound := [command for command in commands if not faults_of(command)]:
        await _obey_sound(unit, sound, city, files)


async def _answer_faulty(unit: Unit, commands: Sequence[Command]) -> None:
    """Tell what is wrong with them, and remember nothing: the inbox knows what came again, and their ids stay free.

    It locks nothing: these change no case, and name cases of other partitions, whose batches would wait for this one.
    """
    if not commands:
        return
    cases = await store.read_cases_of_departments(
        unit.db, [(command.case_id, command.department) for command in commands]
    )
    for command in commands:
        case = cases.get(command.case_id)
        refusal = NotFound() if case is None else BadInput(faults_of(command))
        unit.emit(_answer(unit, command, case, refusal), to=command.department)


async def _obey_sound(unit: Unit, commands: Sequence[Command], city: City, files: NamedFiles | None) -> None:
    ids = [_id_of(command) for command in commands]
    await command_store.lock_ids(unit.db, ids)
    given = await command_store.answered(unit.db, ids)
    first = {_id_of(command): command for command in reversed(commands) if _id_of(command) not in given}
    fresh = [command for command in commands if first.get(_id_of(command)) is command]
    cases = await store.lock_cases_of_departments(
        unit.db, [(command.case_id, command.department) for command in fresh]
    )
    outcomes = [
        (command, await _obeyed(unit, command, cases.get(command.case_id), city, files)) for command in fresh
    ]
    await apply(unit, [outcome for _, outcome in outcomes if isinstance(outcome, CaseChange)])
    answers = [
        (
            command.department,
            Given(_answer(unit, command, cases.get(command.case_id), outcome), digest_of(command)),
        )
        for command, outcome in outcomes
    ]
    await command_store.remember_answers(unit.db, answers, unit.now)
    given |= {(department, new.answer.command_id): new for department, new in answers}
    repeated = [
        (command.department, _again(unit, command, given[_id_of(command)]))
        for command in commands
        if first.get(_id_of(command)) is not command
    ]
    for department, answer in (*((to, new.answer) for to, new in answers), *repeated):
        unit.emit(answer, to=department)


def _id_of(command: Command) -> tuple[str, str]:
    return command.department, command.command_id


async def _obeyed(
    unit: Unit, command: Command, case: Case | None, city: City, files: NamedFiles | None
) -> CaseChange | Case | Refused:
    if isinstance(command, AttachFiles):
        return await attached(unit, command, case, files)
    sender = Principal(role=Role.DEPARTMENT, name=command.department, department=command.department)
    try:
        asked = Asked(who=sender, case_id=command.case_id, action=action_of(command), body=body_of(command))
    except Refused as refusal:
        return NotFound() if case is None else refusal
    return _outcome(unit, asked, case, city)


def _answer(
    unit: Unit, command: Command, case: Case | None, outcome: CaseChange | Case | Refused
) -> CommandAnswered:
    if not isinstance(outcome, Refused):
        after = outcome.after if isinstance(outcome, CaseChange) else outcome
        return CommandAnswered(
            case_id=command.case_id, version=after.version, at=unit.now, command_id=command.command_id,
            ok=True, state=after.state,
        )  # fmt: skip
    return CommandAnswered(
        case_id=command.case_id,
        version=told_version(command) if case is None else case.version,
        at=unit.now,
        command_id=command.command_id if has_fit_id(command.command_id) else "",
        ok=False,
        state=None if case is None else case.state,
        code=outcome.code,
        status=outcome.status,
        zh=outcome.message(Language.ZH),
        en=outcome.message(Language.EN),
        allowed_actions=_allowed(outcome),
        errors=tuple(WrongField(field=each.field, zh=each.zh, en=each.en) for each in _wrong_in(outcome)),
    )


def _wrong_in(refusal: Refused) -> Sequence[FieldError]:
    return refusal.errors if isinstance(refusal, BadInput) else ()


def _allowed(refusal: Refused) -> tuple[str, ...]:
    allowed = refusal.facts.get("allowed_actions", ())
    return tuple(allowed) if isinstance(allowed, list) else ()


def _again(unit: Unit, command: Command, given: Given) -> CommandAnswered:
    """The answer that this command id got before; KeyReused where that was about another case, action or content."""
    same = given.answer.case_id == command.case_id and given.asked in (None, digest_of(command))
    return given.answer if same else _answer(unit, command, None, KeyReused())
