"""Whom to call, told at every door and in every answer about a case whose citizen tells of danger, on a real Postgres."""

import json
import threading
from typing import Any

import pytest

from deploy.composition.danger_ear import RulesEar
from deploy.web.problems import problem
from intake.core.danger import finder_of
from intake.steps.handle_events import update_views
from intake.web.danger_lines import ToldInVain
from routing.core.rules import RoutingRules, load_rules
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, HuiyinError, Unavailable
from schemas.events.handlers import CaseClosed, ReplyPublished
from schemas.http import Page, Principal
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register, signed
from tests.integration.intake.test_handle_events import CASE, said

_CODE = "/api/v1/submissions/{tracking_code}"
_AT = {"tracking_code": CASE.codes.tracking_code}
_ACCESS = {"access-code": CASE.codes.access_code}
_CODES = {"tracking_code": CASE.codes.tracking_code, "access_code": CASE.codes.access_code}


class _Ear:
    """Hears two words, which no list holds."""

    stirs = staticmethod(finder_of("嗡吱"))

    def hears(self, title: str, text: str, /) -> bool:
        """Either."""
        return "嗡" in f"{title}{text}" or "吱" in text


@pytest.fixture(scope="module")
def rules() -> RoutingRules:
    """The shipped ones, read once."""
    return load_rules()


@pytest.fixture
def site(unit: RecordingUnit) -> Site:
    """Intake's web, with an ear."""
    return Site(ear=_Ear(), clock=lambda: unit.now)


def _numbers(lines: Any) -> list[str]:
    return [line.number for line in lines]


def _numbers_in(refusal: HuiyinError) -> list[str]:
    """As whoever was refused reads them."""
    return [line["number"] for line in problem(refusal, Language.ZH).get("call_now", ())]


async def test_every_door_that_programs_use_names_the_lines(site: Site) -> None:
    """The API, and Open311 before anything else that it says, in the caller's language."""
    body = {"title": "楼下", "text": "楼下着火了，有人昏迷"}
    receipt: Any = await site.call(None, "POST", "/api/v1/submissions", body)
    heard: Any = await site.call(None, "POST", "/api/v1/submissions", body | {"text": "头上嗡嗡响"})
    calm: Any = await site.call(None, "POST", "/api/v1/submissions", body | {"text": "路灯不亮"})

    assert ["119", "120"] == _numbers(receipt.call_now)
    assert ["119", "120", "110"] == _numbers(heard.call_now)
    assert () == calm.call_now


_EVERY = ["119", "120", "110"]


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("The street lamp at 12 Wangjiang Road is out.", []),
        ("My colleague's sleeve is caught in the lathe and it drags him in", _EVERY),
        ("粉碎机那里喊了一声就没动静了，进去看只剩只鞋", _EVERY),
        ("楼下着火了", ["119"]),
        ("路灯三天不亮了", []),
    ],
)
async def test_every_door_names_the_same_lines(
    unit: RecordingUnit, rules: RoutingRules, said: str, numbers: list[str]
) -> None:
    """What only the weights hear, too: the page named all three, and no program was told any."""
    site = Site(ear=RulesEar(lambda: rules))
    body = {"title": said, "text": said}
    call = {
        "call_id": "C-1",
        "started_at": "2026-11-23T10:00:00+08:00",
        "turns": [{"speaker": "citizen", "text": said, "at_seconds": 3}],
    }
    agent = Principal(role=Role.HOTLINE, name="desk")
    form: Any = {
        "service_code": load_city().categories[0].code,
        "description": said,
        "address_string": "Wangjiang Road",
    }
    told: list[Any] = [
        await site.call(None, "POST", "/api/v1/submissions", body),
        await site.call(unit, "POST", "/api/v1/mini-app/submissions", **signed(body, "d" * 16)),
        await site.call(None, "POST", "/api/v1/hotline/transcripts", call, principal=agent),
    ]
    open311: Any = await site.call(
        None, "POST", "/open311/v2/requests.{format}", form, at={"format": "json"}, form=form
    )
    page: Any = await site.call(None, "POST", "/submit/done", form=body | {"nonce": "n"})

    assert [numbers] * 3 == [_numbers(each.call_now) for each in told]
    notice = json.loads(open311.body)[0]["service_notice"] or ""
    assert [each in notice for each in _EVERY] == [each in numbers for each in _EVERY]
    assert numbers == page.context["told"]
    assert numbers == _numbers(page.context["receipt"].call_now)


async def test_a_mini_app_is_told_whom_to_call(unit: RecordingUnit) -> None:
    """With what it sends, and with what is refused of it: its citizen reads that in the app."""
    site = Site()
    path, danger = "/api/v1/mini-app/submissions", {"title": "楼下", "text": "楼下着火了"}
    told: Any = await site.call(unit, "POST", path, **signed(danger, "t" * 16))
    with pytest.raises(BadInput) as refusal:
        await site.call(unit, "POST", path, **signed(danger | {"contact": {"phone": "x"}}, "u" * 16))

    assert ["119"] == _numbers(told.call_now) == _numbers_in(refusal.value)


