"""Commands that nobody can read: who is told, which field is wrong, and whose signature is believed."""

import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest

from handlers.core.commands import is_signed
from handlers.core.faulty_commands import FaultyCommand, read_faulty
from schemas.event import encode
from schemas.ports import RefusedRecord
from tests.unit.handlers.making import HOUSING, MONDAY

KEY = hashlib.sha256(b"token").digest()
CASE = "6a1f0000-0000-4000-8000-000000000001"
ID = "0198b2c4-0000-7000-8000-00000000000f"
GOOD = {
    "case_id": CASE, "version": 3, "at": "2026-11-23T02:00:00Z", "command_id": "c-1", "department": HOUSING,
    "reason": "不属于我局职责", "basis": "三定方案",
}  # fmt: skip
_MISSING = object()


def sent(
    kind: str = "command.return.v1", *, key: str = CASE, event_id: str = ID, value: bytes = b"", **fields: Any
) -> RefusedRecord:
    """A department's record, signed as our documentation's Python lines do it over whatever it holds."""
    said = {name: value for name, value in (GOOD | fields).items() if value is not _MISSING}
    own = {
        name: value
        for name, value in said.items()
        if name not in ("case_id", "version", "at", "command_id", "department")
    }
    canonical = json.dumps(own, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    head = [
        said.get("command_id"),
        said.get("department"),
        said.get("case_id"),
        kind.split(".")[1],
        said.get("version"),
    ]
    text = "\n".join([*(str(each) for each in head), canonical])
    said["signature"] = hmac.new(KEY, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return RefusedRecord(
        headers={"ce_type": kind.encode(), "ce_id": event_id.encode()},
        key=key.encode(),
        value=value or json.dumps(said).encode(),
        taken_at=MONDAY,
        reason="schema",
    )


def read(record: RefusedRecord) -> FaultyCommand:
    """What somebody is told about."""
    found = read_faulty(record)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (sent(basis=_MISSING), ["basis"]),
        (sent(basis=_MISSING, reason=_MISSING), ["reason", "basis"]),
        (sent(basis=None), ["basis"]),
        (sent(basis=7), ["basis"]),
        (sent(basis=["三定方案"]), ["basis"]),
        (sent(version="3"), ["version"]),
        (sent(version="three"), ["version"]),
        (sent(version=3.5), ["version"]),
        (sent(version=None), ["version"]),
        (sent(version=_MISSING), ["version"]),
        (sent(version=True), ["version"]),
        (sent(version=10**19), ["version"]),
        (sent(command_id=7), ["command_id"]),
        (sent(command_id=_MISSING), ["command_id"]),
        (sent(command_id=["c-1"]), ["command_id"]),
        (sent(command_id="c\x00"), ["command_id"]),
        (sent(command_id="c" * 129), ["command_id"]),
        (sent(at="yesterday"), ["at"]),
        (sent(at=_MISSING), ["at"]),
        (sent("command.dream.v1"), ["ce_type"]),
        (sent("command.return.v9"), ["ce_type"]),
        (sent("command.return"), ["ce_type"]),
        (sent("command.extend.v1", working_days="5"), ["working_days"]),
        (sent("command.attach.v1", files=[], audience="citizen"), ["files"]),
        (sent("command.attach.v1", files={}, audience="everybody"), ["audience"]),
        (sent(event_id="1"), ["ce_id"]),
        (sent(event_id="", basis=_MISSING), ["ce_id", "basis"]),
        (sent(key="00000000-0000-4000-8000-000000000000"), ["key"]),
        (sent(key=""), ["key"]),
        (sent(case_id=_MISSING), ["key", "case_id"]),
        (sent(case_id=7), ["key", "case_id"]),
        (sent(case_id=CASE.upper(), key=CASE.upper()), ["case_id"]),
    ],
)
def test_its_department_is_told_which_field_is_wrong(record: RefusedRecord, fields: list[str]) -> None:
    """Whatever is wrong, and however the sender writes that as text: by its signature, about its case, in both languages."""
    found = read(record)

    assert fields == [error.field for error in found.errors]
    assert all(error.zh and error.en for error in found.errors)
    assert (HOUSING, CASE, MONDAY) == (found.department, found.case_id, found.at)
    assert is_signed(found, [KEY])
    assert not is_signed(found, [b"another key"])
    assert b'"case_id"' in encode(found)


