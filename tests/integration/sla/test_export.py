"""Figures and cases as files, over real rows."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import openpyxl
import pytest
from msgspec.structs import replace

from deploy.database.case_views import PostgresViewCounts
from routing.steps.read_matters import KeptMatters
from schemas.errors import BadInput
from schemas.events.routing import CaseMerged
from schemas.events.undone import MoveUndone
from schemas.http import Call, Download, Principal, Route
from schemas.ids import CaseId, TagCode
from schemas.ports import Unit
from schemas.values import CaseMatter
from schemas.words import CaseField, CaseState, Language, Role
from sla.web import pages
from sla.web.export import ExportQuery
from tests.integration.sla.events import WATER, Sla, assigned, china, registered
from tests.unit.handlers.making import MONDAY, fresh_case


class Matters(KeptMatters):
    """Titles of those cases that may be read."""

    def __init__(self, *readable: CaseId) -> None:
        self._readable = readable

    async def titles(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
        """As the port says."""
        return {each: "路灯不亮" for each in case_ids if each in self._readable}

    async def of(self, unit: Unit, case_id: CaseId) -> CaseMatter | None:
        """As the port says."""
        return None


async def exported(sla: Sla, query: dict[str, str], *readable: CaseId) -> tuple[list[dict[str, str]], Call]:
    body, call = await _file(sla, query, *readable)
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")))), call


async def _file(
    sla: Sla, query: dict[str, str], *readable: CaseId, language: Language = Language.ZH
) -> tuple[bytes, Call]:
    needs: dict[str, Any] = {"city": sla.city, "calendar": sla.calendar, "rules": sla.rules}
    routes: list[Route] = [*pages.routes(**needs, views=PostgresViewCounts(), matters=Matters(*readable))]
    (route,) = [each for each in routes if each.path == "/watch/export"]
    assert {Role.SUPERVISOR, Role.ADMINISTRATOR} == route.who
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="督办员甲"),
        language=language,
        path={},
        headers={},
        address="127.0.0.1",
        query=msgspec.convert(query, ExportQuery, strict=False),
        unit_or_none=sla.unit,
    )
    answer = await route.answer(call)
    assert isinstance(answer, Download)
    return answer.body, call


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.ZH, ("主办单位", "住房和城乡建设局", "夜间、老年人", "派单时间", "否")),
        (
            Language.EN,
            (
                "Lead department",
                "Housing and Construction Bureau",
                "At night, Older people",
                "Assigned",
                "no",
            ),
        ),
    ],
)
async def test_a_workbook_says_everything_as_people_call_it(
    sla: Sla, language: Language, words: Sequence[str]
) -> None:
    """It is opened by a person: no codes, and moments that can be sorted; a program reads csv or jsonl."""
    case = fresh_case()
    await sla.hear(registered(case), replace(assigned(case), tags=(TagCode("night"), TagCode("elderly"))))
    body, _ = await _file(sla, {"what": "cases", "format": "xlsx"}, case, language=language)
    heads, cells = openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)  # type: ignore[union-attr]  # it has a sheet
    row = dict(zip(heads, cells, strict=True))
    lead, name, tags, assigned_at, no = words

    assert (name, no, datetime) == (row[lead], list(row.values())[-1], type(row[assigned_at]))
    assert tags in cells
    assert not {"housing", "web", "urban-construction"} & set(map(str, cells))


async def test_cases_that_may_not_be_read_are_left_out(sla: Sla) -> None:
    """A report or a confidential case is in no file; whoever got one of the others has a row in its history."""
    shown, kept_back, merged = fresh_case(), fresh_case(), fresh_case()
    await sla.hear(*(registered(each) for each in (shown, kept_back, merged)), assigned(shown))
    gone = CaseMerged(case_id=merged, version=2, at=MONDAY, into=shown, decided_by="d")
    await sla.hear(gone)
    rows, call = await exported(sla, {"what": "cases"}, shown, merged)

    assert [("路灯不亮", "housing", "2026-11-23T10:00:00+08:00")] == [
        (row["title"], row["department"], row["received_at"]) for row in rows
    ]
    assert {shown: {CaseField.TITLE, CaseField.CLOCKS}} == {
        each: set(fields) for each, fields in call.shown.items()
    }


async def test_each_case_has_its_tags(sla: Sla) -> None:
    """By their codes, with a space between; of a case without any nothing stands there."""
    tagged, plain = fresh_case(), fresh_case()
    tags = (TagCode("night"), TagCode("elderly"))
    await sla.hear(replace(assigned(tagged), tags=tags), assigned(plain))
    rows, _ = await exported(sla, {"what": "cases"}, tagged, plain)

    assert {"night elderly", ""} == {row["tags"] for row in rows}


async def test_what_an_earlier_release_takes_out_of_all_numbers_keeps_no_tags(sla: Sla) -> None:
    """It knows no such column."""
    case = fresh_case()
    await sla.hear(replace(assigned(case), tags=(TagCode("night"),)))
    update = "UPDATE sla.case SET private = $2 WHERE case_id = $1 RETURNING tags"
    kept = [await sla.unit.db.fetchval(update, case, private) for private in (False, True, False)]

    assert [["night"], [], []] == kept


@pytest.mark.parametrize(
    ("of_before", "private", "shown"),
    [(("night",), False, "night"), ((), False, ""), (None, False, "hazard"), (("night",), True, "")],
)
async def test_a_move_that_was_undone_gives_the_tags_back(
    sla: Sla, of_before: tuple[str, ...] | None, private: bool, shown: str
) -> None:
    """As they are where the release before undid it: it tells none. A private case has none."""
    case_id = fresh_case()
    moved = replace(assigned(case_id), tags=(TagCode("hazard"),), protected=private)
    told = None if of_before is None else tuple(TagCode(code) for code in of_before)
    undone = MoveUndone(
        case_id=case_id, version=moved.version + 1, at=moved.at, state=CaseState.ASSIGNED, lead=moved.lead,
        category=moved.category, tags=told, moved_to=WATER,
        moved_at=MONDAY, decided_by="li",
    )  # fmt: skip
    await sla.hear(moved, undone)

    rows, _ = await exported(sla, {"what": "cases"}, case_id)

    kept = await sla.unit.db.fetchval('SELECT tags FROM sla."case" WHERE case_id = $1', case_id)
    assert ([shown], shown) == ([row["tags"] for row in rows], ",".join(kept))


async def test_a_span_is_whole_days_of_the_city(sla: Sla) -> None:
    """23:59 belongs to that day, 00:00 to the next; from after to is refused."""
    cases = [fresh_case(), fresh_case()]
    await sla.hear(
        registered(cases[0], china("2026-11-20 23:59")), registered(cases[1], china("2026-11-21 00:00"))
    )
    day = {"what": "cases", "from": "2026-11-20", "to": "2026-11-20"}
    rows, call = await exported(sla, day, *cases)

    assert (1, [cases[0]]) == (len(rows), list(call.shown))
    with pytest.raises(BadInput):
        await exported(sla, day | {"to": "2026-11-19"})


async def test_many_cases_come_piece_by_piece(sla: Sla, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, and more than a file may hold is refused, never cut off in silence."""
    cases = [fresh_case() for _ in range(7)]
    await sla.hear(*(registered(each) for each in cases))
    monkeypatch.setattr("sla.steps.export._PIECE", 3)
    rows, _ = await exported(sla, {"what": "cases"}, *cases)
    assert 7 == len(rows)

    monkeypatch.setattr("sla.web.export._MOST_CASES", 5)
    with pytest.raises(BadInput) as refusal:
        await exported(sla, {"what": "cases"}, *cases)
    assert "超过 5 件" in refusal.value.errors[0].zh
    assert "More than 5 cases" in refusal.value.errors[0].en


