"""What was made of a case for everybody is held back once more of the case is kept from them, until somebody looked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.commands.checks import entries as entry_check
from deploy.composition.made_entries import MadeEntries
from deploy.notices import endpoints
from deploy.processes import reconciling
from deploy.settings import Settings
from handlers.steps import assign
from intake.steps.entries import KeptEntries
from intake.steps.read_published import PublishedAnswers
from intake.store import entries
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import PublicationLimited
from schemas.events.knowledge import EntryPublished
from schemas.http import Principal
from schemas.ids import CaseId, EntryId
from schemas.notices import Audience, NoticeChannel
from schemas.words import EntryState, Language, Role
from tests.conftest import RecordingUnit
from tests.integration.handlers.entry_desk import (
    CITY,
    FIELDS,
    Staff,
    acted,
    is_open,
    public,
    published,
    written,
)
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.integration.slices import Slices
from tests.unit.handlers.making import HOUSING, routed
from tests.unit.intake.messages import KEYS, draft, message

API, PAGE = "/api/v1/review/cases/{case_id}/publication", "/review/{case_id}/publication"
CASE = message(draft("居住证在哪里办", "春燕水果店旁边的窗口办不办居住证？", publish=True), entropy=b"h" * 32)
CASE_ID = CASE.codes.case_id
AT = {"case_id": CASE_ID}
RESPONSE = "请到春燕水果店旁边的窗口办。"
LI = Principal(role=Role.DISPATCHER, name="li")
PUBLISHED = PublishedAnswers(KEYS)


@pytest.fixture
def site(unit: RecordingUnit) -> Site:
    """Intake's web, which knows of entries."""
    return Site(clock=lambda: unit.now, entries=MadeEntries())


@pytest.fixture(autouse=True)
async def entry(unit: RecordingUnit, wang: Staff, li: Staff) -> EntryId:
    """Made from an enquiry that everybody reads, and approved."""
    await register(unit, CASE)
    given: dict[str, Any] = {"public": True, "publishable": True, "case_id": CASE_ID, "response": RESPONSE}
    await handle_replies(unit, [said(ReplyPublished, 6, **given)])
    await assign.open_cases(unit, [routed(kind="consultation", publish=True, case_id=CASE_ID)])
    await unit.db.execute(
        "UPDATE handlers.case SET state = 'closed', closed_at = now(), response = $1", RESPONSE
    )
    unit.emitted.clear()
    wang.answers = li.answers = PUBLISHED
    return await published(wang, li, made_from=CASE_ID, answer="带身份证到春燕水果店旁边的窗口。")


async def _decide(site: Site, unit: RecordingUnit, version: int, **more: object) -> Any:
    body = {"version": version, "withhold": False, "hide": [], "reason": "店主姓名"} | more
    return await site.call(unit, "POST", API, body, at=AT, principal=LI)


async def test_whoever_hides_a_word_is_told_at_once_where_else_it_stands(
    site: Site, unit: RecordingUnit, entry: EntryId
) -> None:
    """And nobody else reads it there any more: not the page, no search, no suggestion, in the same moment."""
    other = await site.call(unit, "GET", API, at=AT, principal=LI)
    assert [(entry, True, ())] == [(one.entry_id, one.public, one.holds) for one in other.entries]  # type: ignore[attr-defined]  # its view
    assert await public(unit, q="居住证怎么办理")
    shown = await _decide(site, unit, 0, hide=["春燕"])

    [made] = shown.entries
    assert (entry, "居住证怎么办理", False, ("春燕",)) == (made.entry_id, made.title, made.public, made.holds)
    assert not await is_open(unit, entry)
    assert [] == await public(unit, q="居住证怎么办理")
    assert [] == await KeptEntries().nearest(unit, "居住证怎么办理")
    page: Any = await site.call(unit, "GET", PAGE, at=AT, principal=LI)
    assert page.context["shown"].entries == shown.entries


