"""What sounds like danger though no rule finds it, as dispatchers meet it."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.review import Decision
from routing.core.decisions.splitting import NamedMatter
from routing.core.rules import load_rules
from routing.core.suspicion.sentences import Subject
from routing.core.suspicion.stored import shipped
from routing.steps.decide import decide
from routing.steps.read_queue import read_alarming, read_urged
from routing.web import pages, queries
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.http import Page, Redirect
from schemas.notices import Notice, Occasion
from schemas.words import Language
from tests.integration.routing.cases import registered, route
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
#: No rule finds either; of the first the weights are sure, of the second not.
TOLD = ("粉碎机", "粉碎机那里喊了一声就没动静了，进去看只剩只鞋")
HINTED = ("豆腐坊", "豆腐坊的锅炉嗡嗡抖，墙都跟着跳，老板拿砖头压着阀")


async def _queue(unit: Any, language: Language = Language.ZH) -> str:
    page = await pages.show_queue(call_of(unit, query=queries.QueueQuery(), language=language), city=CITY)
    return html_of(page, language)


async def _shown(unit: Any, case_id: str, language: Language) -> str:
    call = call_of(unit, case_id, query=queries.CaseQuery(), language=language)
    return html_of(await pages.show_case(call, city=CITY), language)


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        (Language.ZH, "疑似有人遇险，请先核实"),
        (Language.EN, "Sounds as if somebody were in danger: look into these first"),
    ],
)
async def test_what_may_be_danger_is_listed_above_the_queue_and_told_at_once(
    unit: Any, language: Language, heading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much waits longer, and how long it does; its own page says by which weights, and which words. One notice."""
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    told: list[Notice] = []
    monkeypatch.setattr(unit, "notify", told.append)
    assert heading not in await _queue(unit, language)
    event = registered(HINTED)
    for _ in range(2):
        await route(unit, [event])
    await unit.db.execute(
        "UPDATE routing.review_item SET opened_at = $2 WHERE case_id = $1::uuid",
        event.case_id,
        unit.now - timedelta(minutes=25),
    )
    html = await _queue(unit, language)
    above = html[html.index('id="alarming"') : html.index('aria-label="', html.index('id="alarming"'))]
    case = await _shown(unit, event.case_id, language)

    assert [(Occasion.SUSPECTED, event.case_id)] == [(notice.occasion, notice.case_id) for notice in told]
    assert heading in above
    assert language.choose("已等待 25 分钟", "Waiting 25 min") in above
    assert f'href="/review/{event.case_id}"' in above
    edition = shipped(Subject.DANGERS).version
    assert "锅炉嗡嗡抖" in case
    assert language.choose(f"”（模型 {edition}）", f"” (model {edition})") in case


async def test_what_woke_somebody_last_is_always_listed(unit: Any) -> None:
    """However many wait already: those stand at the queue's front as well, as the oldest."""
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    events = [registered(HINTED) for _ in range(12)]
    await route(unit, events)
    for minutes, event in enumerate(events):
        await unit.db.execute(
            "UPDATE routing.review_item SET opened_at = $2 WHERE case_id = $1::uuid",
            event.case_id,
            unit.now - timedelta(minutes=minutes),
        )
    found, altogether = await read_alarming(unit)
    listed = [waiting.item.case_id for waiting in found]
    chinese, english = await _queue(unit, Language.ZH), await _queue(unit, Language.EN)

    assert listed == [event.case_id for event in events][: len(listed)]
    assert (10, 12) == (len(listed), altogether)
    assert "疑似有人遇险，请先核实 (12)" in chinese
    assert "这里是最新的 10 件；另有 2 件等得更久" in chinese
    assert '<a class="govuk-link" href="/review?kind=dispatch">All that wait to be dispatched</a>' in english


