r"""Commands from department systems: who signed them, and what they ask for.

A command on Kafka carries no secret. It is signed with a key that the department and we share, the SHA-256 of
its token, so that whoever may write to the topic can still not speak for a department:

    import hashlib, hmac, json
    key = hashlib.sha256(token.encode()).digest()
    content = {"reason": "不属于我局职责", "basis": "三定方案"}  # its own fields; {} where it has none
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    signed = f"{command_id}\n{department}\n{case_id}\nreturn\n{version}\n{canonical}"
    signature = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()

The record's value is the JSON of these fields: `case_id, version, at, command_id, department, signature` and
the content's own; its key is the case id, its header `ce_type` is `command.return.v1`. Each field that may be left out
may be left out of `content` as well. A command id (up to 128
printable characters) is done once: sent again, it is answered again. The answer comes on the department's own
topic (`command.answered.v1`); also where a field is missing or wrong, by its name (`faulty_commands.py`).

Files are named, never sent: `command.attach.v1` with `{"files": {attachment_id: sha256}, "audience": "citizen"}`, of what
`POST /api/v1/attachments` answered.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple, Protocol

from msgspec.structs import fields

from handlers.core.actions import ACTIONS
from handlers.core.actions.description import Body
from handlers.core.faulty_commands import FaultyCommand
from handlers.core.files import AddFiles
from handlers.core.rules import Action
from schemas.errors import BadInput, FieldError
from schemas.events.commands import AttachFiles, Command
from schemas.http import read
from schemas.ids import DepartmentCode, is_uuid
from schemas.ports import Unit

#: A SHA-256 in hexadecimal digits (FIPS 180-4: 256 bits).
_SIGNATURE = re.compile("[0-9a-f]{64}")
_NOT_CONTENT = frozenset(Command.__struct_fields__)


class CommandKey(NamedTuple):
    """What a department signs with: the SHA-256 of one of its tokens, and when that ends, if it does."""

    key: bytes
    ends_at: datetime | None = None

    def works_at(self, moment: datetime) -> bool:
        """Whether what was sent at that moment may be signed with it."""
        return self.ends_at is None or moment < self.ends_at


class CommandKeys(Protocol):
    """The keys that departments sign with."""

    async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
        """One for each token that nobody revoked, ended ones too; none for an unknown department."""
        ...


def name_of(command: Command) -> str:
    """What the command asks for: the middle part of its type."""
    return command.type.split(".")[1]


def action_of(command: Command) -> Action:
    """The action that the command asks for."""
    return Action(name_of(command))


def files_of(command: AttachFiles) -> AddFiles:
    """The same as the body that the API would have read.

    Raises:
        BadInput: a field does not fit.
    """
    if not all(is_uuid(each) for each in command.files):
        raise BadInput([FieldError("files", "附件编号不对，请重新上传。", "That is no attachment's id.")])
    said = {"version": command.version, "attachments": list(command.files), "audience": command.audience}
    return read(AddFiles, said)


def content_of(command: Command) -> Mapping[str, Any]:
    """The fields that the signature covers beside those of every command."""
    return {name: getattr(command, name) for name in command.__struct_fields__ if name not in _NOT_CONTENT}


def body_of(command: Command) -> Body:
    """The command's content as the body that the API would have read.

    Raises:
        BadInput: a field does not fit.
    """
    return read(ACTIONS[action_of(command)].body, {**content_of(command), "version": command.version})


def digest_of(command: Command) -> str:
    """What the command asks for, whenever it is sent: the same for the same case, action and content."""
    asked = (command.case_id, name_of(command), _canonical(content_of(command)))
    return hashlib.sha256("\n".join(asked).encode("utf-8", "surrogatepass")).hexdigest()


def signature(command: Command, key: bytes, content: Mapping[str, Any] | None = None) -> str:
    """What `command.signature` must be under `key`; over `content`, where that is not all of the command's."""
    said = content_of(command) if content is None else content
    return _hmac((*_head(command), _encoded(_canonical(said))), key)


def _head(command: Command) -> tuple[bytes, ...]:
    head = (command.command_id, command.department, command.case_id, name_of(command), str(command.version))
    return tuple(_encoded(each) for each in head)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hmac(lines: Sequence[bytes], key: bytes) -> str:
    made = hmac.new(key, digestmod=hashlib.sha256)
    for line in lines[:-1]:
        made.update(line + b"\n")
    made.update(lines[-1])
    return made.hexdigest()


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _contents(command: Command) -> Iterator[Mapping[str, Any]]:
    """Its content, with and without each field that may be left out and says nothing: its sender signed one of these."""
    content = content_of(command)
    defaults = {field.name: field.default for field in fields(command) if not field.required}
    silent = [name for name, value in content.items() if name in defaults and value == defaults[name]]
    for count in range(len(silent) + 1):
        for left_out in combinations(silent, count):
            yield {name: value for name, value in content.items() if name not in left_out}


def is_signed(command: Command, keys: Sequence[bytes]) -> bool:
    """Whether one of the department's keys made the signature, over the fields that its sender wrote."""
    # What is no signature costs nobody half a megabyte's hash.
    if _SIGNATURE.fullmatch(command.signature) is None:
        return False
    given = command.signature.encode()
    return any(
        hmac.compare_digest(_hmac((*head, content), key).encode(), given)
        for head, content in _signed_texts(command)
        for key in keys
    )


def _signed_texts(command: Command) -> Iterator[tuple[tuple[bytes, ...], bytes]]:
    """How each text that may have been signed begins, and what follows: that is written once, however often it is hashed."""
    if isinstance(command, FaultyCommand):
        content = _encoded(command.canonical)
        for head in command.heads:
            yield (_encoded(head),), content
        return
    for each in _contents(command):
        yield _head(command), _encoded(_canonical(each))
