"""A caller's other cases beside the one to decide, what waits for want of certainty, and the next case by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from deploy.composition.callers import SealedCallers
from intake.core.registration import prepare_messages
from intake.steps.register import register_cases
from intake.store import register as intake_store
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.read_queue import count_unsure, read_queue
from routing.steps.route import note_duplicates
from routing.web import callers, drift, pages
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.events.intake import DuplicateSuspected
from schemas.http import Page, Principal, Redirect
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.values import Contact
from schemas.words import CaseField, Kind, Language, Role
from tests.integration.intake.calls import register
from tests.integration.routing.cases import AT, UNCLEAR, registered, route
from tests.integration.routing.test_queue import EMERGENCY, call_of, html_of
from tests.unit.intake.messages import KEYS, NEW_KEYS, draft, message

CITY = load_city()


class Known:
    """Whose cases are one caller's, as a test says."""

    def __init__(self, *ids: CaseId) -> None:
        self.ids = ids

    async def earlier(self, unit: Unit, case_id: CaseId) -> Sequence[CaseId]:
        """All but the one that is asked about."""
        return [one for one in self.ids if one != case_id]

    async def of_telephone(self, unit: Unit, telephone: str) -> Sequence[CaseId]:
        """All, whoever calls."""
        return self.ids


async def _shown(
    unit: Any, case_id: CaseId, known: Known, language: Language = Language.ZH
) -> tuple[str, Mapping[CaseId, Any]]:
    call = call_of(unit, case_id, language=language)
    page = await pages.show_case(call, city=CITY, callers=known)
    return html_of(page, language), call.shown


async def test_a_dispatcher_sees_the_callers_other_cases(unit: Any) -> None:
    """How many, their titles and where they stand; that they were shown is written down."""
    event, other = registered(UNCLEAR), registered(("路灯坏了很久", "望江路的路灯不亮。"))
    await route(unit, [event, other])
    html, shown = await _shown(unit, event.case_id, Known(event.case_id, other.case_id))

    assert "同一电话的其他件（1）" in html
    assert "路灯坏了很久" in html
    assert [CaseField.TITLE] == list(shown[other.case_id])


@pytest.mark.parametrize("change", [{"confidential": True}, {"kind": Kind.REPORT}])
async def test_what_is_kept_is_neither_named_nor_counted(unit: Any, change: dict[str, object]) -> None:
    """Nor is anything named beside a case that is kept: it would tell who wrote it."""
    event, kept = registered(UNCLEAR), registered(("不能让人看到的标题", "望江路的路灯不亮。"), **change)
    await route(unit, [event, kept])
    known = Known(event.case_id, kept.case_id)

    html, shown = await _shown(unit, event.case_id, known)
    assert "同一电话" not in html
    assert kept.case_id not in shown

    html, shown = await _shown(unit, kept.case_id, known)
    assert "同一电话" not in html
    assert event.case_id not in shown


async def test_cases_of_one_telephone_are_found_by_its_hash(unit: Any) -> None:
    """The latest first, bounded; none of another number, and none where no number was left."""
    ids = [CaseId(f"0198b2c4-0000-7000-8000-00000000010{number}") for number in range(5)]
    for number, case_id in enumerate(ids):
        await unit.db.execute(
            """INSERT INTO intake.case (case_id, tracking_code, channel, source, content_hash, language, title, text,
                confidential, publish, received_at, registered_at)
            VALUES ($1, $4, 'web', 'web', '', 'zh-Hans', '', '', false, false,
                $2::timestamptz + make_interval(hours => $3), $2)""",
            case_id,
            AT,
            number,
            f"CALLER-{number}",
        )
    phones = [b"one", b"one", b"two", None, b"one"]
    await intake_store.insert_sealed(
        unit.db, [(case_id, b"sealed", phone, None) for case_id, phone in zip(ids, phones, strict=True)]
    )

    assert [ids[4], ids[1]] == await intake_store.same_telephone(unit.db, ids[0], 10)
    assert [ids[4]] == await intake_store.same_telephone(unit.db, ids[0], 1)
    assert [] == await intake_store.same_telephone(unit.db, ids[2], 10)
    assert [] == await intake_store.same_telephone(unit.db, ids[3], 10)


async def _office_called_often(unit: Any) -> list[CaseId]:
    """Sixty cases of one telephone, in the order in which they were received; their ids sort the other way."""
    ids = [CaseId(f"0198b2c4-0000-7000-8000-0000000002{99 - number}") for number in range(60)]
    await unit.db.execute(
        """INSERT INTO intake.case (case_id, tracking_code, channel, source, content_hash, language, title, text,
            confidential, publish, received_at, registered_at)
        SELECT case_id, 'OFFICE-' || n, 'web', 'web', '', 'zh-Hans', '', '', false, false,
            $2::timestamptz + make_interval(hours => n::int), $2
        FROM unnest($1::uuid[]) WITH ORDINALITY AS c (case_id, n)""",
        ids,
        AT,
    )
    await intake_store.insert_sealed(unit.db, [(case_id, b"sealed", b"office", None) for case_id in ids])

    return ids


