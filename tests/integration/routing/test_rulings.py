"""A ruling from the decision that wrote it to the next message that it sends, in every worker, until it is withdrawn."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from deploy import composition
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from routing.core.decisions.catalogue import NewRuling
from routing.core.decisions.review import Decision
from routing.core.decisions.rulings_in_force import Rulings
from routing.core.judgement import Judges
from routing.core.rules import load_rules
from routing.steps import handle_events
from routing.steps import rulings as steps
from routing.steps.decide import decide
from routing.steps.route import classify_registered, route_cases
from routing.steps.undo import undo
from routing.store import rulings, told
from routing.web import pages
from routing.web import rulings as web
from schemas.city import load_city
from schemas.errors import BadInput, NotFound
from schemas.events.handlers import CaseReturned
from schemas.events.intake import CaseSupplemented, RefusalObjected
from schemas.events.routing import CaseRouted
from schemas.http import Page, Principal, Redirect
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Kind, Language, ReviewKind, Role
from tests.integration.routing.cases import (
    AT,
    CLEAR,
    new_case_id,
    object_to_refusal,
    registered,
    route,
    supplement,
)
from tests.integration.routing.test_queue import call_of, html_of

CITY, RULES = load_city(), load_rules()
HOUSING = DepartmentCode("housing")
#: Nobody's special line.
BOOKS = ("门口的共享书架", "门口的共享书架很旧，请处理。")
#: What in `CLEAR` is a special line.
LINE = ("公交线路延长", "公交站", "公交车", "末班车", "乘客")
SUCH = NewRuling(words=("共享书架",))
SUPERVISOR = Principal(role=Role.SUPERVISOR, name="sun")


async def _returned(unit: Any, words: tuple[str, str] = CLEAR, **more: Any) -> CaseId:
    event = registered(words, **more)
    await route(unit, [event])
    told = CaseReturned(
        case_id=event.case_id, version=4, at=AT, department=DepartmentCode("transport"), reason="不是我局职责",
        basis="三定方案", return_count=1,
    )  # fmt: skip
    await handle_events.review_returns(unit, [told])
    unit.emitted.clear()
    return event.case_id


async def ruled(unit: Any, ruling: NewRuling = SUCH, lead: str = HOUSING, by: str = "li") -> CaseId:
    case_id = await _returned(unit)
    decision = Decision(version=4, kind=ReviewKind.RETURN, accept=True, lead=lead, ruling=ruling)
    await decide(unit, CITY, case_id, decision, by)
    unit.emitted.clear()
    return case_id


async def _next(unit: Any) -> CaseRouted | None:
    """Where the next such message goes, in a worker that looked just now; None: to a dispatcher."""
    judges = Judges()
    judges.rulings = Rulings(await rulings.in_force(unit.db), CITY)
    events = [registered(BOOKS)]
    unit.emitted.clear()
    await route_cases(unit, events, classify_registered(RULES, events, judges=judges))
    said = unit.emitted[-1]
    return said if isinstance(said, CaseRouted) else None


async def test_what_is_ruled_on_a_return_sends_the_next_such_message(unit: Any) -> None:
    """To whom the return went; the route says by which finding; until it is withdrawn."""
    unit.now = AT
    case_id = await ruled(unit)
    said = await _next(unit)
    [row], _ = await steps.read(unit, None, 9)

    assert said is not None
    assert (HOUSING, f"按 2026-11-23 的认定（第 {row.id} 条）") == (said.lead, said.basis)
    assert said.basis == said.reasons[0].words
    assert (("共享书架",), HOUSING, case_id, "li", AT, None) == (
        row.words, row.department, row.case_id, row.decided_by, row.at, row.withdrawn_by
    )  # fmt: skip

    await steps.end(unit, row.id, "wu")
    assert await _next(unit) is None or HOUSING != unit.emitted[-1].lead
    [row], _ = await steps.read(unit, None, 9)
    assert ("wu", AT) == (row.withdrawn_by, row.withdrawn_at)


async def test_a_refused_return_rules_for_its_department(unit: Any) -> None:
    """Whoever gave it back keeps such matters."""
    case_id = await _returned(unit)
    decision = Decision(version=4, kind=ReviewKind.RETURN, accept=False, remarks="属你局", ruling=SUCH)
    await decide(unit, CITY, case_id, decision, "li")

    assert ["transport"] == [one.department for one in await rulings.in_force(unit.db)]


async def test_an_objection_may_be_ruled_on(unit: Any) -> None:
    """By the dispatcher who takes the refused case after all."""
    event = registered(("一件事", "请看一下。"))
    await route(unit, [event])
    await decide(unit, CITY, event.case_id, Decision(version=2, decline=True), "li")
    objection = RefusalObjected(case_id=event.case_id, version=4, at=AT, reason="这是城里的事")
    await object_to_refusal(unit, [objection])
    [item] = [row for row in unit.emitted if getattr(row, "kind", None) is ReviewKind.OBJECTION]
    decision = Decision(version=item.version, kind=ReviewKind.OBJECTION, lead=HOUSING, ruling=SUCH)
    await decide(unit, CITY, event.case_id, decision, "wang")

    assert [(HOUSING, "wang")] == [
        (one.department, one.decided_by) for one in await rulings.in_force(unit.db)
    ]


async def test_it_is_sealed_as_it_was_written(unit: Any) -> None:
    """And so is its end; withdrawn twice, it ended once."""
    case_id = await ruled(unit)
    [row] = await rulings.in_force(unit.db)
    for who in ("wu", "li"):
        await steps.end(unit, row.id, who)
    said = (await told.of_cases(unit.db, [case_id]))[case_id]

    assert [("ruled", "li", f"#{row.id} 共享书架 → housing"), ("unruled", "wu", f"#{row.id}")] == [
        (each.what, each.by, each.words) for each, _ in said
    ]
    assert all(seal == unit.seal(each.text()) for each, seal in said)
    with pytest.raises(NotFound):
        await steps.end(unit, row.id + 1_000_000, "wu")


async def test_of_two_that_contradict_the_second_is_refused(unit: Any) -> None:
    """Named, with the decision that would have written it undone; an exception for a district is taken."""
    await ruled(unit)
    [row] = await rulings.in_force(unit.db)
    case_id = await _returned(unit)
    again = Decision(version=4, kind=ReviewKind.RETURN, accept=True, lead="education", ruling=SUCH)
    with pytest.raises(BadInput) as refused:
        await decide(unit, CITY, case_id, again, "wang")
    assert f"第 {row.id} 条" in refused.value.errors[0].zh
    assert [] == unit.emitted
    await ruled(unit, NewRuling(words=SUCH.words, region=CITY.regions[0].code), "education")

    assert 2 == len(await rulings.in_force(unit.db))


@pytest.mark.parametrize("change", [{"confidential": True}, {"kind": Kind.REPORT}])
async def test_nothing_of_a_private_case_is_ruled(unit: Any, change: dict[str, Any]) -> None:
    """Nor does its page offer it."""
    case_id = await _returned(unit, **change)
    decision = Decision(version=4, kind=ReviewKind.RETURN, accept=True, lead=HOUSING, ruling=SUCH)
    with pytest.raises(BadInput):
        await decide(unit, CITY, case_id, decision, "li")
    html = html_of(await pages.show_case(call_of(unit, case_id), city=CITY), Language.ZH)

    assert 'name="ruling"' not in html
    assert [] == await rulings.in_force(unit.db)


async def test_a_case_protected_since_is_not_named(unit: Any) -> None:
    """Its citizen accuses somebody: the ruling stands without it, in the list and over HTTP."""
    case_id = await ruled(unit)
    said = CaseSupplemented(case_id=case_id, version=9, at=AT, text="交通局局长收了老板的红包")
    await supplement(unit, [said])
    call = replace(call_of(unit, query=web.RulingQuery()), principal=SUPERVISOR)
    [row] = (await web.list_rulings(call)).items

    assert (None, None, ("共享书架",)) == (row.case_id, row.tracking_code, row.words)


async def test_a_decision_without_a_return_rules_nothing(unit: Any) -> None:
    """Neither a first dispatch, nor a move of what a department has in hand."""
    waiting, in_hand = registered(("一件事", "请看一下。")), registered()
    await route(unit, [waiting, in_hand])
    for case_id in (waiting.case_id, in_hand.case_id):
        decision = Decision(version=2, lead=HOUSING, remarks="属该局", ruling=SUCH)
        with pytest.raises(BadInput):
            await decide(unit, CITY, case_id, decision, "li")


async def test_a_decision_that_is_taken_back_rules_nothing(unit: Any) -> None:
    """Whoever takes it back within minutes takes back what it ruled; nobody else's ruling ends."""
    unit.now = AT
    event = registered(("一件事", "请看一下。"))
    await route(unit, [event])
    await decide(unit, CITY, event.case_id, Decision(version=2, decline=True), "li")
    objection = RefusalObjected(case_id=event.case_id, version=4, at=AT, reason="这是城里的事")
    await object_to_refusal(unit, [objection])
    [item] = [row for row in unit.emitted if getattr(row, "kind", None) is ReviewKind.OBJECTION]
    ruling = NewRuling(words=SUCH.words, department=HOUSING)
    decision = Decision(version=item.version, kind=ReviewKind.OBJECTION, lead=HOUSING, ruling=ruling)
    done = await decide(unit, CITY, event.case_id, decision, "wang")
    await ruled(unit, NewRuling(words=("路边", "书亭")))
    await undo(unit, event.case_id, done.version, "wang")

    assert [("书亭", "路边")] == [one.words for one in await rulings.in_force(unit.db)]