async def test_somebody_looks_before_everybody_reads_it_again(
    site: Site, unit: RecordingUnit, wang: Staff, li: Staff, entry: EntryId
) -> None:
    """A dispatcher finds it among what waits; with the word in it nobody lets it out, and its department writes it anew."""
    await endpoints.add(
        unit.db, audience=Audience.DEPARTMENT, department=HOUSING, channel=NoticeChannel.EMAIL,
        address="housing@city.example", language=Language.ZH, now=unit.now, by="admin",
    )  # fmt: skip
    await _decide(site, unit, 0, hide=["春燕"])
    [event] = [each for each in unit.emitted if isinstance(each, PublicationLimited)]
    await Slices(unit, CITY).carry()
    kept = await li.read(entry)
    assert (EntryState.PROPOSED, True, None) == (kept.state, kept.is_held, kept.published)
    assert 'id="held"' in await li.open(f"/review/entries/{entry}")
    await unit.flush()
    [told] = await unit.db.fetch("SELECT occasion, facts FROM deploy.notice WHERE occasion = 'entry_held'")
    assert ("entry_held", entry) == (told["occasion"], json.loads(told["facts"])["entry_id"])
    await acted(li, entry, "approve")
    assert 422 == li.status
    assert '<a href="#entry">答案：含有原件中另行隐去的文字“春燕”' in li.html

    await wang.open(f"/desk/entries/{entry}/edit")
    fields = {**FIELDS, "version": str(kept.version), "answer": "带身份证到 春 燕 水果店旁边的窗口。"}
    await wang.send(f"/desk/entries/{entry}/edit", **fields)
    await acted(wang, entry, "propose")
    assert 422 == wang.status
    now = str((await wang.read(entry)).version)
    await wang.send(
        f"/desk/entries/{entry}/edit", **{**fields, "version": now, "answer": "带身份证到社区窗口。"}
    )
    assert not (await wang.read(entry)).is_held
    unit.now += timedelta(minutes=2)
    await acted(wang, entry, "propose")
    await acted(li, entry, "approve")
    # Said once more, as reconciling does, it holds back nothing that was looked at since.
    unit.emit(event)
    await Slices(unit, CITY).carry()
    assert await is_open(unit, entry)
    assert ["居住证怎么办理"] == await public(unit, q="居住证怎么办理")


async def test_whoever_proposes_what_was_held_as_it_was_takes_nothing_from_its_review(
    site: Site, unit: RecordingUnit, wang: Staff, li: Staff, entry: EntryId
) -> None:
    """Its department was writing it anew when more was hidden: the dispatcher reads why, until somebody wrote or looked."""
    await wang.open(f"/desk/entries/{entry}/edit")
    version = str((await wang.read(entry)).version)
    fields = {**FIELDS, "version": version, "answer": "带身份证到社区窗口。"}
    await wang.send(f"/desk/entries/{entry}/edit", **fields)
    await _decide(site, unit, 0, hide=["春燕"])
    await Slices(unit, CITY).carry()
    assert (await wang.read(entry)).is_held
    await acted(wang, entry, "propose")

    assert (EntryState.PROPOSED, True) == ((kept := await li.read(entry)).state, kept.is_held)
    await acted(li, entry, "approve")
    assert not (await li.read(entry)).is_held


@pytest.mark.parametrize(
    ("first", "then", "is_held"),
    [
        ({"withhold": True}, None, True),
        ({"without_pictures": True}, None, False),
        ({"hide": ["春燕"]}, {"hide": []}, False),
        ({"withhold": True}, {"withhold": False}, False),
    ],
)
async def test_only_what_hides_more_holds_an_entry_back(
    site: Site,
    unit: RecordingUnit,
    li: Staff,
    entry: EntryId,
    first: dict[str, object],
    then: dict[str, object] | None,
    is_held: bool,
) -> None:
    """The whole case, or words in it; not its pictures, nor what shows more again: who looked is not asked anew."""
    await _decide(site, unit, 0, **first)
    if then is not None:
        await Slices(unit, CITY).carry()
        unit.now += timedelta(minutes=2)
        li.answers = None
        await acted(li, entry, "approve")
        await Slices(unit, CITY).carry()
        await _decide(site, unit, 1, **then)
    await Slices(unit, CITY).carry()

    assert is_held is not await is_open(unit, entry)


class _Pool:
    """Whose every connection is the test's own, in its transaction."""

    def __init__(self, unit: RecordingUnit) -> None:
        self._db = unit.db

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        """It."""
        yield self._db


