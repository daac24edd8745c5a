"""The desk as a clerk uses it: what the pages show, and what their forms do."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from deploy.web.site.render import renderer_of
from handlers.steps import assign, handle_events, read_cases
from handlers.web import pages
from schemas.city import load_city
from schemas.errors import Forbidden, NotFound
from schemas.events.routing import ReviewDecided, SupplementJudged
from schemas.events.sla import CaseUrged
from schemas.http import DRAFT_FIELD, Call, Page, Principal, Redirect, Route, read
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Contact, Place
from schemas.words import Language, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.clocks import OneClock
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, routed

CITY = load_city()
FREE_TEXTS = ("note", "response", "reason")


class Register:
    """Contact details."""

    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        """Zhang San's."""
        return Contact(name="张三", phone="13812345678")


class Clerk:
    """Opens pages and sends the forms on them, as a browser would."""

    def __init__(
        self, unit: RecordingUnit, department: DepartmentCode, language: Language = Language.ZH
    ) -> None:
        self.unit = unit
        self.who = Principal(role=Role.DEPARTMENT, name="wang", department=department)
        self.language = language
        self.renderer = renderer_of(CITY)
        self.routes = pages.routes(city=CITY, contacts=Register(), clocks=OneClock())
        self.html = ""
        self.status = 0

    async def open(self, address: str) -> str:
        """GET."""
        path, _, query = address.partition("?")
        return await self._show(await self._ask("GET", path, dict(parse_qsl(query))))

    async def send(self, action: str, **typed: str) -> str:
        """POST the page's form with that address, hidden fields included; follows the redirect."""
        form = next(
            form
            for form in self.forms()
            if form["action"].endswith(action) and typed.get("step", form["step"]) == form["step"]
        )
        fields = {**form["hidden"], **{name: value for name, value in typed.items() if name != "step"}}
        assert set(typed) - {"step"} <= set(form["fields"])
        return await self.post(form["action"], fields)

    async def post(self, address: str, fields: Mapping[str, str]) -> str:
        """POST any fields; follows the redirect."""
        answer = await self._ask("POST", address, fields)
        if isinstance(answer, Redirect):
            return await self.open(answer.to)
        return await self._show(answer)

    def forms(self) -> list[dict[str, Any]]:
        """The forms of the page: where they lead, what they hold hidden, what can be typed."""
        found = []
        for action, inside in re.findall(
            r'<form method="post" action="(/desk[^"]+)"[^>]*>(.*?)</form>', self.html, re.S
        ):
            hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside)
            fields = re.findall(r'<(?:textarea|input)(?![^>]*type="hidden")[^>]* name="([^"]+)"', inside)
            values = {name: unescape(value) for name, value in hidden}
            found.append({"action": action, "hidden": values, "fields": fields, "step": values.get("step")})
        return found

    async def _ask(self, method: str, path: str, given: Mapping[str, str]) -> Page | Redirect:
        route, variables = self._route(method, path)
        query = read(route.query, dict(given), strict=False) if route.query else None
        call = Call(
            principal=self.who, language=self.language, path=variables, headers={}, address="10.0.0.1",
            form=given if method == "POST" else {}, query=query, unit_or_none=self.unit,
        )  # fmt: skip
        answer: Page | Redirect = await route.answer(call)
        return answer

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        for route in self.routes:
            pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path)
            if route.method == method and (found := re.fullmatch(pattern, path)):
                return route, found.groupdict()
        raise AssertionError(f"no page answers {method} {path}")

    async def _show(self, answer: Page | Redirect) -> str:
        assert isinstance(answer, Page)
        self.status = answer.status
        self.html = self.renderer.render(
            answer,
            language=self.language,
            principal=self.who,
            csrf_token="t",
            path="/desk",
            is_just_done=True,
        )
        return self.html


@pytest.fixture
def clerk(unit: RecordingUnit) -> Clerk:
    """Of housing."""
    return Clerk(unit, HOUSING)


async def opened(unit: Unit, **fields: Any) -> CaseId:
    """A case with housing."""
    event = routed(**fields)
    await assign.open_cases(unit, [event])
    return event.case_id


