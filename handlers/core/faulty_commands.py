"""Commands that cannot be read as what they say they are: who may have sent them, and what is wrong with each.

Whoever signed one is answered like whoever asks for what may not be, and can mend it. Nothing is done, and nothing is
remembered of it: the same id may be sent again, mended.
"""

import json
from functools import partial
from typing import Any, ClassVar

import msgspec

from schemas.errors import BadInput, FieldError
from schemas.event import EVENT_TYPES
from schemas.events.commands import Command
from schemas.http import read
from schemas.ids import CaseId, DepartmentCode, is_uuid
from schemas.ports import RefusedRecord

#: Project choice: a sender's own id of a command is a UUID, a number or a name, and fits into an index.
MAX_COMMAND_ID_CHARACTERS = 128
#: A version that the answer can say: what 64 bits hold (Postgres, RFC 8259 §6 by way of its readers; by arithmetic).
_VERSIONS = 2**63
_PREFIX = "command."


class FaultyCommand(Command, frozen=True, kw_only=True):
    """A command that somebody signed, or says so, and that is none of ours; `version` is 0 where it names none."""

    type: ClassVar[str] = "command.faulty.v1"

    #: The dead letter's reason where nobody is to be believed.
    reason: str
    errors: tuple[FieldError, ...]
    #: What its signature may stand over: how each may begin, and the fields of its own that follow each beginning.
    heads: tuple[str, ...]
    canonical: str


def read_faulty(record: RefusedRecord) -> FaultyCommand | None:
    """Who is to be told what is wrong with it; None where it names no department, case or action that could be believed."""
    name, said = _name_of(record), _said_by(record)
    department = said.get("department")
    case_id = _case_of(record, said)
    if not name or case_id is None or not isinstance(department, str):
        return None
    kind, version = EVENT_TYPES.get(_header(record, "ce_type")), said.get("version")
    try:
        errors = (*_envelope_errors(record, said), *_errors(kind, said))
        canonical = _canonical(said)
    except RecursionError:
        return None
    return FaultyCommand(
        case_id=case_id,
        version=version if type(version) is int and abs(version) < _VERSIONS else 0,
        at=record.taken_at,
        command_id=_told_id(said.get("command_id")),
        department=DepartmentCode(department),
        signature=signature if isinstance(signature := said.get("signature"), str) else "",
        reason=record.reason,
        errors=errors,
        heads=_heads(department, name, said),
        canonical=canonical,
    )


def faults_of(command: Command) -> tuple[FieldError, ...]:
    """What keeps it from being obeyed or refused as the API would: wrong fields, or an id that no answer can name."""
    if isinstance(command, FaultyCommand):
        return command.errors
    errors = []
    if not has_fit_id(command.command_id):
        zh = f"指令编号为 1 至 {MAX_COMMAND_ID_CHARACTERS} 个可见字符。"
        en = f"A command id has 1 to {MAX_COMMAND_ID_CHARACTERS} printable characters."
        errors.append(FieldError("command_id", zh, en))
    if abs(command.version) >= _VERSIONS:
        errors.append(FieldError("version", "此项格式不对：数字过大。", "The number is too large."))
    return tuple(errors)


def has_fit_id(command_id: str) -> bool:
    """Whether the table of answers can hold it."""
    return 1 <= len(command_id) <= MAX_COMMAND_ID_CHARACTERS and command_id.isprintable()


def told_version(command: Command) -> int:
    """The version that it names, as far as an answer can repeat it."""
    return command.version if abs(command.version) < _VERSIONS else 0


def _told_id(command_id: object) -> str:
    text = str(command_id) if type(command_id) in (str, int) else ""
    return text if has_fit_id(text) else ""


def _header(record: RefusedRecord, name: str) -> str:
    return (record.headers.get(name) or b"").decode(errors="replace")


def _name_of(record: RefusedRecord) -> str:
    kind = _header(record, "ce_type")
    return kind.split(".")[1] if kind.startswith(_PREFIX) else ""


def _said_by(record: RefusedRecord) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(record.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _case_of(record: RefusedRecord, said: dict[str, Any]) -> CaseId | None:
    """The case that it names; that of the record's key, where it names none."""
    named = (said.get("case_id"), (record.key or b"").decode(errors="replace").lower())
    return next((CaseId(each) for each in named if isinstance(each, str) and is_uuid(each)), None)


def _envelope_errors(record: RefusedRecord, said: dict[str, Any]) -> list[FieldError]:
    """What is wrong around the body."""
    errors = []
    if not is_uuid(_header(record, "ce_id").lower()):
        errors.append(FieldError("ce_id", "记录头 ce_id 须为 UUID。", "The header ce_id must be a UUID."))
    if (record.key or b"").decode(errors="replace") != said.get("case_id"):
        errors.append(
            FieldError("key", "记录的键须为该件的编号（case_id）。", "The record's key must be the case_id.")
        )
    return errors


def _errors(kind: Any, said: dict[str, Any]) -> list[FieldError]:
    """What is wrong in it, as the API says it."""
    if kind is None or not issubclass(kind, Command):
        names = "、".join(sorted(each for each, found in EVENT_TYPES.items() if issubclass(found, Command)))
        en = f"There is no such action. These are: {names.replace('、', ', ')}."
        return [FieldError("ce_type", f"没有这个操作；可用的有：{names}。", en)]
    try:
        command = read(kind, said)
    except BadInput as refusal:
        return list(refusal.errors)
    errors = list(faults_of(command))
    if not is_uuid(command.case_id):
        errors.append(FieldError("case_id", "须为小写的 UUID。", "It must be a UUID in small letters."))
    return errors


def _canonical(said: dict[str, Any]) -> str:
    """What of it its sender signed beside what every command has: nobody writes a wrong field otherwise as JSON."""
    content = {field: value for field, value in said.items() if field not in Command.__struct_fields__}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _heads(department: str, name: str, said: dict[str, Any]) -> tuple[str, ...]:
    """How what was signed may begin: one program writes all that is no text in one way, so that there are few."""
    heads = (
        "\n".join((written("command_id"), department, written("case_id"), name, written("version")))
        for written in (
            partial(_as_python, said),
            partial(_as_json, said, ""),
            partial(_as_json, said, "undefined"),
        )
    )
    return tuple(dict.fromkeys(heads))


def _as_python(said: dict[str, Any], field: str) -> str:
    """As the lines of our documentation write it."""
    return str(said.get(field))


def _as_json(said: dict[str, Any], missing: str, field: str) -> str:
    """As a program writes it that writes JSON's words; `missing`: what it writes of what is not there."""
    value = said.get(field, missing)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
