"""Who is calling a citizen (正在回访): one at a time, shown to the others; it ends with the call, by hand or by itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from deploy.composition.lives import NamelessLives
from deploy.web.site.render import renderer_of
from routing.steps.read_matters import KeptMatters
from schemas.errors import ActionNotAllowed, Forbidden, NotFound, Overtaken
from schemas.http import Call, Page, Principal, Redirect
from schemas.words import Language, Role
from sla.core.call_backs import BeingCalled, NumberNotShown, call_back_rule
from sla.steps.call_backs import give_back, list_to_call, record, show_contact
from sla.web import call_backs as web
from tests.conftest import RecordingUnit
from tests.integration.sla.calling import (
    ASK,
    CASE,
    IN_VAIN,
    KNOW,
    LOOK,
    SETTLED,
    WU,
    calls,
    closed_case,
    draw_day,
    written,
)
from tests.integration.sla.ordering import CITY, LEAD
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS

LI = Principal(role=Role.DISPATCHER, name="li")
_BACK: dict[str, Any] = {"callees": ASK["callees"], "calendar": KNOW["calendar"]}
_CLAIM = timedelta(minutes=call_back_rule().claim_minutes)


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """A closed case that is to be called about."""
    slices, _ = await closed_case(unit)
    await draw_day(slices)
    return slices


async def _shown(slices: Slices, who: Principal = LI) -> list[str | None]:
    items, _ = await list_to_call(slices.unit, who, cursor=None, limit=20)
    return [each.claimed_by for each in items]


async def test_one_calls_and_no_other(slices: Slices) -> None:
    """Others see who and until when, get no number and write nothing down; whoever calls asks again and goes on."""
    await show_contact(slices.unit, WU, CASE, **LOOK)
    assert ["wu"] == await _shown(slices)
    for attempt in (show_contact(slices.unit, LI, CASE, **LOOK), give_back(slices.unit, LI, CASE, **_BACK)):
        with pytest.raises(BeingCalled, match="wu"):
            await attempt
    for result in (SETTLED, IN_VAIN):
        with pytest.raises(BeingCalled) as refusal:
            await written(slices, result, LI)
    assert 409 == refusal.value.status
    slices.unit.now += _CLAIM / 2
    await show_contact(slices.unit, WU, CASE, **LOOK)
    slices.unit.now += _CLAIM * 0.7
    assert ["wu"] == await _shown(slices)
    await written(slices, SETTLED)

    assert [("done", 0, None, None)] == [
        (each.state, each.tries, each.claimed_by, each.claimed_until) for each in await calls(slices)
    ]


async def test_it_ends_by_itself(slices: Slices) -> None:
    """Then it is the other's, and what the first writes down is refused."""
    await show_contact(slices.unit, WU, CASE, **LOOK)
    slices.unit.now += _CLAIM - timedelta(seconds=1)
    assert ["wu"] == await _shown(slices)
    slices.unit.now += timedelta(seconds=1)
    assert [None] == await _shown(slices)
    await show_contact(slices.unit, LI, CASE, **LOOK)

    with pytest.raises(BeingCalled, match="li"):
        await written(slices, SETTLED)
    await written(slices, SETTLED, LI)


@pytest.mark.parametrize("ends", ["by hand", "in vain"])
async def test_it_is_given_back(slices: Slices, ends: str) -> None:
    """By hand, twice or not, or with a call in vain: at once anybody may; nobody need have asked for the number."""
    await show_contact(slices.unit, WU, CASE, **LOOK)
    if ends == "in vain":
        await written(slices, IN_VAIN)
    else:
        await give_back(slices.unit, WU, CASE, **_BACK)
        await give_back(slices.unit, WU, CASE, **_BACK)

    assert [None] == await _shown(slices)
    assert await written(slices, SETTLED, LI)