async def test_an_empty_desk_says_so(clerk: Clerk) -> None:
    """In a sentence, not with an empty table."""
    html = await clerk.open("/desk?state=assigned")

    assert "没有待签收的件" in html
    assert "<table" not in html


async def test_a_case_from_the_list_to_the_published_reply(unit: RecordingUnit, clerk: Clerk) -> None:
    """Everything a clerk does, by the forms that the pages offer."""
    case_id = await opened(unit, place=Place(address="人民路", longitude=117.2, latitude=31.8))
    html = await clerk.open("/desk")
    assert f'href="/desk/{case_id}"' in html

    html = await clerk.open(f"/desk/{case_id}")
    assert "小区门口的路灯不亮" in html
    assert "人民路" in html
    html = await clerk.send("/sign")
    assert "已签收。请在答复时限前办理并答复。" in html

    await clerk.send("/note", text="已派人")
    await clerk.send("/co-handle", departments=TRANSPORT, reason="联合检查")
    html = await clerk.send("/suspend", reason="等材料", basis="鉴定合同", until="2026-11-30")
    assert "挂起申请正在等待派单员决定，照常计时。" in html
    assert 0 == html.count('<span class="tag tag--quiet">暂停计时</span>')
    await _decided(unit, case_id, ReviewKind.SUSPENSION)
    html = await clerk.open(f"/desk/{case_id}")
    assert "挂起中，到 2026-11-30 24:00 自动恢复办理。" in html
    assert 2 == html.count('<span class="tag tag--quiet">暂停计时</span>')
    assert 2 == html.count("：到 2026-11-30 24:00")
    assert '依据：<span lang="zh">鉴定合同</span>' in html
    await clerk.send("/resume")
    html = await clerk.send("/extend", working_days="3", reason="还要等")
    assert "延期申请正在等待派单员决定" in html

    html = await clerk.send("/reply", note="内部情况", response="已修复，电话13912345678")
    assert "已修复，电话139****5678" in html
    assert "号码类个人信息已自动遮盖" in html
    html = await clerk.send("/reply", step="edit")
    assert "已修复，电话13912345678</textarea>" in html
    await clerk.send("/reply", note="内部情况", response="已修复")
    html = await clerk.send("/reply", step="send")
    assert "答复已提交，等待审核。" in html

    await _decided(unit, case_id, ReviewKind.REPLY)
    html = await clerk.open("/desk?state=ended")
    assert case_id in html
    await clerk.open(f"/desk/{case_id}")
    assert clerk.forms() == []


async def _decided(unit: Unit, case_id: CaseId, kind: ReviewKind) -> None:
    case = await read_cases.read_case(unit, HOUSING, case_id)
    review = ReviewDecided(
        case_id=case_id, version=case.version, at=MONDAY, kind=kind, accepted=True, decided_by="li"
    )
    await handle_events.decide_reviews(unit, [review], city=CITY)


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("reply", {"step": "preview", "note": "内部情况", "response": "已修复灯头"}),
        ("reply", {"step": "send", "note": "内部情况", "response": "已修复灯头"}),
        ("extend", {"working_days": "3", "reason": "还要等材料"}),
        ("co-handle", {"departments": TRANSPORT, "reason": "联合检查"}),
        ("contact", {"reason": "约时间上门"}),
    ],
)
async def test_a_draft_is_shown_as_typed(
    unit: RecordingUnit, clerk: Clerk, action: str, typed: dict[str, str]
) -> None:
    """Whoever had to sign in again acts with the next press of the button, not with the one before."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    before = await read_cases.read_case(unit, HOUSING, case_id)

    html = await clerk.post(f"/desk/{case_id}/{action}", {**typed, "version": "1", DRAFT_FIELD: "yes"})

    assert 200 == clerk.status
    assert all(f"{text}</textarea>" in html for name, text in typed.items() if name in FREE_TEXTS)
    assert 'value="transport" checked' in html or "departments" not in typed
    assert "13812345678" not in html
    assert "该件已有更新" in html
    assert before == await read_cases.read_case(unit, HOUSING, case_id)


async def test_what_a_colleague_was_quicker_with_loses_nobodys_words(
    unit: RecordingUnit, clerk: Clerk
) -> None:
    """The case takes no reply any more; what was typed for it is shown to be copied, and is nowhere stored."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    await clerk.send("/sign")
    case = await read_cases.read_case(unit, HOUSING, case_id)
    first = {"version": str(case.version), "step": "send", "note": "已换灯头", "response": "路灯已修好"}
    await clerk.post(f"/desk/{case_id}/reply", first)

    html = await clerk.post(
        f"/desk/{case_id}/reply", {**first, "note": "另派了一队", "response": "我写的另一份答复"}
    )
    shown = html[html.index('id="unsent"') :]

    assert 409 == clerk.status
    assert "我写的另一份答复" in shown
    assert "另派了一队" in shown