async def test_the_form_writes_it_and_keeps_what_was_typed(unit: Any) -> None:
    """Words are offered from the case; a number is refused beside the field; two presses are one ruling."""
    case_id = await _returned(unit)
    for language in Language:
        html = html_of(await pages.show_case(call_of(unit, case_id, language=language), city=CITY), language)
        assert 'id="return-ruling-words"' in html
        assert "公交" in html.split('id="return-ruling-words"')[1].split(">")[0]
        [line] = {
            part.split("</p>")[0]
            for part in html.split('<p class="govuk-body quiet">')[1:]
            if "公交站" in part
        }
        assert f'<span lang="zh">{"、".join(sorted(LINE))}</span>' in line
    form = {
        "action": "reassign", "kind": "return", "version": "4", "lead": HOUSING, "ruling": "yes",
        "ruling_words": "共享书架，13900000000",
    }  # fmt: skip
    refused = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    assert isinstance(refused, Page)
    html = html_of(refused, Language.ZH)
    assert ("个人信息" in html, "共享书架，13900000000" in html) == (True, True)
    for _ in range(2):
        done = await pages.decide_on_page(
            call_of(
                unit, case_id, form | {"ruling_words": "共享书架", "ruling_region": CITY.regions[0].code}
            ),
            city=CITY,
        )
        assert isinstance(done, Redirect)

    assert [(("共享书架",), CITY.regions[0].code)] == [
        (r.words, r.region) for r in await rulings.in_force(unit.db)
    ]


