"""What is said, denied, absent or feared."""

import pytest

from routing.core.text.negation import Assertion, is_denied, said

_CASES = [
    ("昨天发生火灾", "火灾", Assertion.PLAINLY),
    ("没有发生火灾", "火灾", Assertion.ABSENT),
    ("幸好没发生火灾", "火灾", Assertion.ABSENT),
    ("并没有发生火灾", "火灾", Assertion.ABSENT),
    ("并未发生火灾", "火灾", Assertion.ABSENT),
    ("从未出现停水", "停水", Assertion.ABSENT),
    ("没有出现过停水", "停水", Assertion.ABSENT),
    ("未曾发生火灾", "火灾", Assertion.ABSENT),
    ("不存在漏电", "漏电", Assertion.ABSENT),
    ("火灾并没有发生", "火灾", Assertion.ABSENT),
    ("停水现象不存在，停水从未发生", "停水", Assertion.PLAINLY),
    ("不是漏水", "漏水", Assertion.DENIED),
    ("这并不是因为漏水", "漏水", Assertion.DENIED),
    ("并非火灾", "火灾", Assertion.DENIED),
    ("不属于噪音", "噪音", Assertion.DENIED),
    ("是不是漏水", "漏水", Assertion.PLAINLY),
    ("有没有发生火灾", "火灾", Assertion.PLAINLY),
    ("并非没有漏水", "漏水", Assertion.PLAINLY),
    ("没有人管，漏水三天", "漏水", Assertion.PLAINLY),
    ("没有解决漏水", "漏水", Assertion.PLAINLY),
    ("没有，发生火灾了", "火灾", Assertion.PLAINLY),
    ("万一发生火灾", "火灾", Assertion.FEARED),
    ("如果发生火灾怎么办", "火灾", Assertion.FEARED),
    ("很容易引发火灾", "火灾", Assertion.FEARED),
    ("担心漏电", "漏电", Assertion.FEARED),
    ("这不是漏水吗", "漏水", Assertion.PLAINLY),
    ("难道没有煤气泄漏危险吗", "煤气泄漏", Assertion.PLAINLY),
    ("难道这样还没有发生火灾的可能", "火灾", Assertion.PLAINLY),
    ("难道要等到冬天，没有发生火灾就好", "火灾", Assertion.ABSENT),
    ("岂不是漏水", "漏水", Assertion.PLAINLY),
    ("怎么可能没有漏水", "漏水", Assertion.PLAINLY),
    ("要不是漏水我也不会来", "漏水", Assertion.PLAINLY),
    ("若不是漏水我也不会来", "漏水", Assertion.PLAINLY),
    ("若不是漏水，请不要派人来", "漏水", Assertion.DENIED),
    ("若不是漏水就不用来了", "漏水", Assertion.DENIED),
    ("若不是漏水，我们早就搬进去了", "漏水", Assertion.PLAINLY),
    ("若不是漏水我也不会来麻烦你们", "漏水", Assertion.PLAINLY),
    ("若不是漏水我也没空投诉，请立即派人", "漏水", Assertion.PLAINLY),
    ("若不是漏水也不用来了", "漏水", Assertion.DENIED),
    ("不是漏水的问题的情况吗", "漏水", Assertion.PLAINLY),
    ("要没有漏水就好了", "漏水", Assertion.ABSENT),
    ("不是漏水的问题吗？", "漏水", Assertion.PLAINLY),
    ("难道不会引发火灾吗", "火灾", Assertion.FEARED),
    ("担心漏电吗", "漏电", Assertion.FEARED),
    ("没有漏水可以退钱吗", "漏水", Assertion.ABSENT),
    ("只要不是漏水就行", "漏水", Assertion.DENIED),
    ("需要不是漏水才可以", "漏水", Assertion.DENIED),
    ("主要不是漏水", "漏水", Assertion.DENIED),
    ("如果要不是漏水我也不会来", "漏水", Assertion.PLAINLY),
    ("难道没有漏水就可以不来", "漏水", Assertion.ABSENT),
    ("难道没有漏水的住户不能申请", "漏水", Assertion.ABSENT),
    ("谁说没有漏水就不用修", "漏水", Assertion.ABSENT),
    ("岂不是火灾也没人管", "火灾", Assertion.PLAINLY),
    ("难道没有漏水的风险", "漏水", Assertion.PLAINLY),
    ("难道没有漏水，就没有人管", "漏水", Assertion.PLAINLY),
    ("难道不是漏水也没人看", "漏水", Assertion.DENIED),
    ("难道没有漏水，楼下方便看一下吗", "漏水", Assertion.PLAINLY),
    ("难道没有漏水不方便说", "漏水", Assertion.PLAINLY),
    ("没有漏水了吗", "漏水", Assertion.ABSENT),
    ("没有漏水的情况了吗？", "漏水", Assertion.ABSENT),
    ("我家没有漏水？", "漏水", Assertion.ABSENT),
    ("没有漏水嘛，是冷凝水", "漏水", Assertion.ABSENT),
    ("没有漏水么？", "漏水", Assertion.PLAINLY),
    ("这样没有漏水吗", "漏水", Assertion.PLAINLY),
    ("现在没有漏水吗", "漏水", Assertion.ABSENT),
    ("楼上也没有漏水吗", "漏水", Assertion.ABSENT),
    ("不是说没有漏水吗", "漏水", Assertion.ABSENT),
    ("没有漏水吧？", "漏水", Assertion.ABSENT),
    ("不是漏水了吗", "漏水", Assertion.PLAINLY),
    ("这不是漏水？", "漏水", Assertion.PLAINLY),
]


@pytest.mark.parametrize(("text", "word", "expected"), _CASES, ids=[text for text, _, _ in _CASES])
def test_how_a_word_stands_in_its_sentence(text: str, word: str, expected: Assertion) -> None:
    """Each of these sentences is read as people read it."""
    at = text.index(word)

    assert expected is said(text, at, at + len(word))


@pytest.mark.parametrize(
    ("before", "denied"),
    [
        ("不是", True),
        ("并非因为", True),
        ("并非没有", False),
        ("没有", False),
        ("是不是", False),
        ("路上有", False),
    ],
)
def test_the_quick_look_agrees_with_the_long_one(before: str, denied: bool) -> None:
    """Whoever asks only what is denied is told the same."""
    text = f"我们反映的{before}漏水，请处理"
    at = text.index("漏水")

    assert (denied, denied) == (is_denied(text, at, at + 2), said(text, at, at + 2) is Assertion.DENIED)


@pytest.mark.parametrize(
    ("before", "behind", "near", "far"),
    [
        ("若不是", "请不要来", Assertion.DENIED, Assertion.PLAINLY),
        ("难道没有", "就可以不来", Assertion.ABSENT, Assertion.PLAINLY),
    ],
)
def test_a_condition_is_looked_for_within_forty_characters(
    before: str, behind: str, near: Assertion, far: Assertion
) -> None:
    """Each of many denials in one text reads what is behind it: to its end would be the square of the text."""
    at, end = len(before), len(before) + 2

    assert near is said(f"{before}漏水{behind}", at, end)
    assert far is said(f"{before}漏水{'水' * 41}{behind}", at, end)


@pytest.mark.parametrize(("before", "expected"), [("不是", Assertion.DENIED), ("没有", Assertion.ABSENT)])
def test_what_stands_behind_is_gone_through_once(before: str, expected: Assertion) -> None:
    """的问题 is one thing, or two: trying each of them as either would take 2⁶⁰ steps here."""
    assert expected is said(f"{before}漏水{'的问题' * 60}。", 2, 4)