async def test_nobody_calls_in_vain_without_a_number(slices: Slices) -> None:
    """Nor a second time with that of the first call; however long ago it was shown. Whom they reached may have rung up."""

    async def in_vain(who: Principal = WU) -> str:
        return await record(slices.unit, who, CASE, 1, IN_VAIN, **ASK, **KNOW)

    with pytest.raises(NumberNotShown) as refusal:
        await in_vain()
    assert 409 == refusal.value.status
    await show_contact(slices.unit, WU, CASE, **LOOK)
    slices.unit.now += _CLAIM * 2
    with pytest.raises(NumberNotShown):
        await in_vain(LI)
    assert "open" == await in_vain()
    assert "open" == await in_vain()
    slices.unit.now += timedelta(hours=1)
    with pytest.raises(NumberNotShown):
        await in_vain()

    assert [("open", 1)] == [(each.state, each.tries) for each in await calls(slices)]
    assert await written(slices, SETTLED)


@pytest.mark.parametrize("language", list(Language))
async def test_the_page_says_where_the_number_is(slices: Slices, language: Language) -> None:
    """The refusal leads to the button, and what was typed stays."""
    desk = web.CallDesk(city=CITY, matters=KeptMatters(), lives=NamelessLives(KEYS), **ASK, **KNOW)
    form = {"number": "1", "reached": "no", "why_not": "no_answer", "note": "没人接"}
    page = await web.record_page(_call(slices, WU, form, language), on=desk)

    assert isinstance(page, Page)
    html = renderer_of(CITY).render(page, language=language, principal=WU, csrf_token="t", path="/callbacks")
    assert 409 == page.status
    assert f'<a href="#show-number">{NumberNotShown().message(language)}</a>' in html
    assert 'id="show-number"' in html
    assert "没人接</textarea>" in html


async def test_a_claim_opens_nothing(slices: Slices) -> None:
    """Nobody of the unit that answered can claim or give back; of what has become private nothing is shown or kept."""
    await show_contact(slices.unit, WU, CASE, **LOOK)
    theirs = Principal(role=Role.DISPATCHER, name="zhao", department=LEAD)
    assert [] == await _shown(slices, theirs)
    with pytest.raises(Forbidden):
        await give_back(slices.unit, theirs, CASE, **_BACK)
    await slices.unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1", CASE)
    for who in (WU, LI):
        with pytest.raises(NotFound):
            await give_back(slices.unit, who, CASE, **_BACK)
    await slices.unit.db.execute('UPDATE sla."case" SET private = true WHERE case_id = $1', CASE)
    await draw_day(slices)

    assert [(None, None)] == [(each.claimed_by, each.claimed_until) for each in await calls(slices)]


async def test_what_is_open_again_is_claimed_by_nobody(slices: Slices) -> None:
    """The claim ends with the call-back; the next one of the case is anybody's."""
    await show_contact(slices.unit, WU, CASE, **LOOK)
    await slices.unit.db.execute('UPDATE sla."case" SET closed_at = NULL WHERE case_id = $1', CASE)
    with pytest.raises(ActionNotAllowed):
        await give_back(slices.unit, LI, CASE, **_BACK)
    await draw_day(slices)

    assert [("void", None)] == [(each.state, each.claimed_by) for each in await calls(slices)]


def _call(slices: Slices, who: Principal, form: Mapping[str, str], language: Language = Language.ZH) -> Call:
    return Call(
        principal=who, language=language, path={"case_id": CASE}, headers={}, address="10.0.0.1",
        unit_or_none=slices.unit, query=web.CallBackQuery(), form=form,
    )  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
