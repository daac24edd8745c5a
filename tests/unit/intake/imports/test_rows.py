"""Rows of a file as messages."""

import pytest

from intake.imports.rows import Importer, draft_of
from schemas.errors import BadInput
from schemas.values import Contact
from schemas.words import Channel, Kind
from tests.unit.intake.messages import KEYS, NOW, draft


def test_a_row_becomes_a_message() -> None:
    """Spreadsheets' numbers and yes and no are understood."""
    found = draft_of(
        {
            "编号": 17.0,
            "标题": "停水",
            "内容": "停水三天了",
            "电话": 13912345678.0,
            "类型": "投诉",
            "是否公开": "否",
        }
    )

    assert ("17", "停水", "停水三天了") == (found.external_id, found.title, found.text)
    assert (Kind.COMPLAINT, False, Contact(phone="13912345678")) == (found.kind, found.publish, found.contact)


def test_nested_json_is_read_like_the_api() -> None:
    """A jsonl line may look like the body of a submission."""
    found = draft_of(
        {"title": "a", "text": "b", "contact": {"name": "周丽华"}, "place": {"address": "人民路"}}
    )

    assert Contact(name="周丽华") == found.contact
    assert found.place is not None
    assert "人民路" == found.place.address


def test_a_missing_title_is_the_first_sentence() -> None:
    """Hotline exports often have none."""
    assert "小区停水三天了" == draft_of({"内容": "小区停水三天了。请尽快处理！"}).title


def test_wrong_cells_are_named() -> None:
    """A word where a number belongs is the row's mistake."""
    with pytest.raises(BadInput) as refused:
        draft_of({"标题": "a", "内容": "", "经度": "东", "纬度": "1"})

    assert {"text", "place.longitude"} == {error.field for error in refused.value.errors}


def test_the_same_file_gives_the_same_codes() -> None:
    """Run again, every row is the case that it was."""
    drafts = [draft(), draft(), draft(external_id="E"), draft(text="别的事情")]
    runs = [
        [importer.accepted(each, NOW).codes for each in drafts]
        for importer in (Importer(channel=Channel.WEB, name="f", keys=KEYS) for _ in range(2))
    ]

    assert runs[0] == runs[1]
    assert 4 == len(set(runs[0]))
