"""The dispatcher's forms: what a refusal needs, and what a second press of a button does."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routing.steps import decide, handle_events
from routing.steps.decided import Decided
from routing.steps.route import note_duplicates
from routing.store import cases, items, rulings
from routing.web import pages
from routing.web.catalogue import show_items
from schemas.city import load_city
from schemas.errors import BadInput, Overtaken
from schemas.events.handlers import CaseReturned, ExtensionRequested
from schemas.events.intake import CaseRegistered, DuplicateSuspected
from schemas.http import Page, Principal, Redirect
from schemas.ids import DepartmentCode
from schemas.words import Language, ReviewKind, Role
from tests.integration.routing.cases import AT, registered, route
from tests.integration.routing.test_queue import call_of, everything, html_of, open_cases

CITY = load_city()


async def test_the_item_may_be_corrected_with_the_decision(unit: Any) -> None:
    """It is offered by name; what the catalogue has not is refused at the field; nobody has to choose one."""
    [event] = await open_cases(unit, 1)
    form = {
        "kind": "dispatch",
        "version": "2",
        "action": "dispatch",
        "category": "urban-construction",
        "lead": "",
    }

    page = await pages.decide_on_page(call_of(unit, event.case_id, form | {"item": "没有的事项"}), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.ZH)
    assert 'href="#dispatch-item"' in html
    assert 'data-from="/review/items"' in html
    listed = html_of(await show_items(call_of(unit), city=CITY), Language.ZH)
    assert 'data-item="物业费" data-of="物业管理"' in listed
    await pages.decide_on_page(call_of(unit, event.case_id, form | {"item": "物业费"}), city=CITY)
    kept = await cases.find(unit.db, event.case_id)
    assert kept is not None
    assert ("property-fee", "urban-construction") == (kept.item, kept.category)


async def test_an_item_longer_than_any_is_refused_at_its_field(unit: Any) -> None:
    """All of it stays: a browser that cut it would find another item, or none."""
    [event] = await open_cases(unit, 1)
    form = {"kind": "dispatch", "version": "2", "action": "dispatch", "item": "物业费" * 40}

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.ZH)
    assert ('href="#dispatch-item"' in html, f'value="{form["item"]}"' in html) == (True, True)


@pytest.mark.parametrize("kind", [ReviewKind.RETURN, ReviewKind.EXTENSION, ReviewKind.REPLY])
@pytest.mark.parametrize("silence", [" ", ".", "……"])
async def test_a_refusal_on_the_page_needs_its_reason(unit: Any, kind: ReviewKind, silence: str) -> None:
    """Whoever has to do it again must know why: said in the summary and at the field. The API may leave it out."""
    (event, item) = await waiting_for(unit, kind)
    form = {"kind": kind.value, "version": str(item.version), "action": "refuse", "remarks": silence}

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)

    assert isinstance(page, Page)
    assert 422 == page.status
    html = html_of(page, Language.ZH)
    field = "return-refusal" if kind is ReviewKind.RETURN else f"{kind}-remarks"
    assert f'href="#{field}"' in html
    assert f'aria-describedby="{field}-error"' in html
    answer = await pages.decide_on_page(call_of(unit, event.case_id, form | {"remarks": "缺时间"}), city=CITY)
    assert Redirect(to=f"/review?done={event.tracking_code}") == answer


async def test_a_case_whose_reply_is_looked_at_is_not_moved(unit: Any) -> None:
    """No department has it in hand: what cannot be done is not offered, neither to another department nor together."""
    (event, _) = await waiting_for(unit, ReviewKind.REPLY)

    page = await pages.show_case(call_of(unit, event.case_id, {}), city=CITY)

    assert 'id="move"' not in html_of(page, Language.ZH)


@pytest.mark.parametrize("asks_more_time", [False, True])
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"action": "move", "lead": "", "remarks": "职责调整"}, "lead"),
        ({"action": "move", "lead": "water", "remarks": "…"}, "remarks"),
        ({"action": "merge", "merge_into": ""}, "merge_into"),
    ],
)
async def test_what_is_wrong_with_a_move_is_said_at_its_own_form(
    unit: Any, said: dict[str, str], field: str, asks_more_time: bool
) -> None:
    """Not at the form for what its department asked for, which keeps what was typed there."""
    event = registered()
    await route(unit, [event])
    if asks_more_time:
        asked = ExtensionRequested(
            case_id=event.case_id, version=3, at=AT, department=DepartmentCode("transport"), working_days=5,
            reason="招标",
        )  # fmt: skip
        await handle_events.review_extensions(unit, [asked])

    page = await pages.decide_on_page(call_of(unit, event.case_id, {"version": "3", **said}), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.ZH)
    assert (422, 1) == (page.status, html.count("govuk-error-message"))
    assert f'href="#in-hand-{field}"' in html
    assert f'name="{field}" aria-describedby="in-hand-{field}-error"' in re.sub(
        r" (rows|maxlength)=\S+| required", "", html
    )
    if asks_more_time:
        assert "职责调整" not in html.split('id="extension-remarks"')[1].split("</textarea>")[0]


async def test_a_move_ends_a_request_only_where_its_form_was_told_so(unit: Any) -> None:
    """It is named, also where it came after the page was opened; what was ticked of another, or of one before, ends none."""
    event = registered()
    await route(unit, [event])
    asked = ExtensionRequested(
        case_id=event.case_id, version=3, at=AT, department=DepartmentCode("transport"), working_days=5,
        reason="招标",
    )  # fmt: skip
    await handle_events.review_extensions(unit, [asked])
    unit.emitted.clear()
    form = {"version": "2", "action": "move", "lead": "water", "remarks": "职责调整"}

    for said in ({}, {"ends": "suspension:3"}, {"ends": "extension"}, {"ends": "extension:2"}):
        page = await pages.decide_on_page(call_of(unit, event.case_id, {**form, **said}), city=CITY)
        assert isinstance(page, Page)
        assert 422 == page.status
        for language, *words in (
            (Language.ZH, "延期申请待决定，改派后作废", "延期申请待决定，并单后作废"),
            (Language.EN, "ends with the move: extension", "ends with the merge: extension"),
        ):
            html = html_of(page, language)
            assert all(each in html for each in words)
            assert 'href="#in-hand-ends"' in html
            assert 'name="ends" value="extension:3">' in html
    assert [ReviewKind.EXTENSION] == [item.kind for item in await items.waiting(unit.db, event.case_id)]
    assert [] == unit.emitted

    answer = await pages.decide_on_page(
        call_of(unit, event.case_id, {**form, "ends": "extension:3"}), city=CITY
    )
    assert Redirect(to=f"/review?done={event.tracking_code}") == answer
    assert [] == await items.waiting(unit.db, event.case_id)


async def test_a_form_of_before_rules_on_no_special_line_unasked(unit: Any) -> None:
    """It did not say that the ruling would come first; the page that comes back does, and what it sends is kept so."""
    event = registered()
    await route(unit, [event])
    returned = CaseReturned(
        case_id=event.case_id, version=4, at=AT, department=DepartmentCode("transport"), reason="不是我局职责",
        basis="三定方案", return_count=1,
    )  # fmt: skip
    await handle_events.review_returns(unit, [returned])
    form = {
        "action": "reassign", "kind": "return", "version": "4", "lead": "housing", "ruling": "yes",
        "ruling_words": "公交站",
    }  # fmt: skip
    refused = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)
    assert isinstance(refused, Page)
    html = html_of(refused, Language.ZH)
    assert 'href="#return-ruling"' in html
    assert "其中专业直派的词也按认定" in html
    assert [] == await rulings.in_force(unit.db)

    hidden = 'name="ruling_over_special" value="true"'
    assert hidden in html.split('id="return-ruling-words"')[0].rsplit("<details", 1)[1]
    done = await pages.decide_on_page(
        call_of(unit, event.case_id, {**form, "ruling_over_special": "true"}), city=CITY
    )
    assert isinstance(done, Redirect)
    assert [(("公交站",), True)] == [(one.words, one.over_special) for one in await rulings.in_force(unit.db)]


async def test_a_merge_ends_a_request_only_where_its_form_was_told_so(unit: Any) -> None:
    """As a move does; what was ticked to be moved is not ticked to be merged."""
    event, target = registered(), registered()
    await route(unit, [event, target])
    asked = ExtensionRequested(
        case_id=event.case_id, version=3, at=AT, department=DepartmentCode("transport"), working_days=5,
        reason="招标",
    )  # fmt: skip
    await handle_events.review_extensions(unit, [asked])
    unit.emitted.clear()
    form = {"version": "2", "action": "merge", "merge_into": target.tracking_code}

    for said in ({}, {"ends": "extension:2"}):
        page = await pages.decide_on_page(call_of(unit, event.case_id, {**form, **said}), city=CITY)
        assert isinstance(page, Page)
        html = html_of(page, Language.ZH)
        assert (422, 1) == (page.status, html.count("govuk-error-message"))
        assert 'href="#in-hand-merge-ends"' in html
        assert "govuk-error-message" in html.split('id="in-hand-merge-ends"')[1].split("</fieldset>")[0]
    assert [] == unit.emitted

    answer = await pages.decide_on_page(
        call_of(unit, event.case_id, {**form, "ends": "extension:3"}), city=CITY
    )
    assert Redirect(to=f"/review?done={event.tracking_code}") == answer
    assert ["merge.requested"] == [said.name for said in unit.emitted]


@pytest.mark.parametrize("is_private", [False, True])
async def test_only_what_may_be_merged_is_suggested_for_it(unit: Any, is_private: bool) -> None:
    """What is for its own citizen alone is not named beside another's."""
    event, earlier = registered(), registered(confidential=is_private)
    await route(unit, [event, earlier])
    alike = DuplicateSuspected(
        case_id=event.case_id, version=1, at=AT, similar_to=earlier.case_id, similarity=0.9
    )
    await note_duplicates(unit, [alike])

    html = html_of(await pages.show_case(call_of(unit, event.case_id, {}), city=CITY), Language.ZH)

    assert ("与较早的一件相似（两句关键的话相同），可并单" in html) is not is_private
    assert (earlier.tracking_code in html) is not is_private


