"""The words of the supervisors' pages for what every clock may hold."""

from datetime import UTC, datetime

import pytest

from schemas.words import Language
from sla.core.allowance import parse_allowance
from sla.core.clocks import Term
from sla.web.words import allowance_in

MOMENT = datetime(2026, 12, 10, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("allow", "zh", "en"),
    [
        (parse_allowance("5 working days"), "5 个工作日", "5 working days"),
        (parse_allowance("90 minutes"), "90 分钟", "90 minutes"),
        (parse_allowance("7 days rolled over"), "7 个自然日，遇休息日顺延", "7 calendar days rolled over"),
        (MOMENT, "到指定的时间", "until a given moment"),
    ],
)
def test_every_term_that_a_clock_is_kept_with_can_be_read(allow: object, zh: str, en: str) -> None:
    """Pauses, questions and promises end at a moment that somebody named: their page is shown, too."""
    kept = Term(allow=allow).allowed  # type: ignore[arg-type]  # one of the two kinds

    assert (zh, en) == (allowance_in(kept, Language.ZH), allowance_in(kept, Language.EN))
