"""What became of suggestions is counted, and nobody is named."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from deploy.web.site.render import renderer_of
from intake.core.public.offers import OfferOutcome
from intake.steps.offers import note_shown, read_figures
from intake.steps.suggest import Suggestion
from intake.store import entries, offers
from intake.web.outcomes import OutcomeBody
from schemas.city import load_city
from schemas.errors import NotFound, SignatureRefused
from schemas.http import Download, Principal, Redirect
from schemas.ids import EntryId
from schemas.ports import Unit
from schemas.values import Contact, EntryFacts
from schemas.words import Kind, Language, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, register, signed
from tests.integration.intake.test_suggestions import _entry
from tests.unit.intake.messages import draft, message

PHONE = "13812345678"
LIVE, OTHER = _entry("居住证怎样续签", 1), _entry("公积金怎样提取", 2)
ITEM = str(LIVE.case_id)
FIGURES = "/api/v1/review/knowledge"


class OneFact:
    """Two entries that hold, and nothing else."""

    async def of(self, unit: Unit, since: datetime) -> EntryFacts:
        """Those of this file, whatever was asked for."""
        self.since = since
        live = (EntryId(LIVE.case_id), EntryId(OTHER.case_id))
        return EntryFacts(enquiries=4, answered=1, live=live, expired=0, contradicting=0)


async def test_all_figures_are_of_the_same_days(unit: RecordingUnit) -> None:
    """From the first day's midnight in the city on, also those that count moments."""
    facts, zone = OneFact(), load_city().zone
    found = await read_figures(unit, 7, zone, facts)

    assert datetime(2026, 11, 17, tzinfo=zone) == facts.since
    assert ("2026-11-17", "2026-11-23") == (f"{found.first_day}", f"{found.last_day}")


@pytest.fixture
async def site(unit: RecordingUnit) -> Site:
    """With two entries that everybody may read."""
    await entries.upsert_entries(unit.db, [LIVE, OTHER])
    return Site(facts=OneFact())


async def _figures(site: Site, unit: RecordingUnit) -> Mapping[str, int]:
    found: Any = await site.call(unit, "GET", FIGURES)
    return {line.field: line.value for line in found.items}


async def _solved(site: Site, unit: RecordingUnit, phone: str = "", item: str = ITEM) -> object:
    return await site.call(unit, "POST", "/submit/solved", form={"item": item, "phone": phone})


async def test_each_step_is_counted(site: Site, unit: RecordingUnit) -> None:
    """Offered, opened and settled; what nobody may read now, or never was there, leads nowhere and is counted nowhere."""
    zone = load_city().zone
    shown = Suggestion(entry_id=ITEM, title="t", response="r", department="d", replied_at=unit.now)
    await note_shown(unit, [[shown], [shown]], zone)
    await note_shown(unit, [[shown]], zone)
    at: dict[str, Any] = {"at": {"item": ITEM}}
    assert Redirect(to=f"/knowledge/{ITEM}") == await site.call(unit, "GET", "/submit/offered/{item}", **at)
    for unknown in ("ABCD-EFGH-JKLM-NPQR", "0198b2c4-0000-7000-8000-00000000000f", "x' OR 1", "\0", "é"):
        with pytest.raises(NotFound):
            await site.call(unit, "GET", "/submit/offered/{item}", at={"item": unknown})
    assert Redirect(to="/submit/solved") == await _solved(site, unit, item=f"{ITEM},made-up,\0")
    found = await _figures(site, unit)

    assert (3, 1, 1, 0) == tuple(found[name] for name in ("shown", "opened", "solved", "filed"))
    assert (2, 1) == (found["live"], found["never_opened"])
    rows = await unit.db.fetch("SELECT DISTINCT item FROM intake.offer")
    assert {"", ITEM} == {row["item"] for row in rows}


@pytest.mark.parametrize("outcome", ["opened", "solved", "not_solved"])
async def test_a_mini_app_says_what_became_of_them(site: Site, unit: RecordingUnit, outcome: str) -> None:
    """Signed and once; what nobody may read now is counted nowhere; of a telephone a hash is kept where it is settled."""
    path = "/api/v1/mini-app/suggestions"
    body = {"outcome": outcome, "items": [ITEM, "made-up", "\0", ITEM], "phone": PHONE}
    request = signed(body, "a" * 16)
    found: Any = await site.call(unit, "POST", path, **request)
    unknown: Any = await site.call(unit, "POST", path, **signed({**body, "items": ["made-up"]}, "b" * 16))

    assert ([ITEM], []) == (found.counted, unknown.counted)
    with pytest.raises(SignatureRefused):
        await site.call(unit, "POST", path, **request)
    assert 1 == (await _figures(site, unit))[outcome]
    rows = await unit.db.fetch("SELECT what, item, times FROM intake.offer ORDER BY item")
    assert [(outcome, "", 1), (outcome, ITEM, 1)] == [tuple(row) for row in rows]
    hashes = await unit.db.fetchval("SELECT count(*) FROM intake.settled")
    assert (outcome == "solved") == hashes


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "filed", "items": [ITEM]},
        {"outcome": "shown", "items": [ITEM]},
        {"outcome": "solved", "items": []},
        {"outcome": "solved", "items": [ITEM] * 10},
        {"outcome": "solved", "items": ["x" * 65]},
        {"outcome": "solved"},
    ],
)
def test_what_a_mini_app_says_is_checked(body: dict[str, object]) -> None:
    """What we count ourselves it cannot say, nor more than was shown."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, OutcomeBody)


async def test_nobody_says_so_for_a_mini_app(site: Site, unit: RecordingUnit) -> None:
    """Unsigned, with another's secret, or with another body than was signed."""
    body = {"outcome": "solved", "items": [ITEM]}
    right = signed(body, "c" * 16)
    forged = {**right["headers"], "x-signature": "0" * 64}
    changed = json.dumps({**body, "outcome": "opened"}).encode()
    wrongs: Sequence[Mapping[str, Any]] = ({"headers": {}}, {"headers": forged}, {"raw_body": changed})
    for wrong in wrongs:
        with pytest.raises(SignatureRefused):
            await site.call(unit, "POST", "/api/v1/mini-app/suggestions", **{**right, **wrong})

    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.offer")