@pytest.mark.parametrize("language", list(Language))
async def test_what_is_wrong_with_a_refusals_ruling_stands_in_its_own_form(
    unit: Any, language: Language
) -> None:
    """Not in the one beside it, which would send the case to another department; nor does its reason."""
    case_id = await _returned(unit)
    form = {
        "action": "refuse", "kind": "return", "version": "4", "remarks": "按三定方案属于你局", "ruling": "yes",
        "ruling_words": "共享书架，13900000000",
    }  # fmt: skip

    refused = await pages.decide_on_page(call_of(unit, case_id, form, language=language), city=CITY)

    assert isinstance(refused, Page)
    html = html_of(refused, language)
    assert 'href="#return-refusal-ruling"' in html
    forms = [each.split("</form>")[0] for each in html.split('<form method="post"')[1:]]
    (sending,) = [each for each in forms if 'value="reassign"' in each]
    (refusing,) = [each for each in forms if 'id="return-refusal"' in each]
    for typed in ("13900000000", "按三定方案属于你局", "govuk-error-message"):
        assert (typed in sending, typed in refusing) == (False, True)


@pytest.mark.parametrize("words", ["共享书架" * 6, "、".join(f"书架{place}" for place in range(6))])
async def test_a_ruling_of_too_many_words_is_refused_whole(unit: Any, words: str) -> None:
    """At its field, with all that was typed."""
    case_id = await _returned(unit)
    form = {
        "action": "reassign", "kind": "return", "version": "4", "lead": HOUSING, "ruling": "yes", "ruling_words": words,
    }  # fmt: skip

    refused = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)

    assert isinstance(refused, Page)
    html = html_of(refused, Language.ZH)
    assert ('href="#return-ruling"' in html, f'value="{words}"' in html) == (True, True)
    assert [] == await rulings.in_force(unit.db)


async def test_what_is_not_ticked_is_not_ruled(unit: Any) -> None:
    """The words that are offered stand in every such form."""
    case_id = await _returned(unit)
    form = {
        "action": "reassign", "kind": "return", "version": "4", "lead": HOUSING, "ruling_words": "公交车",
    }  # fmt: skip
    await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)

    assert [] == await rulings.in_force(unit.db)


async def test_the_page_names_the_department_and_not_a_category_of_the_same_code(unit: Any) -> None:
    """农业农村局 is called as the category 农村农业 is, and the ruling leads to the former."""
    assert "agriculture" in {*CITY.department} & {*CITY.category}
    await ruled(unit, NewRuling(words=SUCH.words, category="agriculture"), "agriculture")
    html = html_of(
        await web.show_page(call_of(unit, query=web.RulingQuery()), city=CITY), Language.ZH, "/review/rulings"
    )

    assert (1, 1) == (html.count(">农业农村局<"), html.count(">农村农业<"))