async def test_the_latest_are_those_received_last(unit: Any) -> None:
    """However their ids sort: those are no order in time."""
    ids = await _office_called_often(unit)

    assert ids[:-6:-1] == await intake_store.same_telephone(unit.db, ids[0], 5)


async def test_of_more_than_are_compared_those_kept_last_are(
    unit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An office's number has years of them, and the old ones interest nobody; a row may lie where an older one was."""
    ids = await _office_called_often(unit)
    monkeypatch.setattr(intake_store, "MOST_COMPARED", 10)
    rows = await unit.db.fetch(
        "SELECT case_id::text FROM intake.sealed WHERE phone_index = $1 AND case_id <> $2 ORDER BY ctid DESC LIMIT 10",
        b"office",
        ids[0],
    )
    compared = sorted((row["case_id"] for row in rows), key=ids.index)

    assert compared[:-6:-1] == await intake_store.same_telephone(unit.db, ids[0], 5)


async def test_what_waits_only_for_want_of_certainty_is_counted(unit: Any) -> None:
    """Not what waits because somebody is accused, or is in danger."""
    before = await count_unsure(unit)
    event = registered(UNCLEAR)
    await route(unit, [event, registered(EMERGENCY)])
    doubts = (
        "UPDATE routing.review_item SET detail = jsonb_set(detail, '{doubts}', $2::jsonb) WHERE case_id = $1"
    )
    await unit.db.execute(doubts, event.case_id, '["unsure"]')
    assert before + 1 == await count_unsure(unit)

    await unit.db.execute(doubts, event.case_id, '["unsure", "outside"]')
    assert before == await count_unsure(unit)


async def test_the_next_case_opens_by_itself(unit: Any) -> None:
    """Where it was asked for; after the last one the queue is shown."""
    await unit.db.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    first, second = registered(UNCLEAR), registered(UNCLEAR)
    await route(unit, [first, second])
    found = []
    for _ in range(2):
        (row, *_) = (await read_queue(unit, None, None, 5)).rows
        form = {"version": str(row.item.version), "action": "dispatch", "lead": "transport", "next": "1"}
        answer = await pages.decide_on_page(call_of(unit, row.case.case_id, form), city=CITY)
        assert isinstance(answer, Redirect)
        found.append((row.case, answer.to))

    (decided, to), (last, end) = found
    assert f"/review/{last.case_id}?done={decided.tracking_code}" == to
    assert f"/review?done={last.tracking_code}" == end


@pytest.mark.parametrize("said", [{"decline": True}, {"merge_into": "other"}])
async def test_an_emergency_is_not_ended_by_one_press(unit: Any, said: dict[str, Any]) -> None:
    """Declined or merged only by who says that they have looked into it; dispatched at once."""
    event, other = registered(EMERGENCY), registered()
    await route(unit, [event, other])
    if "merge_into" in said:
        said = {"merge_into": other.case_id}
    with pytest.raises(BadInput) as refused:
        await decide(unit, CITY, event.case_id, Decision(version=2, **said), "li")

    assert ["confirm"] == [error.field for error in refused.value.errors]
    decided = await decide(unit, CITY, event.case_id, Decision(version=2, confirm=True, **said), "li")
    assert decided.state in ("declined", "merged")


@pytest.mark.parametrize("language", list(Language))
async def test_a_forms_missing_confirmation_is_said_beside_it(unit: Any, language: Language) -> None:
    """In the form that was sent, once."""
    event = registered(EMERGENCY)
    await route(unit, [event])
    form = {"version": "2", "kind": "dispatch", "action": "decline", "decline": "请拨打110"}
    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, language)
    assert 1 == html.count('id="dispatch-confirm"')
    assert 'id="dispatch-confirm-error"' in html
    assert 'href="#dispatch-confirm"' in html


async def test_what_can_no_longer_be_suggested_is_not_marked_in_the_queue(unit: Any) -> None:
    """The earlier case was declined since: nobody looks for it."""
    event, earlier = registered(UNCLEAR), registered(UNCLEAR)
    await route(unit, [event, earlier])
    alike = DuplicateSuspected(
        case_id=event.case_id, version=1, at=AT, similar_to=earlier.case_id, similarity=1.0
    )
    await note_duplicates(unit, [alike])
    assert earlier.case_id in {
        row.case.suspected_duplicate for row in (await read_queue(unit, None, None, 50)).rows
    }

    await unit.db.execute("UPDATE routing.case SET state = 'declined' WHERE case_id = $1", earlier.case_id)
    rows = (await read_queue(unit, None, None, 50)).rows
    assert earlier.case_id not in {row.case.suspected_duplicate for row in rows}


