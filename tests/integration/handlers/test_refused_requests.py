"""A department whose reply or request was refused reads why where it works on."""

import re

import pytest

from handlers.steps import handle_events, read_cases
from schemas.events.routing import ReviewDecided
from schemas.words import Language, ReviewKind
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import CITY, Clerk, opened
from tests.unit.handlers.making import HOUSING


@pytest.mark.parametrize(
    ("language", "said", "heading"),
    [
        (Language.ZH, "答复退回重写", "被退回的答复，市民没有看到"),
        (Language.EN, "Reply sent back", "Reply that was sent back; the citizen has not seen it"),
    ],
)
async def test_a_reply_that_was_sent_back_is_no_reply_to_the_citizen(
    unit: RecordingUnit, language: Language, said: str, heading: str
) -> None:
    """Why stands above it, until another is written."""
    clerk, case_id = Clerk(unit, HOUSING, language), await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    await clerk.send("/reply", note="内部情况", response="已修复")
    await clerk.send("/reply", step="send")
    case = await read_cases.read_case(unit, HOUSING, case_id)
    decided = ReviewDecided(
        case_id=case_id, version=case.version, at=unit.now, kind=ReviewKind.REPLY, accepted=False,
        remarks="请写明哪天修好", decided_by="li",
    )  # fmt: skip
    await handle_events.decide_reviews(unit, [decided], city=CITY)

    html = await clerk.open(f"/desk/{case_id}")
    (refused,) = re.findall(r'id="refused">(.*?)</div>', html, re.S)
    assert said.lower() in refused.lower()
    assert "请写明哪天修好" in refused
    assert f"{heading}</h2>" in html

    await clerk.send("/reply", note="内部情况", response="周五修复")
    html = await clerk.send("/reply", step="send")
    assert 'id="refused"' not in html
    assert heading not in html


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        (Language.ZH, "撤回的答复，市民没有看到"),
        (Language.EN, "The reply that was taken back; the citizen has not read it"),
    ],
)
async def test_a_reply_is_taken_back_at_the_desk(
    unit: RecordingUnit, language: Language, heading: str
) -> None:
    """While it is under review, by its button; its text stays to be changed, and is no reply to the citizen."""
    clerk, case_id = Clerk(unit, HOUSING, language), await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    await clerk.send("/reply", note="内部情况", response="已修复")
    html = await clerk.send("/reply", step="send")
    assert heading not in html
    html = await clerk.send("/withdraw-reply", reason="漏了附件")
    assert f"{heading}</h2>" in html
    assert "已修复" in html
    assert not any(form["action"].endswith("/withdraw-reply") for form in clerk.forms())
    await clerk.send("/reply", note="内部情况", response="周五修复")
    assert heading not in await clerk.send("/reply", step="send")
