"""Times as exports write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.imports.rows import read
from intake.imports.times import moment_in
from tests.unit.intake.imports.files import row_of


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("2026/11/20 9:05", "2026-11-20T09:05:00"),
        ("2026-11-20 24:00", "2026-11-21T00:00:00"),
        ("2026年11月20日上午9点", "2026-11-20T09:00:00"),
        ("2026年11月20日下午3点20分", "2026-11-20T15:20:00"),
        ("2026/11/20 下午 3:20:00", "2026-11-20T15:20:00"),
        ("2026-11-20 晚上8时30分", "2026-11-20T20:30:00"),
        ("2026-11-20 凌晨12:10", "2026-11-20T00:10:00"),
        ("2026-11-20 下午12:20", "2026-11-20T12:20:00"),
        ("2026-11-20 中午11:50", "2026-11-20T11:50:00"),
        ("2026-11-20 中午12:30", "2026-11-20T12:30:00"),
        ("2026-11-20 中午1点", "2026-11-20T13:00:00"),
        ("2026-11-20 傍晚6:30", "2026-11-20T18:30:00"),
        ("2026-11-20 晚上12:10", "2026-11-21T00:10:00"),
        ("2026-11-20 晚上20:10", "2026-11-20T20:10:00"),
        ("2026-11-20 晚上12:00", "2026-11-21T00:00:00"),
        ("2026-11-20 晚上0:30", "2026-11-21T00:30:00"),
        ("2026-11-20 晚上1:00", "2026-11-21T01:00:00"),
        ("2026-11-20 晚上5点", "2026-11-20T17:00:00"),
        ("2026-11-20 晚上9点半", "2026-11-20T21:30:00"),
        ("2026年11月20日9点半", "2026-11-20T09:30:00"),
        ("2026-11-20 晚上24:00", "2026-11-21T00:00:00"),
        ("2026-11-20 夜里11点", "2026-11-20T23:00:00"),
        ("2026-11-20 深夜23:40", "2026-11-20T23:40:00"),
        ("2026-11-20 半夜1点", "2026-11-20T01:00:00"),
        ("2026-11-20 半夜0:30", "2026-11-20T00:30:00"),
        ("2026-11-20 午夜12:00", "2026-11-21T00:00:00"),
        ("2026-11-20 夜晚8点", "2026-11-20T20:00:00"),
        ("2026-11-20 早上7:30", "2026-11-20T07:30:00"),
        ("2026-11-20 9:30 PM", "2026-11-20T21:30:00"),
        ("2026-11-20 12:30 a.m.", "2026-11-20T00:30:00"),
        ("2026-11-20 PM 9:30", "2026-11-20T21:30:00"),
        ("2026-11-20 晚8点", "2026-11-20T20:00:00"),
        ("2026-11-20 早8点", "2026-11-20T08:00:00"),
        ("2026年11月20号 9:30", "2026-11-20T09:30:00"),
        ("2026年11月20號（周五）9:30", "2026-11-20T09:30:00"),
        ("2026年11月20日上午9時30分", "2026-11-20T09:30:00"),
        ("2026年11月20日 下午3點半", "2026-11-20T15:30:00"),
        ("2026/11/20 星期五 晚上8點", "2026-11-20T20:00:00"),
        ("2026—11—20 09:30", "2026-11-20T09:30:00"),
        ("2026-11-20 09:30:00 GMT+8", "2026-11-20T09:30:00"),
        ("20261120093000", "2026-11-20T09:30:00"),
        ("202611200930", "2026-11-20T09:30:00"),
        ("20261120", "2026-11-20T00:00:00"),
        ("2026112009", "2026-11-20T09:00:00"),
        ("2026-11-20T09:30:00Z", "2026-11-20T09:30:00+00:00"),
        ("２０２６－１１－２０ ０９：３０", "2026-11-20T09:30:00"),
        ("1732095000", "2024-11-20T09:30:00+00:00"),
        (1732095000000, "2024-11-20T09:30:00+00:00"),
        (datetime(2026, 11, 20, 9, 30), "2026-11-20T09:30:00"),  # noqa: DTZ001  as a workbook has it
    ],
)
def test_a_time_is_read(said: object, iso: str) -> None:
    """By the half of the day, by the digits alone, or as a system counts seconds."""
    assert iso == str(moment_in(said) and moment_in(said).isoformat())  # type: ignore[union-attr]  # it is one


@pytest.mark.parametrize(
    "said",
    [
        "2026/2/30", "2026-13-01", "2026-11-20 25:00", "2026-11-20 24:01", "昨天", "11/20/2026", "26-11-20", "46346.4",
        46346, "1900-01-01", "1970-01-01 08:00:00", "9999-12-31 23:59:59", "2099-12-31", "0000-00-00 00:00:00", "0001-01-01",
        datetime(1899, 12, 30), "1" * 500, "20261120000123456789", "13900138001", "", None, "2026-11-20 09:60", "-5",  # noqa: DTZ001  as a workbook has it
        "2026-11-20 PM 9:30 PM",
        "2026-11-20 早上12:30", "2026-11-20 晚上24:30", "2026-11-20 半夜25:00", "9999-12-31 24:00", "9999-12-31 晚上1点",
    ],
)  # fmt: skip
def test_what_is_no_time_or_stands_for_none_is_not_read(said: object) -> None:
    """Day and month in an order that nobody knows, no such day, a year that systems write for nothing."""
    assert moment_in(said) is None


@given(
    st.one_of(
        st.text(max_size=40),
        st.text("0123456789-/: TZ年月日时分点半上下午晚夜里", max_size=30),
        st.floats(),
        st.integers(),
    )
)
def test_nothing_breaks_it(said: object) -> None:
    """It is a time of this age, or none."""
    found = moment_in(said)

    assert found is None or 1980 <= found.year < 2091


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-20 星期五 09:30",
        "2026年11月20日（周五）9:30",
        "2026-11-20,09:30",
        "2026/11/20 礼拜五 上午9:30",
    ],
)
def test_a_day_of_the_week_beside_a_date_says_nothing_more(said: str) -> None:
    """Exports write it between day and hour."""
    assert datetime(2026, 11, 20, 9, 30) == moment_in(said)  # noqa: DTZ001  has none


def test_a_day_of_the_week_behind_a_date_is_no_hour() -> None:
    """The day begins at midnight."""
    assert datetime(2026, 11, 20) == moment_in("2026-11-20 周五")  # noqa: DTZ001  has none


@pytest.mark.parametrize("hour", ["18:05", "18时05分", "下午6:05", "18:05:00"])
def test_a_day_and_an_hour_in_columns_of_their_own_are_one_moment(hour: str) -> None:
    """Whichever comes first; an hour without a day is kept as a note."""
    first, second, alone, whole = (
        read(row_of({"内容": "停水三天了。", **cells}), zone=timezone(timedelta(hours=8))).draft
        for cells in (
            {"来电日期": "2026-11-20", "来电时间": hour},
            {"来电时间": hour, "来电日期": "2026/11/20"},
            {"来电时间": hour},
            {"来电时间": "2026-11-20 18:05", "登记时间": "19:00"},
        )
    )

    assert first.said_at == second.said_at == whole.said_at == datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
    assert hour in alone.text
    assert hour not in second.text
