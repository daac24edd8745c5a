"""What a column means."""

import pytest

from intake.imports.columns import field_of


@pytest.mark.parametrize(
    ("column", "meaning"),
    [
        ("标题", "title"),
        ("留言主题", "title"),
        ("留言详情", "text"),
        ("　内容 ", "text"),
        ("Contact Phone", "phone"),
        ("留言编号", "external_id"),
        ("来信人是否要求保密", "confidential"),
        ("是否同意公开", "publish"),
        ("公开时间", None),
        ("留言时间", "said_at"),
        ("", None),
    ],
)
def test_columns_are_known_by_their_usual_names(column: str, meaning: str | None) -> None:
    """English and Chinese; others are passed over."""
    assert meaning == field_of(column)
