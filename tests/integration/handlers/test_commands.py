"""Commands from department systems, answered on their own topics."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from deploy import composition
from handlers.core.commands import CommandKey, signature
from handlers.core.faulty_commands import FaultyCommand, read_faulty
from handlers.steps import act_on_case, assign, read_cases
from intake.store import attachments
from intake.store.attachments import StoredFile
from schemas.city import load_city
from schemas.errors import DataRefused
from schemas.events.commands import (
    AttachFiles,
    CoHandleCase,
    Command,
    CommandAnswered,
    NoteOnCase,
    ReplyToCase,
    ReturnCase,
    SignCase,
    WrongField,
)
from schemas.events.handlers import CaseAssigned, CaseUpdated
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.ports import RefusedRecord, Unit
from schemas.values import Attachment
from schemas.words import CaseState, FileAudience
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, fresh_case, routed

CITY = load_city()
SHA256 = hashlib.sha256(b"x").hexdigest()
KEY = hashlib.sha256(b"token").digest()


class Keys:
    """Housing's one key; nobody else has any."""

    async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
        """See the port."""
        return [CommandKey(KEY)] if department == HOUSING else []


def signed(kind: type[Command], case_id: CaseId, version: int, command_id: str, **fields: Any) -> Any:
    """A command of housing's."""
    known: dict[str, Any] = {
        "case_id": case_id, "version": version, "at": MONDAY, "command_id": command_id, "department": HOUSING,
        "signature": "",
    }  # fmt: skip
    command = kind(**known, **fields)
    return msgspec.structs.replace(command, signature=signature(command, KEY))


