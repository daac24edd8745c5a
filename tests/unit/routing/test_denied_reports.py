"""A report stays protected where its writer also says that none is made: to read too much into 不举报 shows it."""

import pytest

from routing.core.classify import classify
from routing.core.rules import load_rules

RULES = load_rules()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "其实不想举报，想问问公积金提取。想了一晚上，还是决定举报，电话留给你们了"),
        ("我不举报，只想问问流程", "我举报窗口的小李"),
        ("", "我不举报，就想问问社保。\n算了，还是要说：我举报窗口的小李"),
        ("", "我不举报，只想问问流程。\n村主任的账有问题"),
        ("", "现在不打算举报，想先问问举报会不会泄露我的名字"),
        ("", "不举报了，就想问问保护措施，家里有人盯梢"),
        ("", "不想举报，只问一句，谁来查你们"),
        ("", "隔壁办公室老张那点事大家都清楚。我不举报，就想问问退休手续"),
        ("", "不举报，就问一下，工资扣了还能要回来吗"),
    ],
)
def test_a_denial_beside_it_takes_no_protection_away(title: str, text: str) -> None:
    """Said and taken back, said of one report and not of the other, or by whoever is afraid."""
    assert classify(RULES, title, text).protected
