"""What each action leaves of a knowledge entry, whole; why a text is refused, in both languages; how lists show it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from handlers.core import entries
from handlers.core.entries import Entry, EntryAction, EntryChange
from handlers.core.entry_views import EntryLine, line, public_line
from schemas.errors import ActionNotAllowed, BadInput, FieldError, StaleVersion
from schemas.events.knowledge import EntryExpired, EntryProposed, EntryPublished, EntryWithdrawn
from schemas.ids import CaseId, DepartmentCode
from schemas.words import EntryState
from tests.unit.handlers.core.test_entries import CITY, ID, NOW, TODAY, entry, live, text

_LONG = date(2028, 11, 24)


@pytest.mark.parametrize(
    ("changed", "field", "zh", "en"),
    [
        ({"categories": ("nothing",)}, "categories", "没有这个类别。", "There is no such category."),
        ({"regions": ("nowhere",)}, "regions", "没有这个区县。", "There is no such district."),
        (
            {"checked_on": TODAY + timedelta(days=1)}, "checked_on", "不能晚于今天。",
            "It cannot be later than today.",
        ),
        (
            {"valid_from": date(2027, 7, 1)}, "valid_until", "不能早于今天和生效日期。",
            "It cannot be before today, nor before it begins.",
        ),
        (
            {"valid_from": date(2026, 1, 1), "valid_until": TODAY - timedelta(days=1)}, "valid_until",
            "不能早于今天和生效日期。", "It cannot be before today, nor before it begins.",
        ),
        (
            {"valid_until": _LONG}, "valid_until", "最多到核对日期后两年，到期请重新核对。",
            "At most two years after the day on which it was checked: then look at it again.",
        ),
    ],
)  # fmt: skip
def test_why_a_text_cannot_be_so_is_said_in_both_languages(
    changed: dict[str, Any], field: str, zh: str, en: str
) -> None:
    """Once, and beside its field; the last day of all is a day."""
    with pytest.raises(BadInput) as refused:
        entries.cleaned(text(**changed), CITY, TODAY)

    assert [FieldError(field, zh, en)] == list(refused.value.errors)


@pytest.mark.parametrize("last", [TODAY, _LONG - timedelta(days=1)])
def test_the_first_and_the_last_day_that_a_text_may_end_on(last: date) -> None:
    """Today, and two years behind the day on which it was checked."""
    assert entries.cleaned(text(valid_until=last), CITY, TODAY).valid_until == last


def test_an_entry_begins_as_a_draft_of_whoever_wrote_it() -> None:
    """Under its first version, with the enquiries that it was made from; nobody is told of a draft."""
    content = entry().content
    assert entries.written(ID, DepartmentCode("water"), content, [CaseId("c1")], "zhao", NOW) == EntryChange(
        after=Entry(
            entry_id=ID, owner=DepartmentCode("water"), state=EntryState.DRAFT, version=1, content=content,
            made_from=(CaseId("c1"),), changed_at=NOW, written_by="zhao",
        ),
        action=EntryAction.SAVE,
        by="zhao",
    )  # fmt: skip


_LATER = NOW + timedelta(hours=5)


def test_what_each_action_leaves_of_an_entry() -> None:
    """Whose it is, when, why and what others are told; whoever writes it anew has it without the old remarks."""
    new = msgspec.structs.replace(entry().content, answer="带户口本。")
    told: dict[str, Any] = {"case_id": ID, "version": 4, "at": _LATER, "owner": "housing"}
    waits = entry(state=EntryState.PROPOSED, remarks="缺依据")
    end = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)

    def after(known: Entry, **changed: Any) -> Entry:
        return msgspec.structs.replace(known, version=4, changed_at=_LATER, **changed)

    assert entries.rewritten(live(remarks="旧"), 3, new, "zhao", _LATER) == EntryChange(
        after=after(live(), state=EntryState.DRAFT, content=new, written_by="zhao"),
        action=EntryAction.SAVE, by="zhao",
    )  # fmt: skip
    assert entries.proposed(entry(remarks="旧"), 3, "zhao", _LATER, CITY) == EntryChange(
        after=after(entry(), state=EntryState.PROPOSED), action=EntryAction.PROPOSE, by="zhao",
        events=(EntryProposed(**told),),
    )  # fmt: skip
    assert entries.approved(waits, 3, "li", _LATER, CITY) == EntryChange(
        after=after(entry(), state=EntryState.LIVE, published=entry().content, holds_until=end),
        action=EntryAction.APPROVE, by="li",
        events=(
            EntryPublished(
                **told, content=entry().content, holds_from=datetime(2026, 11, 22, 16, tzinfo=UTC), holds_until=end
            ),
        ),
    )  # fmt: skip
    assert entries.sent_back(waits, 3, " 还缺文号 ", "li", _LATER) == EntryChange(
        after=after(entry(), state=EntryState.DRAFT, remarks="还缺文号"), action=EntryAction.SEND_BACK, by="li",
    )  # fmt: skip
    assert entries.withdrawn(live(), 3, "过时", "zhao", _LATER, is_owner=True) == EntryChange(
        after=after(entry(), state=EntryState.WITHDRAWN, remarks="过时"), action=EntryAction.WITHDRAW, by="zhao",
        events=(EntryWithdrawn(**told),),
    )  # fmt: skip
    assert entries.expired(live(remarks="旧"), _LATER) == EntryChange(
        after=after(entry(remarks="旧"), state=EntryState.EXPIRED), action=EntryAction.EXPIRE, by="",
        events=(EntryExpired(**told),),
    )  # fmt: skip


def test_a_reason_that_says_nothing_is_refused_by_its_name() -> None:
    """Of sending back as of taking back."""
    waits = entry(state=EntryState.PROPOSED)
    with pytest.raises(BadInput) as sent:
        entries.sent_back(waits, 3, " ", "li", NOW)
    with pytest.raises(BadInput) as taken:
        entries.withdrawn(waits, 3, " ", "li", NOW, is_owner=False)

    for refused in (sent, taken):
        assert [FieldError("remarks", "此项必填。", "This field is required.")] == list(refused.value.errors)


def test_what_is_not_allowed_is_answered_with_what_is() -> None:
    """To each by their own table."""
    with pytest.raises(ActionNotAllowed) as refused:
        entries.approved(entry(), 3, "li", NOW, CITY)
    assert refused.value.facts == {"state": "draft", "allowed_actions": []}
    with pytest.raises(ActionNotAllowed) as refused:
        entries.proposed(live(), 3, "wang", NOW, CITY)
    assert refused.value.facts == {"state": "live", "allowed_actions": ["save", "withdraw"]}
    with pytest.raises(StaleVersion) as stale:
        entries.proposed(entry(), 2, "wang", NOW, CITY)
    assert stale.value.facts == {"current": 3}


@pytest.mark.parametrize(
    ("left", "is_public", "is_expiring"),
    [(timedelta(days=30), True, False), (timedelta(days=14), True, True), (timedelta(0), False, False)],
)
def test_an_entry_in_a_list(left: timedelta, is_public: bool, is_expiring: bool) -> None:
    """Its title, whose it is, whether everybody reads it, and whether it ends soon."""
    end = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)
    assert line(live(), end - left) == EntryLine(
        entry_id=ID, owner=DepartmentCode("housing"), state=EntryState.LIVE, version=3, title="居住证怎么办理",
        is_public=is_public, is_expiring=is_expiring, holds_until=end, changed_at=NOW,
    )  # fmt: skip
    assert not line(entry(), NOW).is_public


def test_of_a_newer_text_another_departments_list_shows_nothing() -> None:
    """Only what everybody reads, as it was published and then."""
    newer = msgspec.structs.replace(entry().content, questions=("居住证补办",))
    known = live(state=EntryState.PROPOSED, content=newer, version=5, changed_at=_LATER)
    assert public_line(known, 3, NOW, _LATER) == EntryLine(
        entry_id=ID, owner=DepartmentCode("housing"), state=EntryState.LIVE, version=3, title="居住证怎么办理",
        is_public=True, is_expiring=False, holds_until=known.holds_until, changed_at=NOW,
    )  # fmt: skip
