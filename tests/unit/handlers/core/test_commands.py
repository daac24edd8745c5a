"""Signed commands: who may speak for a department, and what is said."""

import hashlib
from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec
import pytest

from handlers.core import commands
from handlers.core.actions import ACTIONS
from handlers.core.actions.description import DepartmentAction
from handlers.core.commands import (
    CommandKey,
    action_of,
    body_of,
    digest_of,
    files_of,
    is_signed,
    signature,
)
from handlers.core.faulty_commands import faults_of
from handlers.core.files import AddFiles
from handlers.core.rules import Action
from handlers.subscribers import subscriptions
from schemas import topics
from schemas.city import load_city
from schemas.errors import BadInput, FieldError
from schemas.event import EVENT_TYPES
from schemas.events.commands import AskPart, AttachFiles, Command, ReturnCase, SignCase, SuspendCase
from schemas.ids import DepartmentCode
from schemas.words import FileAudience
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

KEY = hashlib.sha256(b"token").digest()


def command(**fields: Any) -> ReturnCase:
    """Housing returns a case."""
    usual: dict[str, Any] = {
        "case_id": fresh_case(), "version": 3, "at": MONDAY, "command_id": "c-1", "department": HOUSING,
        "signature": "", "reason": "不属于我局职责", "basis": "三定方案",
    }  # fmt: skip
    return ReturnCase(**{**usual, **fields})


def signed(plain: Command, key: bytes = KEY) -> Command:
    """The same, signed."""
    return msgspec.structs.replace(plain, signature=signature(plain, key))


def test_the_documented_example_makes_a_signature_that_fits() -> None:
    """What the docstring tells departments to do is what we check."""
    documentation = commands.__doc__ or ""
    example = "\n".join(line[4:] for line in documentation.splitlines() if line.startswith("    "))
    plain = command()
    names: dict[str, Any] = {
        "token": "token", "command_id": plain.command_id, "department": plain.department,
        "case_id": plain.case_id, "version": plain.version,
    }  # fmt: skip
    exec(example, names)  # noqa: S102  the documentation's own lines

    assert is_signed(msgspec.structs.replace(plain, signature=names["signature"]), [KEY])


@pytest.mark.parametrize("until", [None, "2025-03-06"])
def test_what_may_be_left_out_may_be_left_out_of_the_signature(until: str | None) -> None:
    """Who names no day for a part signs what they send; a day that they did not sign is no day of theirs."""
    plain = AskPart(
        case_id=fresh_case(), version=3, at=MONDAY, command_id="c-1", department=HOUSING, signature="",
        departments=(DepartmentCode("transport"),), text="请提供路面情况", until=until,
    )  # fmt: skip
    said = {"departments": ["transport"], "text": "请提供路面情况"}
    signed_so = msgspec.structs.replace(plain, signature=signature(plain, KEY, said))

    assert is_signed(signed_so, [KEY]) is (until is None)
    assert is_signed(signed(plain), [KEY])


@pytest.mark.parametrize("said", [{}, {"basis": ""}, {"until": ""}, {"basis": "", "until": ""}])
def test_each_field_that_may_be_left_out_may_be_so_by_itself(said: Mapping[str, str]) -> None:
    """Whichever of them a system writes without words: its commands are its own."""
    plain = SuspendCase(
        case_id=fresh_case(),
        version=3,
        at=MONDAY,
        command_id="c-1",
        department=HOUSING,
        signature="",
        reason="待备件",
    )
    signed_so = msgspec.structs.replace(plain, signature=signature(plain, KEY, {"reason": "待备件", **said}))

    assert is_signed(signed_so, [KEY])
    assert not is_signed(msgspec.structs.replace(signed_so, basis="三定方案"), [KEY])


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "别的理由"},
        {"version": 4},
        {"command_id": "c-2"},
        {"department": "transport"},
        {"case_id": fresh_case()},
        {"signature": ""},
        {"signature": "没有签名"},
    ],
)
def test_nothing_signed_can_be_changed(change: dict[str, Any]) -> None:
    """Each field that matters is under the signature."""
    assert not is_signed(msgspec.structs.replace(signed(command()), **change), [KEY])


def test_half_of_a_surrogate_pair_is_refused_like_any_other_text() -> None:
    """JSON can hold one: in what is signed it fits its signature, as a signature it fits nothing."""
    broken = signed(command(command_id="c-\ud83d"))

    assert is_signed(broken, [KEY])
    assert not is_signed(msgspec.structs.replace(broken, signature="\ud83d"), [KEY])


def test_any_of_the_departments_tokens_signs() -> None:
    """Old and new one overlap while a department changes them; without any, nobody signs."""
    other = hashlib.sha256(b"other").digest()

    assert is_signed(signed(command()), [other, KEY])
    assert not is_signed(signed(command()), [other])
    assert not is_signed(signed(command()), [])


def test_another_actions_signature_does_not_fit() -> None:
    """Signing for a case is not returning it."""
    returned = signed(command(reason="", basis=""))
    sign = SignCase(
        **{name: getattr(returned, name) for name in Command.__struct_fields__}  # the fields of every command
    )

    assert not is_signed(sign, [KEY])


