"""The words of the supervisors' pages for what every clock may hold."""

from datetime import UTC, datetime

import pytest

from schemas.words import Language
from sla.core.allowance import parse_allowance
from sla.core.clocks import Term
from sla.web.words import allowance_in, seen_from

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


@pytest.mark.parametrize(
    ("route", "zh", "en"),
    [
        ("GET /review/{case_id}", "派单台 · 此件的页面", "dispatch · the case itself"),
        ("GET /desk", "办件台 · 列表", "desk · a list"),
        ("POST /desk/{case_id}/reply", "办件台 · 提交之后", "desk · after something was sent"),
        (
            "GET /api/v1/sla/cases/{case_id}",
            "监督台 · 此件的页面 · 经接口",
            "watch · the case itself · by API",
        ),
        ("GET /watch/export", "监督台 · 导出文件", "watch · a file taken away"),
        ("GET /api/v1/sla/export", "监督台 · 导出文件 · 经接口", "watch · a file taken away · by API"),
        ("GET /review/knowledge.csv", "派单台 · 导出文件", "dispatch · a file taken away"),
        (
            "POST /api/v1/hotline/callers",
            "热线 · 按来电号码查找 · 经接口",
            "hotline · found by a caller's number · by API",
        ),
        ("GET /find", "按查询号查找", "found by its tracking code"),
        ("huiyin dead-letters show", "huiyin dead-letters show", "huiyin dead-letters show"),
    ],
)
def test_where_somebody_looked_is_said_in_plain_words(route: str, zh: str, en: str) -> None:
    """Not as the address of a page."""
    assert (zh, en) == (seen_from(route, Language.ZH), seen_from(route, Language.EN))