async def test_what_cannot_be_taken_is_refused_with_whom_to_call(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong field and a Kafka that is away are no reason to tell nobody; of anything else nothing is added."""
    danger, calm = {"title": "楼下", "text": "头上吱吱响"}, {"title": "路灯", "text": "不亮"}

    async def away(_: object) -> None:
        raise Unavailable("kafka")

    for more, refused in (({"contact": {"phone": "x"}}, BadInput), ({}, Unavailable)):
        for body, numbers in ((danger, ["119", "120", "110"]), (calm, [])):
            with pytest.raises(refused) as refusal:
                await site.call(None, "POST", "/api/v1/submissions", body | more)
            assert refusal.value.__cause__ is not refusal.value
            assert numbers == _numbers_in(refusal.value)
        monkeypatch.setattr(site.kafka, "publish", away)


async def test_a_form_that_was_sent_is_answered_by_what_takes_more_than_rules(site: Site) -> None:
    """The page has time for the whole ear; also where the form comes back for something else."""
    form = {"title": "楼下", "text": "头上吱吱响", "nonce": "n"}
    sent: Any = await site.call(None, "POST", "/submit/done", form=form)
    wrong: Any = await site.call(None, "POST", "/submit/done", form=form | {"phone": "x"})

    assert ["119", "120", "110"] == sent.context["told"] == wrong.context["told"]
    assert 422 == wrong.status


async def test_a_long_text_is_heard_while_others_are_served(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a thread of its own, refused, sent and read; a short one at once."""
    threads: list[bool] = []
    hears = _Ear.hears

    def heard(self: _Ear, title: str, text: str, /) -> bool:
        threads.append(threading.current_thread() is threading.main_thread())
        return hears(self, title, text)

    monkeypatch.setattr(_Ear, "hears", heard)
    for length, is_main in ((100, True), (9_000, False)):
        text = "灯" * length + "吱"
        wrong = {"title": "", "text": text}
        with pytest.raises(BadInput) as refusal:
            await site.call(None, "POST", "/api/v1/submissions", wrong)
        assert ["119", "120", "110"] == _numbers_in(refusal.value)
        await site.call(None, "POST", "/submit/done", form={"title": "灯", "text": text, "nonce": "n"})
        assert {is_main} == set(threads)
        threads.clear()


async def test_an_open_case_names_the_lines_for_a_day(site: Site, unit: RecordingUnit) -> None:
    """Whatever is added, answered or said with a rating, on the page and in the API; a day later no more."""
    await register(unit, CASE)
    calm: Any = await site.call(unit, "GET", _CODE, at=_AT, headers=_ACCESS)
    told: Any = await site.call(
        unit, "POST", f"{_CODE}/supplement", {"text": "头上吱吱响"}, at=_AT, headers=_ACCESS
    )
    page: Any = await site.call(unit, "POST", "/follow", form=_CODES)

    assert [] == calm.call_now
    assert ["119", "120", "110"] == _numbers(told.call_now)
    assert ["119", "120", "110"] == page.context["told"]
    assert {"119", "120", "110"} == page.context["kept"]

    await unit.db.execute("UPDATE intake.supplement SET at = at - interval '25 hours'")
    later: Any = await site.call(unit, "GET", _CODE, at=_AT, headers=_ACCESS)
    assert [] == later.call_now


async def test_danger_in_a_rating_is_answered_at_once(site: Site, unit: RecordingUnit) -> None:
    """And in Open311's answer about one's own case."""
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    body = {"score": 1, "comment": "没有解决，现在又漏煤气了"}
    rated: Any = await site.call(unit, "POST", f"{_CODE}/rating", body, at=_AT, headers=_ACCESS)
    assert ["119"] == _numbers(rated.call_now)

    at = _AT | {"format": "json"}
    shown: Any = await site.call(
        unit, "GET", "/open311/v2/requests/{tracking_code}.{format}", at=at, headers=_ACCESS
    )
    assert "119" in json.loads(shown.body)[0]["service_notice"]


async def test_words_of_danger_that_are_not_taken_are_refused_with_whom_to_call(
    site: Site, unit: RecordingUnit
) -> None:
    """A closed case takes no addition: the refusal names the lines first, and where a new message is sent."""
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    path = f"{_CODE}/supplement"
    with pytest.raises(ToldInVain) as refusal:
        await site.call(unit, "POST", path, {"text": "头上吱吱响"}, at=_AT, headers=_ACCESS)
    with pytest.raises(ActionNotAllowed) as calm:
        await site.call(unit, "POST", path, {"text": "路灯还是不亮"}, at=_AT, headers=_ACCESS)

    assert not isinstance(calm.value, ToldInVain)
    assert (409, "not-allowed-now") == (refusal.value.status, refusal.value.code)
    assert ["119", "120", "110"] == _numbers_in(refusal.value)
    assert "closed" == refusal.value.facts["state"]
    for language in Language:
        message = refusal.value.message(language)
        assert all(number in message for number in ("119", "120", "110", "/submit"))

    form = _CODES | {"supplement": "头上吱吱响"}
    page = await site.call(unit, "POST", "/follow/{action}", form=form, at={"action": "supplement"})
    assert isinstance(page, Page)
    assert (409, "头上吱吱响") == (page.status, page.context["unsent"])
    assert ["119", "120", "110"] == page.context["told"]
    assert {"119", "120", "110"} == page.context["kept"]