async def test_a_reply_is_not_sent_back_with_a_dot(unit: Any) -> None:
    """Nor by another system: it may leave the remarks out, and say nothing with them it may not."""
    (event, item) = await waiting_for(unit, ReviewKind.REPLY)
    said = {"case_id": event.case_id, "version": item.version, "accepted": False, "by": "li"}

    [refused] = await decide.decide_replies(unit, [decide.Reviewed(**said, remarks="。")])
    [done] = await decide.decide_replies(unit, [decide.Reviewed(**said, remarks="")])

    assert isinstance(refused, BadInput)
    assert ["remarks"] == [error.field for error in refused.errors]
    assert isinstance(done, Decided)


async def waiting_for(unit: Any, kind: ReviewKind) -> tuple[CaseRegistered, Any]:
    """A case about which such an item waits, and that item."""
    for event in await everything(unit):
        for item in await items.waiting(unit.db, event.case_id):
            if item.kind is kind:
                return event, item
    raise AssertionError(kind)


async def test_a_form_that_is_sent_twice_did_not_fail(unit: Any) -> None:
    """The second press of a button finds the first one's work done, and leads back to the queue; later it is told."""
    [event] = await open_cases(unit, 1)
    form = {"kind": "dispatch", "version": "2", "action": "dispatch", "category": "environment", "lead": ""}
    call = call_of(unit, event.case_id, form)
    await pages.decide_on_page(call, city=CITY)

    again = await pages.decide_on_page(call, city=CITY)
    somebody = replace(call, principal=Principal(role=Role.DISPATCHER, name="another"))
    other = await pages.decide_on_page(somebody, city=CITY)
    unit.now += timedelta(seconds=6)
    later = await pages.decide_on_page(call, city=CITY)

    assert Redirect(to="/review") == again
    assert isinstance(other, Page)
    assert isinstance(later, Page)
    assert [409, 409] == [other.status, later.status]