async def test_nobody_gets_figures_who_asked_for_cases(sla: Sla) -> None:
    """Where nobody says what may be read of a case, there is no such file: not another one under its name."""
    needs: dict[str, Any] = {"city": sla.city, "calendar": sla.calendar, "rules": sla.rules}

    assert "/watch/export" not in {each.path for each in pages.routes(**needs, views=PostgresViewCounts())}


async def test_every_figure_has_its_n_and_its_meaning(sla: Sla) -> None:
    """A row for each figure of each group; a rate stands with its numerator."""
    late, water = fresh_case(), fresh_case()
    await sla.hear(registered(late), assigned(late), registered(water), assigned(water, lead=WATER))
    await sla.sweep_at(china("2026-12-10 10:00"))
    rows, call = await exported(sla, {"what": "figures", "by": "department"})
    total = {row["figure"]: row for row in rows if row["group"] == "合计"}

    assert ("0.0", "0", "2") == tuple(total["on_time_rate"][name] for name in ("value", "numerator", "n"))
    assert all(row["definition"] for row in rows)
    assert {"housing", "water", ""} == {row["key"] for row in rows}
    assert {} == call.shown
    bands = {
        row["key"]: (row["band"], row["band_without"]) for row in rows if row["figure"] == "on_time_rate"
    }
    assert {"housing": ("few", "few"), "water": ("few", "few"), "": ("", "")} == bands
    by_region, _ = await exported(sla, {"what": "figures", "by": "region"})
    assert {""} == {row["band"] for row in by_region}
