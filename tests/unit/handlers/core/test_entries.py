"""Knowledge entries: who may do what when, what is kept of what somebody writes, and what others are told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from handlers.core import entries
from handlers.core.entries import OWNERS, REVIEWERS, Entry, EntryAction, EntryChange, EntryText, entry_seal
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, StaleVersion
from schemas.ids import DepartmentCode, EntryId
from schemas.values import EntryContent
from schemas.words import EntryState
from tests.unit.handlers.making import SEAL

CITY = load_city()
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ID = EntryId("0198b2c4-0000-7000-8000-00000000000e")


def text(**changed: Any) -> EntryText:
    """An entry about the residence permit, checked today."""
    usual = EntryText(
        questions=("居住证怎么办理", "办居住证要带什么"), answer="带身份证到社区，5个工作日内办好。",
        valid_from=TODAY, valid_until=date(2027, 6, 30), checked_on=TODAY,
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changed)


def entry(**changed: Any) -> Entry:
    """A draft of housing, version 3."""
    content = entries.cleaned(text(), CITY, TODAY)
    usual = Entry(
        entry_id=ID, owner=DepartmentCode("housing"), state=EntryState.DRAFT, version=3, content=content,
        changed_at=NOW, written_by="wang",
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changed)


def live(**changed: Any) -> Entry:
    """One that everybody reads until the end of June, version 3."""
    until = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)
    return entry(**{"state": EntryState.LIVE, "published": entry().content, "holds_until": until, **changed})


def _done(known: Entry, action: EntryAction, version: int = 3) -> EntryChange:
    """What each action makes of it, by whoever may do it first."""
    match action:
        case EntryAction.SAVE:
            return entries.rewritten(known, version, known.content, "wang", NOW)
        case EntryAction.PROPOSE:
            return entries.proposed(known, version, "wang", NOW, CITY)
        case EntryAction.APPROVE:
            return entries.approved(known, version, "li", NOW, CITY)
        case EntryAction.SEND_BACK:
            return entries.sent_back(known, version, "缺依据", "li", NOW)
        case EntryAction.WITHDRAW:
            return entries.withdrawn(known, version, "过时", "wang", NOW, is_owner=True)
        case EntryAction.EXPIRE:
            return entries.expired(known, NOW)
        case EntryAction.HOLD:
            change = entries.held(known, NOW)
            assert change is not None
            return change


#: What is done by somebody, not by the time or by a case.
_BY_PEOPLE = [action for action in EntryAction if action not in (EntryAction.EXPIRE, EntryAction.HOLD)]


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize("action", _BY_PEOPLE)
def test_every_action_in_every_state(state: EntryState, action: EntryAction) -> None:
    """It leads where the tables say, or is refused with what is allowed; the version grows by one."""
    reviewed = action in (EntryAction.APPROVE, EntryAction.SEND_BACK)
    known, table = entry(state=state), REVIEWERS if reviewed else OWNERS
    if (state, action) in table:
        after = _done(known, action).after

        assert (table[state, action], 4) == (after.state, after.version)
        return
    with pytest.raises(ActionNotAllowed) as refused:
        _done(known, action)

    assert [each.value for each in known.may(table)] == refused.value.facts["allowed_actions"]


@pytest.mark.parametrize("action", _BY_PEOPLE)
def test_nothing_is_done_to_another_version(action: EntryAction) -> None:
    """Whoever read an older text decides about nothing."""
    with pytest.raises(StaleVersion):
        _done(entry(), action, version=2)


@pytest.mark.parametrize(
    ("known", "state", "told"),
    [
        (live(), EntryState.PROPOSED, ["entry.withdrawn"]),
        (live(state=EntryState.DRAFT), EntryState.DRAFT, ["entry.withdrawn"]),
        (live(state=EntryState.PROPOSED), EntryState.PROPOSED, ["entry.withdrawn"]),
        (entry(state=EntryState.PROPOSED), EntryState.PROPOSED, []),
        (entry(), None, []),
        (entry(state=EntryState.EXPIRED), None, []),
        (entry(state=EntryState.WITHDRAWN), None, []),
    ],
)
def test_what_is_held_back_waits_for_somebody_who_looks(
    known: Entry, state: EntryState | None, told: list[str]
) -> None:
    """A dispatcher, of what was approved once; its department, of what it is writing anew."""
    change = entries.held(known, NOW)
    if state is None:
        assert change is None
        return
    assert change is not None
    after = change.after

    assert (state, None, None, 4) == (after.state, after.published, after.holds_until, after.version)
    assert told == [event.name for event in change.events]


def test_every_text_of_an_entry_is_looked_through_for_hidden_words() -> None:
    """However they are written there; all that hold one are named at once."""
    content = msgspec.structs.replace(entry().content, answer="找春 燕办。", basis="春燕店告知书")
    with pytest.raises(BadInput) as refusal:
        entries.check_hidden(content, ["春燕", "没有"])

    assert ["answer", "basis"] == [error.field for error in refusal.value.errors]
    entries.check_hidden(content, ["没有"])


def test_only_a_dispatcher_publishes() -> None:
    """No table of the department leads to what everybody reads."""
    assert EntryState.LIVE not in OWNERS.values()


def test_what_everybody_reads_is_told() -> None:
    """The approved text, within its span: from the first day's beginning to the last day's end, in the city's time."""
    change = entries.approved(entry(state=EntryState.PROPOSED), 3, "li", NOW, CITY)
    (said,) = change.events

    assert change.after.content == change.after.published
    assert ("entry.published", str(ID), 4) == (said.name, str(said.case_id), said.version)
    assert datetime(2026, 11, 22, 16, 0, tzinfo=UTC) == said.holds_from  # type: ignore[attr-defined]  # of this event
    assert datetime(2027, 6, 30, 16, 0, tzinfo=UTC) == said.holds_until == change.after.holds_until  # type: ignore[attr-defined]  # of this event


