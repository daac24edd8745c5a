"""What a dispatcher may answer without a department, and which answers are read again."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.direct import READ_AGAIN_ONE_IN, Answered, answer_of, is_read_again, may_answer
from routing.core.decisions.review import DirectAnswer, Item
from routing.core.doubts import Doubt
from schemas.errors import BadInput
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.values import EntryContent, LiveEntry
from schemas.words import Kind, ReviewKind, Urgency
from tests.unit.routing.decisions.test_review import CASE, ITEM

ENQUIRY = replace(CASE, kind=Kind.CONSULTATION)
ENTRY = LiveEntry(
    entry_id=EntryId("0198b2c4-0000-7000-8000-00000000000e"),
    owner=DepartmentCode("housing"),
    content=EntryContent(
        questions=("居住证怎么办理",), answer="带身份证到社区。", valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1), checked_on=date(2026, 1, 1),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("case", "items", "item"),
    [
        ({}, [], ITEM),
        ({"urgency": Urgency.URGENT}, [], ITEM),
        ({}, [replace(ITEM, kind=ReviewKind.OBJECTION)], replace(ITEM, kind=ReviewKind.OBJECTION)),
    ],
)
def test_an_enquiry_that_nobody_had_is_answered(case: dict[str, Any], items: list[Item], item: Item) -> None:
    """Once more, too, where its citizen objected to the first answer."""
    assert may_answer(replace(ENQUIRY, **case), [ITEM, *items], item)


@pytest.mark.parametrize(
    ("case", "items", "item"),
    [
        ({"kind": Kind.HELP}, [], ITEM),
        ({"urgency": Urgency.EMERGENCY}, [], ITEM),
        ({"confidential": True}, [], ITEM),
        ({"protected": True}, [], ITEM),
        ({"accused": (DepartmentCode("water"),)}, [], ITEM),
        ({"state": "routed"}, [], ITEM),
        # A department had it: it returned it, it was merged with one that had it, or it was recalled.
        ({}, [replace(ITEM, kind=ReviewKind.RETURN)], ITEM),
        ({}, [replace(ITEM, detail={"doubts": [Doubt.UNMERGED]})], ITEM),
        ({}, [replace(ITEM, detail={"had_department": True})], ITEM),
        ({}, [], replace(ITEM, kind=ReviewKind.RETURN)),
    ],
)
def test_nothing_else_is_answered_past_the_departments(
    case: dict[str, Any], items: list[Item], item: Item
) -> None:
    """What accuses somebody, is confidential or pressing, or was somebody's."""
    every = [ITEM, *items]

    assert not may_answer(replace(ENQUIRY, **case), every, item)
    with pytest.raises(BadInput):
        answer_of(replace(ENQUIRY, **case), every, item, _said(), ENTRY)


def _said(text: str = " 带身份证到社区，找13812345678。 ") -> DirectAnswer:
    return DirectAnswer(entry_id=ENTRY.entry_id, text=text)


def test_the_answer_is_as_everybody_may_read_it() -> None:
    """Masked, and with the entry that it rests on."""
    answered = answer_of(ENQUIRY, [ITEM], ITEM, _said(), ENTRY)

    assert Answered(entry=ENTRY, response="带身份证到社区，找138****5678。") == answered


@pytest.mark.parametrize(("text", "entry"), [("……", ENTRY), ("带身份证。", None)])
def test_an_answer_says_something_and_rests_on_what_holds(text: str, entry: LiveEntry | None) -> None:
    """An entry may have ended since it was chosen."""
    with pytest.raises(BadInput) as refused:
        answer_of(ENQUIRY, [ITEM], ITEM, _said(text), entry)

    assert ["answer"] == [error.field for error in refused.value.errors]


def test_one_in_some_is_read_again_and_nobody_knows_which() -> None:
    """By the secret; without one all are."""
    cases = [CaseId(f"{number:032x}") for number in range(1_000)]
    drawn, otherwise = ({case for case in cases if is_read_again(case, key)} for key in (b"a", b"b"))

    assert all(is_read_again(case, None) for case in cases[:10])
    assert 0.7 < len(drawn) * READ_AGAIN_ONE_IN / len(cases) < 1.3
    assert drawn == {case for case in cases if is_read_again(case, b"a")} != otherwise