def test_every_command_has_its_action() -> None:
    """What can be asked for on Kafka is done by the action of the same name."""
    written = {kind.type: kind for kind in EVENT_TYPES.values() if issubclass(kind, Command)}

    # Files are no action of the lifecycle.
    assert AttachFiles is written.pop(AttachFiles.type)
    assert written == {f"command.{name}.v1": action.command for name, action in ACTIONS.items()}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.name)
def test_a_command_carries_what_the_api_reads(action: DepartmentAction) -> None:
    """The same fields, of the same kinds but for the limits, whose refusal can be answered."""
    own = {name: kind for name, kind in get_type_hints(action.body).items() if name != "version"}
    asked = get_type_hints(action.command)

    assert set(own) == set(action.command.__struct_fields__) - set(Command.__struct_fields__)
    assert own == {name: asked[name] for name in own}


def test_a_command_is_read_as_the_api_reads_its_body() -> None:
    """The limits are the same."""
    assert action_of(command()) is Action.RETURN
    assert body_of(command()).version == 3
    with pytest.raises(BadInput):
        body_of(command(reason=""))


class Nobodys:
    """A city in which no department has a token."""

    async def keys_of(self, unit: object, department: str) -> list[CommandKey]:
        """None."""
        return []


def test_outsiders_write_the_commands_and_nothing_else() -> None:
    """What they write is vetted before anything is done about it; a slice of ours answers for all the rest."""

    heard = subscriptions(city=load_city(), command_keys=Nobodys())

    assert {(topics.COMMANDS,)} == {
        tuple(found.topics) for found in heard if found.validate_senders is not None
    }
    assert [topics.COMMANDS in found.topics for found in heard if found.validate_senders is None] == [False]


def test_the_consumer_groups_keep_their_names() -> None:
    """Offsets, inbox rows and the brokers' access rules hang on them (decision 11)."""
    heard = subscriptions(city=load_city(), command_keys=Nobodys())

    assert ["handlers", "handlers.commands"] == [found.name for found in heard]


@pytest.mark.parametrize(
    ("command_id", "version", "is_good"),
    [
        ("7", 3, True), ("甲-2026 001", 3, True), ("x" * 128, 3, True), ("x" * 129, 3, False), ("", 3, False),
        ("a\x00", 3, False), ("a\nb", 3, False), ("7", 2**63, False), ("7", -(10**30), False),
    ],
)  # fmt: skip
def test_an_answer_must_be_possible(command_id: str, version: int, is_good: bool) -> None:
    """An id that a table can hold and a version that JSON can."""
    asked = msgspec.structs.replace(command(), command_id=command_id, version=version)

    assert is_good is (not faults_of(asked))


def test_a_command_asks_for_the_same_whenever_it_is_sent() -> None:
    """Its digest covers case, action and content, whatever the version or the id; and is the one of earlier releases."""
    plain = command(case_id="6a1f0000-0000-4000-8000-000000000001")
    again = msgspec.structs.replace(plain, version=9, command_id="c-2", signature="s")
    others = [
        msgspec.structs.replace(plain, reason="别的"),
        msgspec.structs.replace(plain, case_id=fresh_case()),
    ]

    assert (
        "ad6a79250bf281f9829877d0b6409cf324d701d048def5a6cd6aa0357d86a0f0"
        == digest_of(plain)
        == digest_of(again)
    )
    assert digest_of(plain) not in [digest_of(other) for other in others]


def test_half_a_character_is_no_reason_to_fail() -> None:
    """JSON may hold one; it has a digest and a signature like any other."""
    assert len(digest_of(command(reason="\ud800"))) == len(signature(command(reason="\ud800"), KEY)) == 64


def test_a_version_beyond_what_fits_is_refused() -> None:
    """63 bits and a sign."""
    assert () == faults_of(command(version=2**63 - 1))
    assert ["version"] == [each.field for each in faults_of(command(version=2**63))]


_FILE = "0198b2c4-0000-7000-8000-00000000000f"


def _attach(**fields: Any) -> AttachFiles:
    usual: dict[str, Any] = {
        "case_id": fresh_case(), "version": 4, "at": MONDAY, "command_id": "c1", "department": HOUSING,
        "signature": "", "files": {_FILE: "ab" * 32},
    }  # fmt: skip
    return AttachFiles(**usual | fields)


def test_files_that_a_command_names_are_those_of_the_api() -> None:
    """With whom they are for; without it for the departments alone."""
    asked = files_of(_attach(audience=FileAudience.CITIZEN))
    assert asked == AddFiles(version=4, attachments=[_FILE], audience=FileAudience.CITIZEN)
    assert files_of(_attach()).audience is FileAudience.DEPARTMENTS


@pytest.mark.parametrize("files", [{"a1": "ab" * 32}, {_FILE: "ab" * 32, "a1": "ab" * 32}])
def test_what_is_no_attachments_id_is_refused_in_both_languages(files: dict[str, str]) -> None:
    """Though another one is."""
    with pytest.raises(BadInput) as refused:
        files_of(_attach(files=files))

    assert [FieldError("files", "附件编号不对，请重新上传。", "That is no attachment's id.")] == list(
        refused.value.errors
    )


def test_a_command_without_files_is_refused() -> None:
    """As the API refuses it."""
    with pytest.raises(BadInput) as refused:
        files_of(_attach(files={}))

    assert [error.field for error in refused.value.errors] == ["attachments"]