def test_an_entry_that_has_ended_is_not_published() -> None:
    """It waited for its review for too long: nobody would read it."""
    content = msgspec.structs.replace(entry().content, valid_until=TODAY - timedelta(days=1))
    with pytest.raises(BadInput, match="correction"):
        entries.approved(entry(state=EntryState.PROPOSED, content=content), 3, "li", NOW, CITY)


def test_a_new_text_leaves_the_old_one_public() -> None:
    """Until it is reviewed itself; what is proposed tells nobody what it says."""
    other = msgspec.structs.replace(entry().content, answer="7个工作日内办好。")
    draft = entries.rewritten(live(), 3, other, "wang", NOW).after
    change = entries.proposed(draft, 4, "wang", NOW, CITY)
    (said,) = change.events

    assert entry().content == change.after.published
    assert {"case_id", "version", "at", "owner"} == set(said.__struct_fields__)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (live(), ["entry.withdrawn"]),
        (live(state=EntryState.DRAFT), ["entry.withdrawn"]),
        (entry(state=EntryState.PROPOSED), ["entry.withdrawn"]),
        (entry(), []),
    ],
)
def test_a_withdrawal_is_told_where_the_entry_was(known: Entry, told: list[str]) -> None:
    """Whoever heard of it hears that it is gone; a draft is nobody's business."""
    change = entries.withdrawn(known, 3, "规定已修改", "wang", NOW, is_owner=True)

    assert told == [event.name for event in change.events]
    assert (EntryState.WITHDRAWN, None, None) == (
        change.after.state, change.after.published, change.after.holds_until,
    )  # fmt: skip


def test_dispatchers_withdraw_what_is_public_under_revision() -> None:
    """Also while its department writes another text of it."""
    change = entries.withdrawn(live(state=EntryState.DRAFT), 3, "有误", "li", NOW, is_owner=False)

    assert change.after.state is EntryState.WITHDRAWN


def test_time_ends_what_everybody_reads() -> None:
    """It is expired; another text that is being written stays what it is."""
    ended, draft = entries.expired(live(), NOW), entries.expired(live(state=EntryState.DRAFT), NOW)

    assert (EntryState.EXPIRED, None) == (ended.after.state, ended.after.published)
    assert (EntryState.DRAFT, None) == (draft.after.state, draft.after.published)
    assert [["entry.expired"]] * 2 == [[event.name for event in each.events] for each in (ended, draft)]


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [(timedelta(days=15), False), (timedelta(days=14), True), (timedelta(0), False)],
)
def test_its_department_is_told_two_weeks_before(ends_in: timedelta, expected: bool) -> None:
    """And no more once it has ended."""
    assert expected is live(holds_until=NOW + ends_in).is_expiring(NOW)


def test_nobodys_contact_data_is_kept() -> None:
    """Nor anybody's home; neither in a question nor in the answer: masked as for everybody."""
    content = entries.cleaned(
        text(
            questions=("张三问：13812345678 为什么打不通", "东湖路8号3单元201室漏水找谁"),
            answer="请打 13812345678，身份证 11010519491231002X，如东湖路8号3单元502室。",
        ),
        CITY, TODAY,
    )  # fmt: skip
    kept = msgspec.json.encode(content).decode()

    assert "漏水找谁" in kept
    assert not [each for each in ("13812345678", "11010519491231002X", "201室", "502室") if each in kept]