async def test_the_opposite_from_another_tab_is_no_second_press(unit: Any) -> None:
    """Whoever sent a reply back, and lets it out in a tab that was open beside it, is told that it was sent back."""
    event, item = await waiting_for(unit, ReviewKind.REPLY)
    form = {"kind": "reply", "version": str(item.version)}
    refused = call_of(unit, event.case_id, form | {"action": "refuse", "remarks": "请写明修好的时间"})
    await pages.decide_on_page(refused, city=CITY)

    told = await pages.decide_on_page(call_of(unit, event.case_id, form | {"action": "accept"}), city=CITY)

    assert isinstance(told, Page)
    assert told.status == 409
    assert Overtaken().message(Language.ZH) in html_of(told, Language.ZH)


async def test_no_button_of_the_page_is_pressed_twice(unit: Any) -> None:
    """Whoever double-clicks sends once."""
    for event in await everything(unit):
        html = html_of(await pages.show_case(call_of(unit, event.case_id), city=CITY), Language.ZH)
        buttons = re.findall(r'<button type="submit" class="govuk-button[^>]*>', html)

        assert buttons
        assert [] == [button for button in buttons if 'data-prevent-double-click="true"' not in button]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (ReviewKind.REPLY, {"action": "refuse", "remarks": "请写明修好的时间"}),
        (ReviewKind.RETURN, {"action": "refuse", "remarks": "请写明修好的时间"}),
        (ReviewKind.DISPATCH, {"action": "decline", "decline": "请写明修好的时间"}),
        (ReviewKind.DISPATCH, {"action": "answer", "entry_id": "gone", "text": "请写明修好的时间"}),
    ],
)
async def test_who_was_not_the_first_to_decide_keeps_what_they_wrote(
    unit: Any, kind: ReviewKind, said: dict[str, str]
) -> None:
    """The form is gone with what it was about; its words stand above, to be copied, once."""
    event, item = await waiting_for(unit, kind)
    form = {"kind": kind.value, "version": str(item.version)}
    first = (
        {"action": "refuse", "remarks": "缺时间"}
        if kind is not ReviewKind.DISPATCH
        else {"action": "decline"}
    )
    await pages.decide_on_page(call_of(unit, event.case_id, form | first), city=CITY)

    page = await pages.decide_on_page(call_of(unit, event.case_id, form | said), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.EN)
    assert (409, 1) == (page.status, html.split("<main")[1].count("请写明修好的时间"))
    assert "What you typed was not sent." in html


async def test_what_is_in_its_form_again_is_not_said_twice(unit: Any) -> None:
    """Where only a field is wrong, the form is there with all of it."""
    event, item = await waiting_for(unit, ReviewKind.REPLY)
    form = {"kind": "reply", "version": str(item.version), "remarks": "请写明修好的时间"}

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.ZH)
    assert (422, 1) == (page.status, html.split("<main")[1].count("请写明修好的时间"))