async def test_the_pages_say_who_calls(slices: Slices, language: Language) -> None:
    """In the list and on the page; another's form is refused with what was typed; the button gives it back."""
    renderer = renderer_of(CITY)
    desk = web.CallDesk(city=CITY, matters=KeptMatters(), lives=NamelessLives(KEYS), **ASK, **KNOW)
    typed = {
        "number": "1",
        "reached": "yes",
        "contacted": "yes",
        "solved": "yes",
        "satisfied": "yes",
        "note": "已修好",
    }

    async def page(answer: Any, who: Principal, status: int = 200) -> str:
        found = await answer(_call(slices, who, typed if status != 200 else {}, language), on=desk)
        assert isinstance(found, Page)
        assert status == found.status
        return renderer.render(found, language=language, principal=who, csrf_token="t", path="/callbacks")

    assert 'id="calling"' not in await page(web.show_one, LI)
    assert "/release" in await page(web.contact_page, WU)
    assert "wu" in await page(web.show_list, LI)
    others = await page(web.show_one, LI)
    assert 'id="calling"' in others
    assert not [each for each in ("/release", f"/callbacks/{CASE}/number", "13800138000") if each in others]
    assert "已修好" in await page(web.record_page, LI, 409)
    for answer in (web.contact_page, web.give_back_page):
        assert "13800138000" not in await page(answer, LI, 409)
    back = await web.give_back_page(_call(slices, WU, {}), on=desk)
    assert Redirect(to="/callbacks?done=back") == back
    assert 'id="calling"' not in await page(web.show_one, LI)


@pytest.mark.parametrize("language", list(Language))
async def test_whoever_comes_too_late_sees_the_list_as_it_is(slices: Slices, language: Language) -> None:
    """Another wrote down what came of the call: each form of the page says so, and keeps what was written."""
    renderer = renderer_of(CITY)
    desk = web.CallDesk(city=CITY, matters=KeptMatters(), lives=NamelessLives(KEYS), **ASK, **KNOW)
    done = {"number": "1", "reached": "yes", "contacted": "yes", "solved": "yes", "satisfied": "yes"}
    assert isinstance(await web.record_page(_call(slices, WU, done), on=desk), Redirect)
    forms = [route for route in web.page_routes(desk) if route.method == "POST"]

    for route in forms:
        call = _call(slices, LI, {**done, "note": "已修好"}, language)
        call.query = None
        page = await route.answer(call)

        assert isinstance(page, Page)
        html = renderer.render(page, language=language, principal=LI, csrf_token="t", path="/callbacks")
        assert 409 == page.status
        assert Overtaken().message(language) in html
        assert '<p class="govuk-body written" lang="zh">已修好</p>' in html
    assert 3 == len(forms)


async def test_whoever_calls_keeps_the_number_while_they_correct_the_form(slices: Slices) -> None:
    """And what they typed; whoever has not asked for the number, or whose time is over, does not get it with an error."""
    renderer = renderer_of(CITY)
    desk = web.CallDesk(city=CITY, matters=KeptMatters(), lives=NamelessLives(KEYS), **ASK, **KNOW)
    incomplete = {"number": "1", "reached": "yes", "note": "市民说还没修"}

    async def corrected() -> str:
        found = await web.record_page(_call(slices, WU, incomplete), on=desk)
        assert isinstance(found, Page)
        assert 422 == found.status
        html = renderer.render(found, language=Language.ZH, principal=WU, csrf_token="t", path="/callbacks")
        assert "市民说还没修</textarea>" in html
        return html

    assert "13800138000" not in await corrected()
    await web.contact_page(_call(slices, WU, {}), on=desk)
    assert "13800138000" in await corrected()
    slices.unit.now += _CLAIM
    assert "13800138000" not in await corrected()


async def test_calls_within_minutes_are_one(slices: Slices) -> None:
    """Three within three minutes settled it as not reached: whoever wished to bury a bad rating had it by lunch."""
    for minutes in (1, 1, 1, 60, 60, 57):
        await written(slices, IN_VAIN)
        slices.unit.now += timedelta(minutes=minutes)
    assert [("open", 1)] == [(each.state, each.tries) for each in await calls(slices)]
    await written(slices, IN_VAIN)
    assert [("open", 2)] == [(each.state, each.tries) for each in await calls(slices)]
    slices.unit.now += timedelta(hours=call_back_rule().apart_hours)
    await written(slices, IN_VAIN)

    assert [("unreached", 3)] == [(each.state, each.tries) for each in await calls(slices)]
