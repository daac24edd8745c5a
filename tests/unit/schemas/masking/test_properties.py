"""What holds for every text: nothing personal survives any spelling, nothing is raised, time grows with the length."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from unittest.mock import ANY, Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.masking import declared_by, digits_of, for_department, for_public, numbers
from schemas.values import Contact

_SPELLINGS = (
    "0123456789", "０１２３４５６７８９", "⓪①②③④⑤⑥⑦⑧⑨", "零幺二三四五六七八九", "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖", "⁰¹²³⁴⁵⁶⁷⁸⁹", "٠١٢٣٤٥٦٧٨٩", "༠༡༢༣༤༥༦༧༨༩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
)  # fmt: skip
_MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
_TABLES = st.sampled_from(_SPELLINGS)
_BETWEEN = st.sampled_from(["", " ", "-", ".", "/", "·", "—", " - ", "，", "、", "\n", "\u3000", "\u200b",
                            "\u202d", "\u2066", "\x1f", "\v", "\u205f", "\u180e", "\u3164", "\U000e0031"])  # fmt: skip
_GROUPS = st.sampled_from([(3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (5, 6), (1,) * 11])
_BEFORE = st.sampled_from(
    ["电话", "请联系", "", "我叫李小明，", "打", "（", "+86", "+86 ", "0086-", "翠竹苑5号楼，"]
)
_AFTER = st.sampled_from(["", "。", "找我", "）", "，谢谢", "\n路灯坏了"])
_BIRTHDAYS = st.dates(date(1931, 1, 1), date(2019, 12, 31))
#: What masking looks for, in pieces, so that many texts have something to hide.
_PIECES = st.lists(
    st.sampled_from(
        ["1", "3", "0", "8", "幺", "一", "13900138001", "139", "0013", "8001", "138****8001", "****", "*",
         "0551-", "62213456", " ", "-", "，", "\n", "（话务员）", "（", "）", "X", "+86", "电话", "户号",
         "我叫", "李小明", "王", "邻居", "先生", "微信", "QQ", "abc_12", "@", "a@b.cn", "皖A", "号楼",
         "单元", "号", "室", "502", "翠竹苑", "家住", "人民路", "姓名", "身份证", "340102199003071233"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


def _grouped(number: str, sizes: tuple[int, ...], between: str) -> str:
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return between.join(number[end - size : end] for size, end in zip(sizes, ends, strict=True))


def _spelled(number: str, table: str) -> str:
    return "".join(table[int(digit)] if digit in "0123456789" else digit for digit in number)


@given(number=_MOBILES, table=_TABLES, between=_BETWEEN, sizes=_GROUPS, before=_BEFORE, after=_AFTER)
def test_no_spelling_of_a_mobile_survives(
    number: str, table: str, between: str, sizes: tuple[int, ...], before: str, after: str
) -> None:
    """Whatever its digits look like, and whatever stands between their groups and around them."""
    written = before + _spelled(_grouped(number, sizes, between), table) + after

    assert number not in digits_of(for_department(written))
    assert number not in digits_of(for_department(written, official=True))


@given(
    day=_BIRTHDAYS,
    order=st.integers(0, 999),
    mark=st.sampled_from("0123456789X"),
    table=_TABLES,
    between=_BETWEEN,
)
def test_no_spelling_of_an_identity_number_survives(
    day: date, order: int, mark: str, table: str, between: str
) -> None:
    """With the right check character or another."""
    parts = ("340102", f"{day:%Y%m%d}", f"{order:03}{mark}")
    written = f"身份证号{_spelled(between.join(parts), table)}。"

    assert "".join(parts)[:17] not in digits_of(for_department(written))


@given(_MOBILES, _TABLES)
def test_no_declared_name_or_number_survives(number: str, table: str) -> None:
    """What the form says is hidden in the text, in any spelling and with any dot."""
    declared = declared_by(Contact(name="阿依古丽·买买提", phone=number))
    masked = for_department(f"阿依古丽•买买提，阿依古丽买买提，{_spelled(number, table)}", declared)

    assert "阿依古丽" not in masked
    assert number not in digits_of(masked)


@given(st.text(max_size=200), st.text(max_size=20), st.text(max_size=20))
def test_every_text_has_both_views(text: str, name: str, phone: str) -> None:
    """Nothing that somebody could type raises anything, neither as text nor as contact."""
    declared = declared_by(Contact(name=name, phone=phone, email=name))

    assert isinstance(for_public(text, declared), str)
    assert for_public(text) == for_public(for_public(text))


@given(_PIECES, st.booleans())
def test_views_are_stable(text: str, official: bool) -> None:
    """Twice is once, and the public's view of the department's view is the public's view of the text."""
    department, public = for_department(text, official=official), for_public(text, official=official)

    assert department == for_department(department, official=official)
    assert public == for_public(department, official=official) == for_public(public, official=official)


#: Groups of digits near one another, as numbers of every kind begin and go on, and what is between.
_RUNS = st.lists(
    st.tuples(
        st.sampled_from(
            ["0", "1", "2", "3", "4", "5", "8", "9", "00", "86", "0086", "139", "0013", "8001", "13900138001", "09",
             "12345678", "17951", "12593", "0551", "010", "6221", "4567", "400", "800", "340102", "19900307", "1233",
             "340102900307123", "370102199003071233", "6", "7", "幺", "七", "*", "+", "电话", "身份证", "卡号", "我家"]
        ),
        st.sampled_from(["", "", " ", "-", "/", "，", "、", "\n", "X"]),
    ),
    min_size=4, max_size=30,
).map(lambda pieces: "".join(map("".join, pieces)))  # fmt: skip


@given(_RUNS, st.sampled_from(["", "13900138001", "62213456"]), st.booleans())
def test_the_cheap_look_changes_nothing(text: str, phone: str, official: bool) -> None:
    """Numbers that cannot begin where they would have to are not tried; trying them all hides the same."""
    quick = numbers.hide_numbers(text, phone=phone, official=official)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "_may_begin", lambda *_: True)
        assert quick == numbers.hide_numbers(text, phone=phone, official=official)


def test_groups_that_begin_no_number_cost_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of digits, each a group: of none but the first are all the numbers made that it could begin."""
    candidates = Mock(side_effect=numbers._candidates)
    monkeypatch.setattr(numbers, "_candidates", candidates)
    text = "0-" * 2_000

    assert text == numbers.hide_numbers(text)
    candidates.assert_called_once_with(ANY, 0)


def _seconds(view: Callable[[str], str], text: str) -> Iterator[float]:
    """What a few runs take: what else the machine does only adds."""
    for _ in range(5):
        started = time.process_time()
        view(text)
        yield time.process_time() - started


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "1,", "1\n", "12/", "139\n", "0551-", "幺三", "一", "a", "a@", "a.", "a@b.c", "微信",
     "QQ1 ", "王", "我叫", "邻居王", "1栋", "1-", "1号", "苑1-", "苑1号楼", "家住", "住在1号", "皖A", "（",
     "*", "张先生", "（话务员）", "护照", "阿·", "我叫A ", "139|", "1o", "洞幺", "WJ皖", "车牌A", "a at ",
     "a dot ", "称呼\n", "（话务员）电话\n", "（话务员）电话\n幺三\n", "1(", "㈠"],
)  # fmt: skip
def test_hostile_texts_cost_in_proportion(piece: str) -> None:
    """Twice the length costs about twice the time: no pattern tries the same characters again and again."""
    short, long = (_seconds(for_public, (piece * size)[:size]) for size in (5_000, 10_000))
    bound = 3.5 * min(short) + 0.005

    assert any(seconds < bound for seconds in long)
