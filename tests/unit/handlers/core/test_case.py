"""What the seal of a case covers."""

from datetime import timedelta, timezone
from typing import Any

import msgspec
import pytest

from handlers.core.asks import Asks
from handlers.core.case import Case, CaseFile, case_seal, is_repeated, is_sealed
from handlers.core.chain import LogEntry
from handlers.core.rules import Actor
from schemas.ids import AttachmentId, CaseId, ItemCode, TagCode
from schemas.objections import OBJECT_WITHIN
from schemas.values import Attachment
from schemas.words import CaseState, FileAudience
from tests.unit.handlers.making import HOUSING, MONDAY, SEAL, case

#: What comes without a row of the log: deadlines and the trace; what the release before cannot seal; and the seal itself.
_UNSEALED = {"due_at", "sign_due_at", "traceparent", "tags_corrected_at", "log_seal"}


FILE = CaseFile(
    file=Attachment(attachment_id=AttachmentId("6a1f0000-0000-4000-8000-000000000002"), name="合同.pdf"),
    department=HOUSING,
    audience=FileAudience.DEPARTMENTS,
    at=MONDAY,
)


def test_no_earlier_seal_covers_a_file() -> None:
    """Whoever puts a file beside the log into a case of an earlier release breaks its seal."""
    held = case()
    earlier = msgspec.structs.replace(held, log_seal=case_seal(held, SEAL))
    with_file = msgspec.structs.replace(earlier, files=(FILE,))

    assert is_sealed(earlier, [SEAL])
    assert not is_sealed(with_file, [SEAL])
    assert is_sealed(msgspec.structs.replace(with_file, log_seal=case_seal(with_file, SEAL)), [SEAL])


#: One for each form of the seal: the later ones cover what only some cases have.
_FORMS: list[dict[str, Any]] = [
    {},
    {"files": (FILE,)},
    {"files": (FILE,), "item": ItemCode("manhole")},
    {"files": (FILE,), "item": ItemCode("manhole"), "tags": (TagCode("night"),)},
]


@pytest.mark.parametrize("form", _FORMS, ids=lambda form: " ".join(form))
@pytest.mark.parametrize("name", Case.__struct_fields__)
def test_every_field_that_the_log_leads_to_is_sealed(name: str, form: dict[str, Any]) -> None:
    """A field that is added later must be decided about here."""
    held = case(**form)
    changed: dict[str, Any] = {name: (*held.files, FILE) if name == "files" else "something else"}
    differs = case_seal(held, SEAL) != case_seal(msgspec.structs.replace(held, **changed), SEAL)

    assert differs == (name not in _UNSEALED)


def test_a_file_is_sealed_with_its_moment() -> None:
    """The same moment in whatever zone Postgres gives it back; another one says whose answer it goes with."""
    held = case(files=(FILE,))

    def seal_at(**moved: Any) -> bytes:
        return case_seal(msgspec.structs.replace(held, files=(msgspec.structs.replace(FILE, **moved),)), SEAL)

    assert case_seal(held, SEAL) == seal_at(at=MONDAY.astimezone(timezone(timedelta(hours=8))))
    assert case_seal(held, SEAL) != seal_at(at=MONDAY + timedelta(hours=1))


@pytest.mark.parametrize(
    "beside",
    [
        {"asks": Asks(suspension_count=1)},
        {"files": (FILE,)},
        {"item": ItemCode("manhole")},
        {"tags": (TagCode("night"),)},
    ],
    ids=lambda beside: " ".join(beside),
)
def test_a_seal_of_before_anything_was_asked_for_still_holds(beside: dict[str, Any]) -> None:
    """A case that an earlier release sealed verifies; not once somebody wrote what it did not know beside the log."""
    before = (
        "case_id", "state", "version", "assigned_at", "kind", "urgency", "category", "lead", "supporting", "region",
        "confidential", "publish", "accused", "protected", "withheld", "routed_version", "state_before_review",
        "overdue", "return_count", "return_barred", "extension_count", "extension_days", "reopened_count",
        "urged_count", "supervised", "note", "response", "closed_at", "log_seq", "log_hash",
    )  # fmt: skip
    held = case()
    fields = msgspec.json.Encoder(order="deterministic").encode(tuple(getattr(held, name) for name in before))
    old = msgspec.structs.replace(held, log_seal=b"\x01" + SEAL(b"case\0" + fields))

    assert is_sealed(old, [SEAL])
    assert not is_sealed(msgspec.structs.replace(old, **beside), [SEAL])
    assert is_sealed(msgspec.structs.replace(old, log_seal=case_seal(old, SEAL)), [SEAL])


#: Of the second press, by which nobody joins.
_AGAIN = LogEntry(
    case_id=CaseId("1"), seq=8, at=MONDAY, actor="wang", role=Actor.LEAD, action="co-handle",
    from_state="in_progress", to_state="in_progress", version=4,
    detail={"departments": ["water"], "reason": "核实", "joined": []},
)  # fmt: skip


@pytest.mark.parametrize(
    ("actor", "action", "detail", "is_repeated_"),
    [
        ("wang", "co-handle", {"departments": ["water"], "reason": "核实", "joined": ["water"]}, True),
        ("wang", "co-handle", {"departments": ["water"], "reason": "核实"}, True),
        ("zhao", "co-handle", {"departments": ["water"], "reason": "核实", "joined": ["water"]}, False),
        ("wang", "note", {"departments": ["water"], "reason": "核实", "joined": ["water"]}, False),
        ("wang", "co-handle", {"departments": ["market"], "reason": "核实", "joined": ["market"]}, False),
        ("wang", "co-handle", {"departments": ["water"]}, False),
    ],
)
def test_a_second_press_says_the_same_of_the_same(
    actor: str, action: str, detail: dict[str, Any], is_repeated_: bool
) -> None:
    """The row before may tell more, such as who joined by it: whoever had joined by then joins no second time."""
    assert is_repeated_ == is_repeated(_AGAIN, actor, action, detail)


def test_the_citizen_may_object_until_the_moment_that_they_were_told() -> None:
    """Of a case that an earlier build closed nobody knows it: whole days later it is over in whatever zone."""
    closed = case(state=CaseState.CLOSED, closed_at=MONDAY)
    told = case(
        state=CaseState.CLOSED, closed_at=MONDAY, asks=Asks(objection_until=MONDAY + timedelta(days=9))
    )

    assert MONDAY + OBJECT_WITHIN + timedelta(days=1) == closed.facts(MONDAY).objection_until
    assert MONDAY + timedelta(days=9) == told.facts(MONDAY).objection_until
    assert case().facts(MONDAY).objection_until is None