def signed_badly(action: str, case_id: CaseId, command_id: str, content: dict[str, Any]) -> FaultyCommand:
    """A command of housing's as Kafka brings it, without a version, and whatever else is missing."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    text = f"{command_id}\n{HOUSING}\n{case_id}\n{action}\n3\n{canonical}"
    said = {
        "case_id": case_id, "version": 3, "at": MONDAY.isoformat(), "command_id": command_id, "department": HOUSING,
        "signature": hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest(), **content,
    }  # fmt: skip
    found = read_faulty(
        RefusedRecord(
            headers={"ce_id": str(uuid4()).encode(), "ce_type": f"command.{action}.v1".encode()},
            key=case_id.encode(),
            value=json.dumps(said).encode(),
            taken_at=MONDAY,
            reason="schema",
        )
    )
    assert found is not None
    return found


async def obey(unit: RecordingUnit, *commands: Command) -> list[CommandAnswered]:
    """The answers that housing gets."""
    before = len(unit.emitted_to)
    await act_on_case.obey_commands(unit, commands, city=CITY, keys=Keys(), files=composition._KeptFiles(9))
    return [event for _, event in unit.emitted_to[before:] if isinstance(event, CommandAnswered)]


async def opened(unit: RecordingUnit, count: int = 1, **fields: Any) -> list[CaseId]:
    """Cases with housing."""
    events = [routed(**fields) for _ in range(count)]
    await assign.open_cases(unit, events)
    return [event.case_id for event in events]


async def test_a_command_does_what_the_desk_does(unit: RecordingUnit) -> None:
    """Same event, same log, and an answer with the version that comes next."""
    (case_id,) = await opened(unit)
    (answer,) = await obey(unit, signed(SignCase, case_id, 3, "c-1"))

    assert (answer.ok, answer.state, answer.version, answer.command_id) == (
        True,
        CaseState.IN_PROGRESS,
        4,
        "c-1",
    )
    assert unit.emitted[-1].type == "case.signed.v1"


async def test_a_refusal_is_answered_and_its_neighbours_are_done(unit: RecordingUnit) -> None:
    """Stale, not allowed, malformed, not theirs: each is told why; the one that is right is done."""
    good, stale, suspended, bad = await opened(unit, 4)
    (foreign,) = await opened(unit, lead=TRANSPORT)
    unit.emitted.clear()
    answers = await obey(
        unit,
        signed(ReplyToCase, stale, 2, "c-1", note="x", response="y"),
        signed(ReplyToCase, suspended, 3, "c-2", note="x", response="y"),
        signed(ReplyToCase, bad, 3, "c-3", note="", response="y"),
        signed(ReplyToCase, foreign, 3, "c-4", note="x", response="y"),
        signed(ReplyToCase, fresh_case(), 3, "c-5", note="x", response="y"),
        signed(SignCase, good, 3, "c-6"),
    )

    assert {answer.command_id: answer.code for answer in answers} == {
        "c-1": "stale-version", "c-2": "not-allowed-now", "c-3": "bad-input", "c-4": "not-found",
        "c-5": "not-found", "c-6": None,
    }  # fmt: skip
    by_id = {answer.command_id: answer for answer in answers}
    assert by_id["c-2"].allowed_actions == ("sign", "return", "co-handle", "note")
    assert by_id["c-1"].zh == "该件已有更新（现为第 3 版），请先看最新情况，再重新操作。"
    assert (by_id["c-4"].state, by_id["c-2"].state) == (None, CaseState.ASSIGNED)
    assert [good] == [event.case_id for event in unit.emitted]


async def test_a_command_sent_twice_is_done_once(unit: RecordingUnit) -> None:
    """The second time it gets the same answer, and nothing is written."""
    (case_id,) = await opened(unit)
    note = signed(NoteOnCase, case_id, 3, "c-1", text="已巡查")
    first = await obey(unit, note)
    second = await obey(unit, note)

    assert first == second
    assert [row.event for row in (await read_cases.read_case(unit, HOUSING, case_id)).timeline] == [
        "route",
        "note",
    ]


async def test_a_command_id_is_of_one_case(unit: RecordingUnit) -> None:
    """Used again for another, it is refused."""
    first, second = await opened(unit, 2)
    await obey(unit, signed(SignCase, first, 3, "c-1"))
    (answer,) = await obey(unit, signed(SignCase, second, 3, "c-1"))

    assert (answer.ok, answer.code) == (False, "key-reused")
    assert (await read_cases.read_case(unit, HOUSING, second)).state is CaseState.ASSIGNED


@pytest.mark.parametrize(
    ("kind", "content"), [(NoteOnCase, {"text": "另一条"}), (SignCase, {})], ids=["content", "action"]
)
async def test_a_command_id_is_of_one_request(
    unit: RecordingUnit, kind: type[Command], content: dict[str, str]
) -> None:
    """Used again for another action or content on the same case, it is refused, in a later batch as in the same."""
    (case_id,) = await opened(unit)
    first, other = (
        signed(NoteOnCase, case_id, 3, "c-1", text="已巡查"),
        signed(kind, case_id, 4, "c-1", **content),
    )

    done, refused = await obey(unit, first, other)
    (refused_again,) = await obey(unit, other)

    assert done.ok
    assert "key-reused" == refused.code == refused_again.code


async def test_a_command_id_is_of_one_case_within_a_batch_too(unit: RecordingUnit) -> None:
    """However Kafka cuts the batches: the first is done, the second is told; the first again gets its answer."""
    one, other = await opened(unit, 2)
    first, second = signed(SignCase, one, 3, "c-1"), signed(SignCase, other, 3, "c-1")

    done, refused = await obey(unit, first, second)
    again, still_refused = await obey(unit, first, second)

    assert (True, one) == (done.ok, done.case_id)
    assert (False, "key-reused", other) == (refused.ok, refused.code, refused.case_id)
    assert done == again
    assert "key-reused" == still_refused.code
    assert 1 == sum(event.type == "case.signed.v1" for event in unit.emitted)


async def test_a_co_handler_asked_for_by_command_gets_the_case(unit: RecordingUnit) -> None:
    """As from the desk."""
    (case_id,) = await opened(unit)
    unit.emitted_to.clear()
    await obey(unit, signed(CoHandleCase, case_id, 3, "c-1", departments=(TRANSPORT,), reason="联合检查"))

    assert [to for to, event in unit.emitted_to if isinstance(event, CaseAssigned)] == [TRANSPORT]


@pytest.mark.parametrize(
    "change", [{"signature": "0" * 64}, {"department": TRANSPORT}, {"department": "moon"}]
)
async def test_a_command_nobody_can_have_sent_is_put_aside(
    unit: RecordingUnit, change: dict[str, Any]
) -> None:
    """With its reason, before anything is written."""
    (case_id,) = await opened(unit)
    forged = msgspec.structs.replace(signed(SignCase, case_id, 3, "c-1"), **change)

    with pytest.raises(DataRefused):
        await act_on_case.obey_commands(unit, [forged], city=CITY, keys=Keys())
    assert (await read_cases.read_case(unit, HOUSING, case_id)).state is CaseState.ASSIGNED


async def test_what_cannot_be_believed_is_found_before(unit: RecordingUnit) -> None:
    """Each with its reason; departments that nobody knows cost no query; the good one may be obeyed."""
    asked: list[str] = []

    class Asked(Keys):
        async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
            asked.append(department)
            return await super().keys_of(unit, department)

    (case_id,) = await opened(unit)
    good = signed(SignCase, case_id, 3, "c-1")
    commands = {
        "command_department": msgspec.structs.replace(good, department="moon\x00"),
        "command_signature": msgspec.structs.replace(good, department=TRANSPORT),
    }
    found = await act_on_case.validate_commands(unit, [*commands.values(), good], city=CITY, keys=Asked())

    assert [*commands, None] == found
    assert sorted([HOUSING, TRANSPORT]) == sorted(asked)


@pytest.mark.parametrize("version", [-(2**62), 2**63 - 1])
async def test_any_version_that_json_holds_is_answered(unit: RecordingUnit, version: int) -> None:
    """Of a case that is not theirs, or not any more at that version."""
    (case_id,) = await opened(unit)
    answers = await obey(
        unit,
        signed(SignCase, case_id, version, "c-1"),
        signed(SignCase, fresh_case(), version, "c-2"),
    )

    assert [False, False] == [answer.ok for answer in answers]


async def test_what_cannot_be_read_is_answered_with_its_fields(unit: RecordingUnit) -> None:
    """Each time that it is sent, for nothing was done; its id stays free. Of another's case its sender learns nothing."""
    (case_id,) = await opened(unit)
    (foreign,) = await opened(unit, lead=TRANSPORT)
    unit.emitted.clear()
    faulty = await obey(
        unit,
        signed_badly("return", case_id, "c-1", {"reason": "不属于我局职责"}),
        signed_badly("return", foreign, "c-2", {"reason": "不属于我局职责"}),
        signed_badly("dream", fresh_case(), "c-3", {}),
    )
    (again,) = await obey(unit, signed_badly("return", case_id, "c-1", {"reason": "不属于我局职责"}))
    unfit, huge = await obey(
        unit, signed(SignCase, case_id, 3, "c\x00"), signed(SignCase, case_id, 2**63, "c-4")
    )
    (mended,) = await obey(
        unit, signed(ReturnCase, case_id, 3, "c-1", reason="不属于我局职责", basis="三定方案")
    )

    first, other, unknown = faulty
    missing = WrongField(field="basis", zh="此项必填。", en="This field is required.")
    assert ("c-1", False, "bad-input", 422, 3, CaseState.ASSIGNED, (missing,)) == (
        first.command_id, first.ok, first.code, first.status, first.version, first.state, first.errors,
    )  # fmt: skip
    assert [("not-found", 3, None, ())] * 2 == [
        (each.code, each.version, each.state, each.errors) for each in (other, unknown)
    ]
    assert again == first
    assert [("", "command_id"), ("c-4", "version")] == [
        (each.command_id, each.errors[0].field) for each in (unfit, huge)
    ]
    assert (True, ["case.returned.v1"]) == (mended.ok, [event.type for event in unit.emitted])