async def test_only_what_is_allowed_has_a_form(unit: RecordingUnit) -> None:
    """A supporting department finds the note, and nothing that is the lead's."""
    case_id = await opened(unit, supporting=(TRANSPORT,), has_contact=False)
    support = Clerk(unit, TRANSPORT)
    await support.open(f"/desk/{case_id}")

    assert [form["action"] for form in support.forms()] == [f"/desk/{case_id}/note"]


async def test_a_supporting_department_reads_who_replies(unit: RecordingUnit, clerk: Clerk) -> None:
    """It has no form to sign or reply with; the sentence says why. The lead needs none."""
    case_id = await opened(unit, supporting=(TRANSPORT,))
    sentence = f"由主办单位（{CITY.department[HOUSING].name(Language.ZH)}）签收和答复"

    assert sentence in await Clerk(unit, TRANSPORT).open(f"/desk/{case_id}")
    assert sentence not in await clerk.open(f"/desk/{case_id}")


async def test_supervision_is_not_called_an_urging(unit: RecordingUnit, clerk: Clerk) -> None:
    """Each stands in the history by its own name."""
    case_id = await opened(unit)
    urged = CaseUrged(case_id=case_id, version=3, at=MONDAY, by="sun")
    for event in (urged, msgspec.structs.replace(urged, supervised=True)):
        await handle_events.count_urgings(unit, [event])
    history = (await clerk.open(f"/desk/{case_id}")).partition('<ol class="timeline">')[2]

    assert (1, 1) == (history.count("收到催办"), history.count("列入督办"))


async def test_the_desk_shows_whose_time_runs(unit: RecordingUnit, clerk: Clerk) -> None:
    """Until when, and what would stop it; a part is named with its department, and stands still until then."""
    case_id = await opened(unit)
    html = " ".join((await clerk.open(f"/desk/{case_id}")).partition('id="clocks"')[2].split())

    name = CITY.department[TRANSPORT].name(Language.ZH)
    assert "<strong>答复时限</strong>：主办单位" in html
    assert "停表：答复" in html
    assert "按本单位的工作时间计时：周一至周六" in html
    assert "按本单位的工作时间计时：周一至周六" in await clerk.open("/desk")
    assert f"<strong>协办时限</strong>：协办单位 {name}" in html
    assert "暂停 最晚到 2026-11-23 10:00" in html


async def test_the_history_says_how_long_and_with_whom(unit: RecordingUnit, clerk: Clerk) -> None:
    """An extension with its days, a request for help with the departments, a note line by line."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    for action, typed in (
        ("/sign", {}),
        ("/note", {"text": "第一行\n第二行"}),
        ("/co-handle", {"departments": TRANSPORT, "reason": "联合检查"}),
        ("/extend", {"working_days": "3", "reason": "还要等"}),
    ):
        html = await clerk.send(action, **typed)
    history = html.partition('<ol class="timeline">')[2]

    assert "已申请延期</strong>：3 个工作日" in history
    assert f"增加协办单位</strong>：{CITY.department[TRANSPORT].name(Language.ZH)}" in history
    assert '<div class="written" lang="zh">第一行\n第二行</div>' in history


async def test_what_was_typed_is_kept_when_refused(unit: RecordingUnit, clerk: Clerk) -> None:
    """With a summary that leads to the field, and the form still open."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    html = await clerk.send("/return", reason="不归我们管", basis="")

    assert clerk.status == 422
    assert '<a href="#return-basis">依据：此项必填。</a>' in html
    assert 'id="return-basis"' in html
    assert "不归我们管</textarea>" in html
    assert re.search(r'<details[^>]* id="return" open>', html)