async def test_who_goes_on_writing_is_counted(site: Site, unit: RecordingUnit) -> None:
    """Once, with each of what was shown; with nothing that is there, nothing."""
    for item in (f"{ITEM},{OTHER.case_id}", "made-up", ""):
        page: Any = await site.call(unit, "POST", "/submit/not-solved", form={"item": item})
        assert 200 == page.status

    assert 1 == (await _figures(site, unit))["not_solved"]
    assert 3 == await unit.db.fetchval("SELECT count(*) FROM intake.offer")


async def _file(unit: RecordingUnit, number: int, later: timedelta, **more: Any) -> None:
    given = draft("居住证", "怎样续签", contact=Contact(phone=PHONE), **more)
    await register(unit, message(given, entropy=bytes([number]) * 32, now=unit.now + later))


@pytest.mark.parametrize(
    ("later", "more", "again"),
    [
        (timedelta(days=6), {}, 1),
        (timedelta(days=8), {}, 0),
        (-timedelta(days=1), {}, 0),
        (timedelta(days=1), {"kind": Kind.REPORT}, 0),
        (timedelta(days=1), {"confidential": True}, 0),
    ],
)
async def test_false_comfort_is_known_by_the_telephone(
    site: Site, unit: RecordingUnit, later: timedelta, more: dict[str, Any], again: int
) -> None:
    """Within seven days after it was settled; what is kept to itself is in no figure, and of the number a hash is kept."""
    await _solved(site, unit, "138-1234-5678")
    await _solved(site, unit, "13900000000")
    await _solved(site, unit, "not a number")
    await _file(unit, 1, later, **more)
    # Solved a moment before the figures are made.
    unit.now += timedelta(seconds=1)
    found = await _figures(site, unit)

    assert (3, again) == (found["solved"], found["filed_again"])
    kept = await unit.db.fetch("SELECT phone_index::text AS hash FROM intake.settled")
    assert 2 == len(kept)
    assert not any("138" in str(row["hash"]).replace("\\x", "")[:6] for row in kept)


async def test_who_files_anyway_is_counted_once(site: Site, unit: RecordingUnit) -> None:
    """However often its record comes; neither reports nor secrets, nor who had seen nothing."""
    kinds: tuple[dict[str, Any], ...] = ({}, {"kind": Kind.REPORT}, {"confidential": True})
    for number, more in enumerate(kinds, start=1):
        given = draft("居住证", "怎样续签", seen=(ITEM,), **more)
        for _ in range(2):
            await register(unit, message(given, entropy=bytes([number]) * 32))
    await register(unit, message(draft("居住证", "没有看过"), entropy=b"s" * 32))

    assert 1 == (await _figures(site, unit))["filed"]
    rows = await unit.db.fetch("SELECT item, times FROM intake.offer ORDER BY item")
    assert [("", 1), (ITEM, 1)] == [(row["item"], row["times"]) for row in rows]


@pytest.mark.parametrize("language", Language)
async def test_the_page_says_what_each_figure_counts(
    site: Site, unit: RecordingUnit, language: Language
) -> None:
    """And names what nobody opened; the table for a spreadsheet holds the same."""
    page: Any = await site.call(unit, "GET", "/review/knowledge", query={"days": "7"})
    who = Principal(role=Role.DISPATCHER, name="li")
    html = renderer_of(load_city()).render(
        page, language=language, principal=who, csrf_token="t", path="/review/knowledge"
    )
    table: Any = await site.call(unit, "GET", "/review/knowledge.csv")

    assert f'href="/knowledge/{OTHER.case_id}"' in html
    assert all(f'id="{line.field}"' in html for line in page.context["lines"])
    assert isinstance(table, Download)
    assert 13 == len(table.body.decode("utf-8-sig").splitlines())


def test_figures_are_for_those_who_tend_knowledge(site: Site) -> None:
    """Neither departments nor citizens; an installation that composes none has none."""
    may = {site.route("GET", path).who for path in (FIGURES, "/review/knowledge", "/review/knowledge.csv")}

    assert {frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})} == may
    with pytest.raises(KeyError):
        Site().route("GET", FIGURES)


async def test_old_counts_are_forgotten(site: Site, unit: RecordingUnit) -> None:
    """What no figure is made of any more."""
    await _solved(site, unit, PHONE)
    tomorrow = unit.now + timedelta(days=1)
    await offers.forget(unit.db, tomorrow.date() - timedelta(days=5), unit.now)
    assert 2 == await unit.db.fetchval("SELECT count(*) FROM intake.offer")
    await offers.forget(unit.db, (tomorrow + timedelta(days=1)).date(), tomorrow)

    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.offer")
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.settled")
    assert {each.value for each in OfferOutcome} == {"shown", "opened", "solved", "not_solved", "filed"}