async def test_an_ended_key_signs_what_was_taken_before_its_end(unit: RecordingUnit) -> None:
    """However late it is read; what the broker took at its end, or later, is nobody's."""

    class Ended(Keys):
        async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
            return [CommandKey(KEY, ends_at=MONDAY)] if department == HOUSING else []

    good = signed(SignCase, fresh_case(), 3, "c-1")
    late = [msgspec.structs.replace(good, at=MONDAY + timedelta(seconds=seconds)) for seconds in (-1, 0, 1)]
    found = await act_on_case.validate_commands(unit, late, city=CITY, keys=Ended())

    assert [None, "command_signature", "command_signature"] == found


async def _uploaded(unit: RecordingUnit, kind: str = "application/pdf") -> AttachmentId:
    """A file that nobody has named so far."""
    file = Attachment(attachment_id=AttachmentId(str(uuid4())), name="材料", type=kind, size=9, sha256=SHA256)
    row = StoredFile(attachment=file, blob=str(uuid4()), has_thumbnail=False)
    await attachments.keep_file(unit.db, row, unit.now)
    return file.attachment_id


async def test_files_are_named_and_must_be_what_was_uploaded(unit: RecordingUnit) -> None:
    """By id and SHA-256, once; the citizen's are for the lead that has the case in hand. What is refused gave nothing."""
    case_id, other = await opened(unit, 2)
    (foreign,) = await opened(unit, lead=TRANSPORT)
    paper, picture = await _uploaded(unit), await _uploaded(unit, "image/jpeg")
    await obey(unit, signed(SignCase, case_id, 3, "c-1"))

    async def attach(
        command_id: str, files: dict[str, str], audience: str, to: CaseId = case_id
    ) -> CommandAnswered:
        version = 4 if to == case_id else 3
        command = signed(AttachFiles, to, version, command_id, files=files, audience=FileAudience(audience))
        return (await obey(unit, command))[0]

    refused = [
        await attach("c-2", {paper: "0" * 64}, "citizen"),
        await attach("c-3", {paper: SHA256}, "public"),
        await attach("c-4", {"no id": SHA256}, "citizen"),
        await attach("c-5", {str(uuid4()): SHA256}, "citizen"),
        await attach("c-6", {}, "citizen"),
        await attach("c-7", {paper: SHA256}, "citizen", foreign),
    ]
    assert ["bad-input"] * 5 + ["not-found"] == [answer.code for answer in refused]
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.attached")

    done = await attach("c-8", {paper: SHA256.upper(), picture: SHA256}, "citizen")
    again = [
        await attach("c-8", {paper: SHA256.upper(), picture: SHA256}, "citizen"),
        await attach("c-9", {paper: SHA256, picture: SHA256}, "citizen"),
    ]
    stolen = await attach("c-10", {paper: SHA256}, "departments", other)

    assert (True, 4, True, True, "bad-input") == (
        done.ok, done.version, again[0].ok, again[1].ok, stolen.code,
    )  # fmt: skip
    told = [
        event
        for _, event in unit.emitted_to
        if isinstance(event, CaseUpdated) and event.what == "case.files-added"
    ]
    assert [2] == [len(event.attachments) for event in told]
