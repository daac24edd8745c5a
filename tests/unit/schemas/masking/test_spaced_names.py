"""Names whose letters stand apart, as forms have them."""

import pytest

from schemas.masking import for_department, for_public


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("姓名\u3000李\u3000明", "姓名\u3000李**"),
        ("签名：张  伟", "签名：张**"),
        ("户主：陈 大 文，楼上漏水", "户主：陈**，楼上漏水"),
        ("业主王 建 国反映电梯坏了", "业主王**反映电梯坏了"),
        ("联系人：王 芳", "联系人：王**"),
        ("联系人：王 建国，电话无", "联系人：王**，电话无"),
        ("户主 陈 大 文 已签收", "户主 陈** 已签收"),
        ("负责人：张 三，李 四", "负责人：张**，李**"),
        ("路灯坏了三天。\n王 芳\n2026年11月20日", "路灯坏了三天。\n王**\n2026年11月20日"),
    ],
)
def test_names_are_hidden_letter_by_letter(text: str, shown: str) -> None:
    """In both views, and once hidden they stay so."""
    assert shown == for_department(text) == for_public(text) == for_public(shown)


@pytest.mark.parametrize(
    "text",
    [
        "老师：周 五，放学后补课收费",
        "负责人：高 度重视",
        "主任 方 便时来看",
        "车主：于 洪 区",
        "联系人：王 女士",
        "老师 周 五 来过",
        "第 一 中 学 的 路 灯 坏",
        "路灯坏了。\n高 压 线\n垂下来了，请人来看",
    ],
)
def test_words_that_stand_apart_are_none(text: str) -> None:
    """Somebody who types with blanks has words, too."""
    assert text == for_department(text)


def test_an_office_keeps_its_rooms_in_english() -> None:
    """People are meant to find them; whoever else has a room there does not work in it."""
    text = "Please come to Room 501, Building 3, 12 Wangjiang Road, the service hall."

    assert text == for_public(text, official=True)
    assert "501" not in for_public("She lives in Room 501, Building 3, 12 Wangjiang Road.", official=True)