async def test_a_case_that_changed_meanwhile_says_so(unit: RecordingUnit, clerk: Clerk) -> None:
    """The second of two clerks keeps what they typed."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    stale = clerk.html
    await clerk.send("/sign")
    clerk.html = stale
    html = await clerk.send("/note", text="已派人")

    assert clerk.status == 409
    assert "请先看最新情况" in html
    assert "已派人</textarea>" in html


async def test_contact_details_are_shown_on_a_page_of_their_own(unit: RecordingUnit, clerk: Clerk) -> None:
    """After a reason, which stays on the timeline."""
    case_id = await opened(unit)
    html = await clerk.open(f"/desk/{case_id}")
    assert "13812345678" not in html
    assert "13812345678" in await clerk.send("/contact", reason="核实位置")
    assert "核实位置" in await clerk.open(f"/desk/{case_id}")
    await clerk.send("/contact", reason="")
    assert clerk.status == 422
    db: Any = unit.db
    await db.execute('UPDATE handlers."case" SET state = $2 WHERE case_id = $1', case_id, "closed")
    html = await clerk.post(f"/desk/{case_id}/contact", {"reason": "核实位置"})
    assert (403, True, False) == (clerk.status, "情况已有变化" in html, "13812345678" in html)


async def test_another_departments_page_is_not_there(unit: RecordingUnit) -> None:
    """Whatever is guessed."""
    case_id = await opened(unit)
    stranger = Clerk(unit, TRANSPORT)

    with pytest.raises(NotFound):
        await stranger.open(f"/desk/{case_id}")
    stranger.html = f'<form method="post" action="/desk/{case_id}/contact"><input name="reason"></form>'
    with pytest.raises((NotFound, Forbidden)):
        await stranger.send("/contact", reason="x")


async def test_whatever_a_citizen_wrote_is_text(unit: RecordingUnit, clerk: Clerk) -> None:
    """Never markup."""
    bad = "<script>alert(1)</script>"
    case_id = await opened(unit, title=bad, text=bad, place=Place(address=bad))
    await handle_events.supplement_cases(
        unit, [SupplementJudged(case_id=case_id, version=1, at=MONDAY, text=bad, supplemented_at=MONDAY)]
    )

    assert "<script>alert" not in await clerk.open("/desk")
    assert "<script>alert" not in await clerk.open(f"/desk/{case_id}")


async def test_the_desk_speaks_english(unit: RecordingUnit) -> None:
    """All of it but what people wrote."""
    case_id = await opened(unit, title="Lamp", text="dark", lead=HOUSING)
    clerk = Clerk(unit, HOUSING, Language.EN)
    for address in ("/desk", f"/desk/{case_id}?done=sign"):
        inside = (await clerk.open(address)).partition("<main")[2].partition("</main>")[0]
        assert not re.search(r"[\u4e00-\u9fff]", inside), address


async def test_a_form_that_is_sent_twice_did_not_fail(unit: RecordingUnit, clerk: Clerk) -> None:
    """The second press of a button finds the first one's work done, once; a moment later, or by another, it is refused."""
    case_id = await opened(unit)
    await clerk.open(f"/desk/{case_id}")
    (form,) = [form for form in clerk.forms() if form["action"].endswith("/sign")]
    await clerk.send("/sign")

    again = await clerk.post(form["action"], form["hidden"])
    signed = [entry for entry in unit.emitted if entry.type == "case.signed.v1"]
    assert ("已签收。请在答复时限前办理并答复。" in again, 200, 1) == (True, clerk.status, len(signed))
    clerk.who = replace(clerk.who, name="li")
    await clerk.post(form["action"], form["hidden"])
    assert 409 == clerk.status
    clerk.who = replace(clerk.who, name="wang")
    unit.now += timedelta(seconds=6)
    await clerk.post(form["action"], form["hidden"])
    assert 409 == clerk.status
