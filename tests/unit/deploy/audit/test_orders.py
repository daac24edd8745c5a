"""An order is what the log holds of it, whichever release masked the one and the other."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.audit.orders import otherwise_ordered
from handlers.core.chain import LogEntry
from handlers.store.audit import Chain
from schemas.ids import CaseId
from sla.core.orders import Order

CASE = CaseId("01920000-0000-7000-8000-000000000001")
AT = datetime(2026, 11, 27, tzinfo=UTC)
#: As a masker of before left it, and as one of after shows it.
ASKED, MASKED = "请李红梅三日内上门道歉。", "请李**三日内上门道歉。"


def _is_logged(text: str, logged: str) -> bool:
    entry = LogEntry(
        case_id=CASE,
        seq=1,
        at=AT,
        actor="watch",
        role="supervisor",
        action="case.urged",
        from_state="in_progress",
        to_state="in_progress",
        version=1,
        detail={"text": logged, "supervised": True, "order": 1},
    )
    order = Order(number=1, at=AT, by="watch", text=text, until=None, state="open")
    chain = Chain(case_id=CASE, held=None, rows=[(entry, b"")])
    return otherwise_ordered(chain, [order], AT + timedelta(days=1)) is None


@pytest.mark.parametrize("text", [ASKED, MASKED])
@pytest.mark.parametrize("logged", [ASKED, MASKED])
def test_an_order_of_before_another_masker_is_no_forgery(text: str, logged: str) -> None:
    """The log may be of the release before, the order of this one, and the other way about."""
    assert _is_logged(text, logged)


@pytest.mark.parametrize(
    "text", ["请李红梅三日内不必道歉。", "请王红梅三日内上门道歉。", MASKED + "另罚款。", ""]
)
def test_any_other_words_are(text: str) -> None:
    """Though a name is hidden in the log."""
    assert not _is_logged(text, ASKED)
    assert not _is_logged(text, MASKED)