async def test_what_is_withheld_as_a_whole_and_still_public_is_found_by_doctor_and_held_within_the_hour(
    site: Site, unit: RecordingUnit, li: Staff, entry: EntryId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release before held none back, or the event was lost; once a dispatcher has looked it is found no more."""
    settings: Any = Settings(secret_key="0123456789abcdef" * 2)
    process: Any = SimpleNamespace(settings=settings, pool=_Pool(unit))

    @asynccontextmanager
    async def opened(_: Settings) -> AsyncIterator[_Pool]:
        yield process.pool

    monkeypatch.setattr(entry_check, "open_pool", opened)
    assert "ok" == (await entry_check.check_entries(settings)).state
    unit.now += timedelta(minutes=2)
    await _decide(site, unit, 0, withhold=True)
    unit.emitted.clear()
    assert "fail" == (await entry_check.check_entries(settings)).state
    await reconciling.look_at_entries(process)
    assert "ok" == (await entry_check.check_entries(settings)).state
    assert EntryState.PROPOSED is (await li.read(entry)).state

    unit.now += timedelta(minutes=2)
    await acted(li, entry, "approve")
    assert EntryState.LIVE is (await li.read(entry)).state
    assert "ok" == (await entry_check.check_entries(settings)).state


async def test_other_entries_that_say_the_same_are_named_to_whoever_keeps_the_case_from_everybody(
    site: Site, unit: RecordingUnit, wang: Staff, li: Staff, entry: EntryId
) -> None:
    """By a hidden word, or by whole runs of a case that is withheld; they were not made from it, and stay."""
    copied = await published(
        wang, li, questions="窗口在哪", answer="可以的。请到春燕水果店旁边的窗口办。带上身份证。"
    )
    hidden = await _decide(site, unit, 0, hide=["春燕"])
    assert [(copied, ("春燕",))] == [(one.entry_id, one.holds) for one in hidden.also_saying]
    shown = await _decide(site, unit, 1, hide=[])
    assert [] == shown.also_saying
    withheld = await _decide(site, unit, 2, withhold=True)
    assert [(copied, ("请到春燕水果店旁边的窗口办",))] == [
        (one.entry_id, one.holds) for one in withheld.also_saying
    ]
    page: Any = await site.call(unit, "GET", PAGE, at=AT, principal=LI)
    assert page.context["shown"].also_saying == withheld.also_saying
    assert await is_open(unit, copied)


async def test_entries_are_searched_by_what_they_say_however_it_is_written(
    unit: RecordingUnit, wang: Staff, li: Staff
) -> None:
    """Quotation marks, lines, width and dots within hide nothing; JSON's own names and signs are nobody's words."""
    answer = '请到"春燕"水果店\n旁边的三号窗口，找Ａｌｉ·Ｂａｂａ。'
    quoting = await published(wang, li, questions='"春燕"在哪', answer=answer)
    finding = ['到"春燕"水果店旁边的三号窗口', "ali baba", '"春燕"在哪', '春燕"水果店']
    finds = [await entries.saying(unit.db, [word], unit.now, 9) for word in finding]
    others = ["answer", "basis", "questions", '","', "\\n", "\\", "·", " ", ""]

    assert [[quoting]] * len(finding) == [[one.entry_id for one in found] for found in finds]
    assert [] == await entries.saying(unit.db, others, unit.now, 9)


async def test_a_draft_stays_its_departments_own(site: Site, unit: RecordingUnit, wang: Staff) -> None:
    """Whoever limits the case is told that there is one, and whether it holds the word; nothing of it was public."""
    await written(wang, made_from=CASE_ID, questions="在哪里办居住证", answer="到春燕水果店旁边。")
    shown = await _decide(site, unit, 0, hide=["春燕"])

    [drafted] = [one for one in shown.entries if one.state is EntryState.DRAFT]
    assert (None, None, False, ("春燕",)) == (drafted.entry_id, drafted.title, drafted.public, drafted.holds)


async def test_a_publication_that_was_under_way_is_hidden_again(
    site: Site, unit: RecordingUnit, entry: EntryId
) -> None:
    """It comes after the moment in which the entry was hidden; that it is held back comes behind it."""
    row = await unit.db.fetchrow("SELECT version, content FROM handlers.entry")
    await _decide(site, unit, 0, hide=["春燕"])
    await Slices(unit, CITY).carry()
    late = said(
        EntryPublished,
        row["version"],
        case_id=CaseId(entry),
        owner="housing",
        content=json.loads(row["content"]),
        holds_from=unit.now,
        holds_until=unit.now + timedelta(days=9),
    )
    unit.emit(late)
    await Slices(unit, CITY).carry()
    assert not await is_open(unit, entry)