@pytest.mark.parametrize(
    ("command_id", "told"), [("c-1", "c-1"), (7, "7"), (None, ""), ("c\x00", ""), ({}, "")]
)
def test_the_answer_names_an_id_that_it_can_name(command_id: Any, told: str) -> None:
    """A number as it is written; nothing of what no answer could hold."""
    assert told == read(sent(command_id=command_id, basis=_MISSING)).command_id


@pytest.mark.parametrize(
    "record",
    [
        sent(value=b"{"),
        sent(value=b"[]"),
        sent(value=b'"\xff"'),
        sent(value=b"[" * 100_000),
        sent(department=_MISSING),
        sent(department=7),
        sent(case_id="1", key="junk"),
        sent("signed."),
        sent(command_id="\ud83d"),
        sent("case.signed.v1"),
    ],
)
def test_nobody_is_told_of_what_names_nobody(record: RefusedRecord) -> None:
    """No JSON, no department, no case, no action: it stays a dead letter."""
    assert read_faulty(record) is None


@pytest.mark.parametrize(
    "change", [{"reason": "别的理由"}, {"version": "4"}, {"command_id": "c-2"}, {"signature": 7}]
)
def test_nothing_signed_can_be_changed_in_it(change: dict[str, Any]) -> None:
    """As in a command that can be read."""
    record = sent(basis=_MISSING)
    said = json.loads(record.value or b"")
    assert is_signed(read(record), [KEY])

    changed = sent(value=json.dumps(said | change).encode())
    assert not is_signed(read(changed), [KEY])


@pytest.mark.parametrize(
    ("fields", "written"),
    [
        ({"version": None}, "c-1 {case} null"),
        ({"version": _MISSING}, "c-1 {case} undefined"),
        ({"version": _MISSING}, "c-1 {case} "),
        ({"version": True}, "c-1 {case} true"),
        ({"version": None, "case_id": _MISSING}, "c-1 undefined null"),
        ({"version": None, "command_id": None}, "null {case} null"),
    ],
)
def test_programs_in_other_languages_are_believed(fields: dict[str, Any], written: str) -> None:
    """JavaScript's words for what is not there, and those who write nothing of it: one way for the whole text."""
    record = sent(basis=_MISSING, **fields)
    said = json.loads(record.value or b"")
    command_id, case_id, version = written.format(case=CASE).split(" ")
    text = "\n".join([command_id, HOUSING, case_id, "return", version, '{"reason":"不属于我局职责"}'])
    said["signature"] = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()

    assert is_signed(read(sent(value=json.dumps(said).encode())), [KEY])


def test_junk_costs_no_more_than_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a megabyte that names nothing is kept once and hashed thrice, not 64 times; without a signature never."""
    hashed = 0
    real = hmac.new

    def counting(key: bytes, *rest: Any, **named: Any) -> Any:
        nonlocal hashed
        hashed += 1
        return real(key, *rest, **named)

    nothing: dict[str, Any] = {"command_id": None, "version": None, "case_id": None, "text": "x" * 500_000}
    record = sent("command.note.v1", **nothing)
    monkeypatch.setattr(hmac, "new", counting)
    said = json.loads(record.value or b"")
    forged = read(sent(value=json.dumps(said | {"signature": "0" * 64}).encode()))
    hashed = 0
    assert not is_signed(forged, [KEY])
    assert hashed == len(forged.heads) == 2
    assert len(encode(forged)) < 1_100_000

    hashed = 0
    assert not is_signed(msgspec.structs.replace(forged, signature="junk"), [KEY])
    assert not is_signed(msgspec.structs.replace(forged, signature="\ud83d"), [KEY])
    assert hashed == 0