def test_nor_in_the_basis_or_the_document_number() -> None:
    """Everybody reads those, too; what they are for stays."""
    content = entries.cleaned(
        text(basis="居住证条例第九条，问张三先生 13812345678", document_number="国令第663号 11010519491231002X"),
        CITY, TODAY,
    )  # fmt: skip

    assert "居住证条例第九条" in content.basis
    assert "13812345678" not in content.basis
    assert "国令第663号" in content.document_number
    assert "11010519491231002X" not in content.document_number


@pytest.mark.parametrize(
    ("known", "is_refused"),
    [
        (live(), True),
        (entry(), False),
        # Nobody reads the other one any more, or yet.
        (live(holds_until=NOW), False),
        (
            live(published=msgspec.structs.replace(entry().content, valid_from=TODAY + timedelta(days=5))),
            False,
        ),
    ],
)
def test_what_holds_is_not_taken_away_for_what_begins_later(known: Entry, is_refused: bool) -> None:
    """Said as it is proposed, and as it is approved, with what to do; on its first day it stands for the other one."""
    begins = TODAY + timedelta(days=9)
    content = msgspec.structs.replace(entry().content, valid_from=begins)
    draft = msgspec.structs.replace(known, state=EntryState.DRAFT, content=content)
    waiting = msgspec.structs.replace(draft, state=EntryState.PROPOSED)
    later = NOW + timedelta(days=9)

    assert [["valid_from"] if is_refused else []] * 2 == _refused(draft, waiting, NOW)
    assert [[], []] == _refused(draft, waiting, later)


def _refused(draft: Entry, waiting: Entry, now: datetime) -> list[list[str]]:
    """The fields for which it may not be proposed, and may not be approved."""
    return [
        _wrong(partial(entries.proposed, draft, 3, "wang", now, CITY)),
        _wrong(partial(entries.approved, waiting, 3, "li", now, CITY)),
    ]


def _wrong(act: Callable[[], EntryChange]) -> list[str]:
    try:
        act()
    except BadInput as refusal:
        return [error.field for error in refusal.errors]
    return []


def test_two_spellings_of_a_question_are_one() -> None:
    """Blanks and lines tell no two questions apart."""
    content = entries.cleaned(text(questions=("居住证  怎么办理", "居住证\n怎么办理")), CITY, TODAY)

    assert ("居住证 怎么办理",) == content.questions


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"answer": "……"}, {"answer"}),
        ({"questions": ("？？",)}, {"questions"}),
        ({"checked_on": TODAY + timedelta(days=1)}, {"checked_on"}),
        ({"valid_until": TODAY - timedelta(days=1), "valid_from": date(2026, 1, 1)}, {"valid_until"}),
        ({"valid_from": date(2027, 7, 1)}, {"valid_until"}),
        ({"checked_on": date(2025, 1, 1)}, {"valid_until"}),
        ({"categories": ("nothing",), "regions": ("nowhere",)}, {"categories", "regions"}),
    ],
)
def test_what_cannot_be_is_named(changed: dict[str, Any], fields: set[str]) -> None:
    """Every field that is wrong, at once."""
    with pytest.raises(BadInput) as refused:
        entries.cleaned(text(**changed), CITY, TODAY)

    assert fields == {error.field for error in refused.value.errors}


def test_the_title_is_the_first_question() -> None:
    """As its list shows it."""
    content: EntryContent = entry().content

    assert "居住证怎么办理" == content.title


def test_a_row_of_the_log_is_sealed_with_all_that_it_says() -> None:
    """Another text, state, author or moment breaks it; the same moment in another zone does not."""
    change = entries.proposed(entry(), 3, "wang", NOW, CITY)
    after = change.after
    others: list[EntryChange] = [
        msgspec.structs.replace(change, by="li"),
        msgspec.structs.replace(change, action=EntryAction.SAVE),
        *(
            msgspec.structs.replace(change, after=msgspec.structs.replace(after, **{name: other}))
            for name, other in (
                ("entry_id", EntryId("0198b2c4-0000-7000-8000-00000000000f")),
                ("owner", DepartmentCode("water")),
                ("version", 9),
                ("changed_at", NOW + timedelta(hours=1)),
                ("state", EntryState.LIVE),
                ("remarks", "缺依据"),
                ("content", msgspec.structs.replace(after.content, answer="不用办")),
            )
        ),
    ]
    elsewhere = msgspec.structs.replace(after, changed_at=NOW.astimezone(CITY.zone))

    assert SEAL(b"") not in {entry_seal(each, SEAL) for each in (change, *others)}
    assert 1 + len(others) == len({entry_seal(each, SEAL) for each in (change, *others)})
    assert entry_seal(change, SEAL) == entry_seal(msgspec.structs.replace(change, after=elsewhere), SEAL)
