"""What offices write: no personal number survives, and what they want to be found by does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.masking import for_department


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请联系13812345678处理", "请联系138****5678处理"),
        ("电话：138-1234-5678。", "电话：138****5678。"),
        ("电话 138 1234 5678", "电话 138****5678"),
        ("＋８６１３８１２３４５６７８", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("身份证110101199003071234", "身份证11*************234"),
        ("身份证11010119900307123x号", "身份证11*************23x号"),
        ("卡号6222021234567890128", "卡号****0128"),
        ("卡号 4111 1111 1111 1111", "卡号 ****1111"),
        ("邮箱zhang.san@example.com收", "邮箱z***@example.com收"),
        ("车牌皖A12345违停", "车牌皖A*****违停"),
        ("新能源京AD12345停在", "新能源京A*****停在"),
        ("车牌粤B·1234学", "车牌粤B*****"),
        ("两个号：13812345678、13987654321", "两个号：138****5678、139****4321"),
        ("卡4111 1111 1111 1111 电话13812345678", "卡****1111 电话138****5678"),
    ],
)
def test_personal_numbers_are_masked(text: str, expected: str) -> None:
    """Each kind, as people write it."""
    assert expected == for_department(text, official=True)


@pytest.mark.parametrize(
    "text",
    [
        "请拨打12345或96110",
        "办公电话0551-12345678",
        "联系电话 0551 62345678 转 8001",
        "工单号250912101108115409",
        "预算1380000元，工期2026年11月22日至2027年3月1日",
        "文号：国办函〔2025〕66号",
        "共12345678901234567890个",
        "已于京沪高速K12处修复",
        "4111 1111 1111 1112",
    ],
)
def test_what_is_no_personal_number_stays(text: str) -> None:
    """Hotlines, landlines, order numbers, dates, sums."""
    assert text == for_department(text, official=True)


_MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
_TEXTS = st.text(alphabet="路灯不亮，。、 0123456789-Xx@.ABab京A138＋６", max_size=60)


@given(_TEXTS)
def test_redacting_twice_changes_nothing(text: str) -> None:
    """It may be done when the reply comes in and again when it is published."""
    assert for_department(text, official=True) == for_department(
        for_department(text, official=True), official=True
    )


@given(
    before=st.text(alphabet="请联系电话：，。 ", max_size=10),
    mobile=_MOBILES,
    after=st.text(alphabet="处理。，（ ", max_size=10),
)
def test_no_mobile_survives(before: str, mobile: str, after: str) -> None:
    """Whatever Chinese text stands around it."""
    redacted = for_department(before + mobile + after, official=True)

    assert mobile not in redacted
    assert redacted.startswith(before)
    assert redacted.endswith(after)
    assert not re.search(r"[0-9]{8}", redacted)