@pytest.mark.parametrize("language", list(Language))
async def test_what_the_machine_was_sure_of_and_people_moved_is_counted(
    unit: Any, language: Language
) -> None:
    """By category; not what a dispatcher had from the beginning, nor what is kept."""
    await unit.db.execute("UPDATE routing.case SET received_at = $1::timestamptz - interval '1 year'", AT)
    unit.now = AT
    events = [registered() for _ in range(3)]
    hidden, asked = registered(confidential=True), registered(UNCLEAR)
    await route(unit, [*events, hidden, asked])
    moved = "UPDATE routing.case SET decided_by = 'li', state = 'routed' WHERE case_id = ANY($1::uuid[])"
    await unit.db.execute(moved, [events[0].case_id, hidden.case_id, asked.case_id])

    found = await drift.show(call_of(unit, language=language), city=CITY)
    (row,) = found.items
    assert (3, 1, 3, 1) == (found.sure, found.overruled, row.sure, row.overruled)
    html = html_of(await drift.show_page(call_of(unit, language=language), city=CITY), language)
    assert row.label in html


def _asked(unit: Any, phone: str = "139 0013 9000") -> Any:
    who = Principal(role=Role.HOTLINE, name="hotline")
    return replace(call_of(unit, CaseId(""), {}), principal=who, body=callers.CallerQuestion(phone=phone))


async def test_whoever_takes_the_call_sees_the_callers_cases(unit: Any) -> None:
    """Where each stands, and with whom; that they were shown is written down."""
    first, second = registered(("路灯坏了很久", "望江路的路灯不亮。")), registered(UNCLEAR)
    await route(unit, [first, second])
    await decide(unit, CITY, second.case_id, Decision(version=2, lead="transport"), "li")
    call = _asked(unit)

    told = await callers.list_callers_cases(call, city=CITY, callers=Known(second.case_id, first.case_id))

    assert [second.tracking_code, first.tracking_code] == [each.tracking_code for each in told.items]
    assert ("routed", CITY.department["transport"].name(Language.ZH)) == (
        told.items[0].state, told.items[0].department,
    )  # fmt: skip
    assert {first.case_id: [CaseField.TITLE], second.case_id: [CaseField.TITLE]} == {
        case_id: list(fields) for case_id, fields in call.shown.items()
    }


@pytest.mark.parametrize(
    "change", [{"confidential": True}, {"kind": Kind.REPORT}, {"text": "交通局收钱放行，请查"}]
)
async def test_a_call_shows_nothing_that_is_kept(unit: Any, change: dict[str, object]) -> None:
    """Neither named nor counted, whoever calls."""
    kept = registered(UNCLEAR, **change)
    await route(unit, [kept])
    call = _asked(unit)

    told = await callers.list_callers_cases(call, city=CITY, callers=Known(kept.case_id))

    assert ([], {}) == (told.items, call.shown)


async def test_a_merged_case_is_not_named_to_the_hotline(unit: Any) -> None:
    """It is the other one's matter."""
    target, merged = registered(UNCLEAR), registered(UNCLEAR)
    await route(unit, [target, merged])
    await decide(unit, CITY, merged.case_id, Decision(version=2, merge_into=target.case_id), "li")

    told = await callers.list_callers_cases(_asked(unit), city=CITY, callers=Known(merged.case_id))

    assert [] == told.items


async def test_a_number_is_needed(unit: Any) -> None:
    """A hidden one is nobody's."""
    with pytest.raises(BadInput):
        await callers.list_callers_cases(_asked(unit, "匿名"), city=CITY, callers=Known())


async def test_a_telephone_finds_its_cases_however_it_is_written(unit: Any) -> None:
    """By the keyed hash alone; another's are not found."""
    await register(unit, message(draft(contact=Contact(name="王五", phone="13900139000"))))
    known = SealedCallers(KEYS)

    assert 1 == len(await known.of_telephone(unit, "+86 139-0013-9000"))
    assert [] == await known.of_telephone(unit, "13900139001")
    assert 1 == len(await SealedCallers(NEW_KEYS).of_telephone(unit, "13900139000"))


async def test_earlier_cases_are_found_over_a_change_of_the_master_secret(unit: Any) -> None:
    """From a case of before those of after, and the other way round; each is told apart from itself."""
    contact = Contact(name="王五", phone="13900139000")
    before = message(draft(contact=contact))
    after = message(draft(text="井盖不见了。", contact=contact), keys=NEW_KEYS, entropy=b"n" * 32)
    await register(unit, before)
    await register_cases(unit, [after.event], prepare_messages([after.event], keys=NEW_KEYS))
    known, ids = SealedCallers(NEW_KEYS), (before.codes.case_id, after.codes.case_id)

    assert [[ids[1]], [ids[0]]] == [list(await known.earlier(unit, each)) for each in ids]
    lost = SealedCallers(replace(NEW_KEYS, previous=(replace(KEYS, contact_key=b"?" * 32),)))
    assert [] == await lost.earlier(unit, ids[0])
