"""Secrecy that is asked for by words alone, or by a field that is none of ours."""

import json
from typing import Any

import pytest

from intake.core.asked_secrecy import asks_beside, asks_for_secrecy


@pytest.mark.parametrize(
    "text",
    [
        "请保密", "请替我保密，谢谢", "我要求保密", "希望保密", "麻烦帮我保密一下", "我想匿名反映物业乱收费", "匿名举报",
        "不要说是我说的",
        "千万别让他们知道是我", "别让物业知道是我", "please keep this confidential", "Keep my name secret",
    ],
)  # fmt: skip
def test_words_that_ask_for_it(text: str) -> None:
    """However somebody says them."""
    assert asks_for_secrecy("路灯坏了。", text)


@pytest.mark.parametrize(
    "text",
    [
        "不用保密", "无需保密，可以公开", "保密局门口的路灯坏了", "商业秘密被泄露", "请告诉我什么时候修",
        "不要说是我们的问题",
    ],
)  # fmt: skip
def test_words_that_do_not(text: str) -> None:
    """Also where the word is in them."""
    assert not asks_for_secrecy(text)


@pytest.mark.parametrize(
    "more",
    [
        {"isConfidential": True}, {"Confidential": "yes"}, {"anonymous": 1}, {"匿名": "是"}, {"是否匿名": "√"},
        {"private": True},
        {"contact": {"isAnonymous": True}}, {"不公开": "是"}, {"secret": ["name"]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_field_of_another_name_asks_for_it(more: Any, *, ascii_only: bool) -> None:
    """Whatever its sender calls it, and however its characters are written."""
    assert asks_beside(json.dumps({"title": "a", **more}, ensure_ascii=ascii_only).encode())


@pytest.mark.parametrize(
    "body",
    [
        {"title": "a"}, {"confidential": False}, {"confidential": True}, {"isConfidential": False}, {"匿名": "否"},
        {"private": None},
        {"已阅读隐私政策": True}, {"text": "请保密 isConfidential"}, ["anonymous"], "anonymous",
    ],
)  # fmt: skip
def test_nothing_else_does(body: Any) -> None:
    """Our own field is read where the body is; a no is a no; what stands in a text is no field."""
    assert not asks_beside(json.dumps(body).encode())


def test_what_is_no_json_is_none() -> None:
    """Whoever reads the body says so."""
    assert not asks_beside(b'{"anonymous')