async def test_the_page_lists_and_withdraws(unit: Any) -> None:
    """Who wrote it and from which case, in both languages; a supervisor reads, and has no button."""
    await ruled(unit)
    [row], _ = await steps.read(unit, None, 9)
    assert row.tracking_code
    for language in Language:
        call = call_of(unit, query=web.RulingQuery(), language=language)
        html = html_of(await web.show_page(call, city=CITY), language, "/review/rulings")
        assert all(
            part in html for part in ("共享书架", CITY.department[HOUSING].name(language), row.tracking_code)
        )
        assert f'name="id" value="{row.id}"' in html
    watching = replace(call_of(unit, query=web.RulingQuery()), principal=SUPERVISOR)
    assert 'name="id"' not in html_of(
        await web.show_page(watching, city=CITY), Language.ZH, "/review/rulings"
    )

    for _ in range(2):
        gone = await web.end_on_page(call_of(unit, new_case_id(), {"id": str(row.id)}))
        assert Redirect(to="/review/rulings?done=true") == gone
    html = html_of(
        await web.show_page(call_of(unit, query=web.RulingQuery()), city=CITY), Language.EN, "/review/rulings"
    )
    assert ('name="id"' in html, "Holds no more" in html) == (False, True)


async def test_what_was_ruled_before_stays_behind_special_lines_and_says_so(unit: Any) -> None:
    """A row of the release before; one whose author said so comes before the lines that it names."""
    await ruled(unit, NewRuling(words=SUCH.words, over_special=True))
    await unit.db.execute(
        """INSERT INTO routing.ruling (words, department, case_id, version, decided_by, at)
        VALUES ('{井盖}', 'housing', gen_random_uuid(), 4, 'li', now())"""
    )
    said = {
        Language.ZH: "排在专业直派之后",
        Language.EN: "Read after special lines",
    }
    for language, words in said.items():
        call = call_of(unit, query=web.RulingQuery(), language=language)
        html = html_of(await web.show_page(call, city=CITY), language, "/review/rulings")
        assert 1 == html.count(words)
        assert words in html.split("井盖</span>")[1].split("</th>")[0]

    assert {("共享书架",): True, ("井盖",): False} == {
        one.words: one.over_special for one in await rulings.in_force(unit.db)
    }


async def test_the_list_goes_page_by_page(unit: Any) -> None:
    """The latest first; over HTTP."""
    for words in ("共享书架", "路边书亭", "社区书屋"):
        await ruled(unit, NewRuling(words=(words,)))
    first = await web.list_rulings(call_of(unit, query=web.RulingQuery(limit=2)))
    rest = await web.list_rulings(call_of(unit, query=web.RulingQuery(limit=2, before=first.next_before)))

    assert [("社区书屋",), ("路边书亭",), ("共享书架",)] == [row.words for row in (*first.items, *rest.items)]
    assert rest.next_before is None


@pytest.fixture
async def pool(schema: str) -> AsyncIterator[Pool]:
    """Connections that commit; nothing is ruled afterwards."""
    settings = Settings.model_validate(
        {"database_url": schema, "secret_key": "a secret for tests only, long enough"}
    )
    async with open_pool(settings) as pool:
        yield pool
        await pool.execute("DELETE FROM routing.ruling_end")
        await pool.execute("DELETE FROM routing.ruling")


async def test_a_worker_knows_it_without_a_restart(schema: str, pool: Pool) -> None:
    """At its next look, as with models; and so it forgets what was withdrawn."""
    settings = Settings.model_validate(
        {"database_url": schema, "secret_key": "a secret for tests only, long enough"}
    )
    judges, event = Judges(), registered(BOOKS)
    await pool.execute(
        """INSERT INTO routing.ruling (words, department, case_id, version, decided_by, at)
        VALUES ('{共享书架}', 'housing', $1, 4, 'li', $2)""",
        event.case_id,
        AT,
    )
    await composition.refresh_judges(settings, pool, judges)
    [ruled] = classify_registered(RULES, [event], judges=judges)
    await pool.execute("INSERT INTO routing.ruling_end SELECT id, 'wu', $1 FROM routing.ruling", AT)
    await composition.refresh_judges(settings, pool, judges)
    [after] = classify_registered(RULES, [event], judges=judges)

    assert (HOUSING, "认定" in ruled.reasons[0].words) == (ruled.lead, True)
    assert not any("认定" in one.words for one in after.reasons)