@pytest.mark.parametrize("language", Language)
async def test_a_flood_is_not_counted_to_its_end(unit: Any, language: Language) -> None:
    """Everybody looks at the queue just then: of what stands above it a screen is read, and a thousand are counted."""
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    event = registered(HINTED)
    await route(unit, [event])
    await unit.db.execute("UPDATE routing.case SET urged_count = 1 WHERE case_id = $1::uuid", event.case_id)
    await unit.db.execute(
        """INSERT INTO routing.review_item (case_id, kind, version, opened_at, candidates, reasons, detail)
        SELECT case_id, kind, 1000 + n, opened_at + n * interval '1 second', candidates, reasons, detail
        FROM routing.review_item, generate_series(1, 1200) AS n WHERE case_id = $1::uuid AND kind = 'dispatch'""",
        event.case_id,
    )
    latest, alarming = await read_alarming(unit)
    oldest, urged = await read_urged(unit)
    html = await _queue(unit, language)

    assert (1000, 1000) == (alarming, urged)
    assert list(range(2200, 2190, -1)) == [waiting.item.version for waiting in latest]
    assert list(range(1001, 1010)) == [waiting.item.version for waiting in oldest][1:]
    assert 2 == html.count(" (1000+)</h2>")
    assert language.choose("另有 990+ 件等得更久", "990+ more wait longer") in html


@pytest.mark.parametrize("language", Language)
async def test_what_is_surely_danger_is_an_emergency_like_any_other(
    unit: Any, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands at the queue's head, somebody is told at once, and the page says that no rule knows it."""
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    told: list[Notice] = []
    monkeypatch.setattr(unit, "notify", told.append)
    event = registered(TOLD)
    await route(unit, [event])
    case = await _shown(unit, event.case_id, language)
    version = load_rules().dangers.version

    assert "govuk-warning-text" in await _queue(unit, language)
    assert [(Occasion.EMERGENCY, event.case_id)] == [(notice.occasion, notice.case_id) for notice in told]
    said = language.choose(f"模型（{version}）判为险情", f"how it sounds (model {version})")
    assert said in case


@pytest.mark.parametrize("said", [{"decline": True}, {"merge_into": "other"}])
async def test_what_may_be_danger_is_not_ended_by_one_press(unit: Any, said: dict[str, Any]) -> None:
    """Only by who says that they have looked into it; it is dispatched at once, and in parts, too."""
    event, sent, other = registered(HINTED), registered(HINTED), registered()
    await route(unit, [event, sent, other])
    said = {name: other.case_id if name == "merge_into" else value for name, value in said.items()}
    with pytest.raises(BadInput) as refused:
        await decide(unit, CITY, event.case_id, Decision(version=2, **said), "li")

    assert ["confirm"] == [error.field for error in refused.value.errors]
    decided = await decide(unit, CITY, event.case_id, Decision(version=2, confirm=True, **said), "li")
    assert decided.state in ("declined", "merged")
    parts = (NamedMatter(department="water", text="水管也漏"),)
    await decide(unit, CITY, sent.case_id, Decision(version=2, lead="transport", parts=parts), "li")


async def test_an_emergency_in_hand_is_not_merged_by_one_press(unit: Any) -> None:
    """Its department would have it no more."""
    event, other = registered(), registered()
    await route(unit, [event, other])
    await unit.db.execute("UPDATE routing.case SET urgency = 'emergency' WHERE case_id = $1", event.case_id)
    merged = Decision(version=3, merge_into=other.case_id)
    with pytest.raises(BadInput) as refused:
        await decide(unit, CITY, event.case_id, merged, "li")
    form = {"version": "3", "action": "merge", "merge_into": other.case_id}
    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)
    html = html_of(page, Language.ZH) if isinstance(page, Page) else ""

    assert ["confirm"] == [error.field for error in refused.value.errors]
    assert 'id="in-hand-confirm-error"' in html
    assert 1 == html.count('id="in-hand-confirm"')
    await decide(unit, CITY, event.case_id, replace(merged, confirm=True), "li")


@pytest.mark.parametrize("action", ["decline", "merge"])
async def test_the_form_asks_whether_somebody_has_looked(unit: Any, action: str) -> None:
    """Said beside the form that was sent, once; the box there sends it."""
    event, other = registered(HINTED), registered()
    await route(unit, [event, other])
    form = {
        "version": "2", "kind": "dispatch", "action": action, "decline": "请到社区了解", "merge_into": other.case_id,
    }  # fmt: skip
    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)
    html = html_of(page, Language.ZH) if isinstance(page, Page) else ""

    assert 1 == html.count('id="dispatch-confirm"')
    assert 'href="#dispatch-confirm"' in html
    assert 'id="dispatch-confirm-error"' in html
    done = await pages.decide_on_page(call_of(unit, event.case_id, {**form, "confirm": "true"}), city=CITY)
    assert isinstance(done, Redirect)
