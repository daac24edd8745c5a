"""What a column means."""

import pytest

from intake.imports.columns import AS_USUAL, COLUMNS, Columns, field_of
from schemas.simplified import is_simplified


@pytest.mark.parametrize(
    ("column", "meaning"),
    [
        ("标题", "title"),
        ("留言主题", "title"),
        ("留言详情", "text"),
        ("反映情况", "text"),
        ("*诉求情况", "text"),
        ("来电诉求", "text"),
        ("案件描述（必填）", "text"),
        ("　内容 ", "text"),
        ("Contact Phone", "phone"),
        ("留言编号", "external_id"),
        ("来信人是否要求保密", "confidential"),
        ("是否同意公开", "publish"),
        ("公开时间", None),
        ("保\u200b密", "confidential"),
        ("\ufeff内\u200b容", "text"),
        ("是否匿名", "confidential"),
        ("匿名举报", "confidential"),
        ("不同意公开", "confidential"),
        ("不愿公开", "confidential"),
        ("是否需要隐去个人信息", "confidential"),
        ("隐私件", "confidential"),
        ("Anonymous?", "confidential"),
        ("isConfidential", "confidential"),
        ("Confidentiality", "confidential"),
        ("private", "confidential"),
        ("confidential.value", "confidential"),
        ("已阅读隐私政策", None),
        ("Secretary", None),
        ("姓名及电话", "phone"),
        ("contact", "phone"),
        ("operator.phone", None),
        ("留言时间", "said_at"),
        ("1、您的联系电话是？", "phone"),
        ("2.诉求内容（必填）", "text"),
        ("3）您的姓名", "name"),
        ("📝内容", "text"),
        ("编号▼", "external_id"),
        ("电话②", "phone"),
        ("内容2", "text"),
        ("请描述您的诉求", "text"),
        ("密级", "confidential"),
        ("是否需要回访", "preference"),
        ("标题*必填", "title"),
        ("联系电话 - 选填", "phone"),
        ("必填：内容", "text"),
        ("内容（必填）*", "text"),
        ("Title *required", "title"),
        ("內容", "text"),
        ("*訴求標題（必填）", "title"),
        ("訴求編號", "external_id"),
        ("聯繫電話", "phone"),
        ("聯絡人", "name"),
        ("是否同意公開", "publish"),
        ("是否可以公开", "publish"),
        ("隱私件", "confidential"),
        ("是否隐藏姓名", "confidential"),
        ("是否实名", "named"),
        ("實名舉報", "named"),
        ("是否公开姓名", "named"),
        ("個人信息是否公開", "named"),
        ("isRealName", "named"),
        ("show_name", "named"),
        ("是否实名认证", None),
        ("实名", None),
        ("公开电话", None),
        ("realName", None),
        ("内容是否属实", None),
        ("12345", None),
        ("您的", None),
        ("", None),
    ],
)
def test_columns_are_known_by_their_usual_names(column: str, meaning: str | None) -> None:
    """English and Chinese; others are passed over."""
    assert meaning == field_of(column)


@pytest.mark.parametrize(
    ("column", "meaning"),
    [("【内容】(必填)", "text"), ("[标题]（选填）", "title"), ("编号 No.", "external_id"), ("No.", None)],
)
def test_names_in_brackets_and_in_two_languages(column: str, meaning: str | None) -> None:
    """`No.` by itself is as often a row's own number."""
    assert meaning == field_of(column)


@pytest.mark.parametrize(
    ("column", "meaning"),
    [
        ("Content内容*", "text"),
        ("姓名Name", "name"),
        ("电话Tel.", "phone"),
        ("工单ID", None),
        ("Phone No.", "phone"),
        ("Contact Person", "name"),
        ("Created On", "said_at"),
        ("Case Number", "external_id"),
    ],
)
def test_names_in_english_and_in_both_languages_are_known(column: str, meaning: str | None) -> None:
    """Also with nothing between the two; names of which one is unknown say nothing."""
    assert meaning == field_of(column)


@pytest.mark.parametrize(
    ("columns", "number", "said"),
    [
        (("Case Number", "ID", "Text"), "ID", {}),
        (("编号ID", "Text", "编号"), "编号", {}),
        (("Case Number", "ID"), "Case Number", {"Case Number": "external_id", "ID": "-"}),
        (("Case Number", "Text"), "Case Number", {}),
        (("Case Number", "Request ID"), "Case Number", {}),
    ],
)
def test_of_two_numbers_the_one_that_was_read_first_stays_it(
    columns: tuple[str, ...], number: str, said: dict[str, str]
) -> None:
    """A list that is imported again would make every message a second case."""
    fields = Columns(said).fields_of(columns)

    assert number == next(column for column in columns if fields[column] == "external_id")


def test_second_names_beside_first_ones_say_nothing_but_what_a_message_has_several_of() -> None:
    """The name, the time and the number are as they were read before; no words and no telephone are lost."""
    columns = {"Name": "name", "Reporter": None, "Created On": None, "Date": "said_at", "Title": "title"} | {
        "Case Title": None, "Text": "text", "Issue Description": "text", "Phone": "phone", "Mobile No.": "phone",
    }  # fmt: skip

    assert columns == AS_USUAL.fields_of(columns)


@pytest.mark.parametrize(
    ("column", "meaning"),
    [
        ("来电人电话", "phone"),
        ("投诉人联系方式", "phone"),
        ("举报者手机号码", "phone"),
        ("市民的联系电话（必填）", "phone"),
        ("联系电话二", "phone"),
        ("备用联系电话", "phone"),
        ("固定电话", "phone"),
        ("投诉人姓名", "name"),
        ("來電人郵箱", "email"),
        ("投诉人地址", None),
        ("被投诉人电话", None),
        ("被举报人姓名", None),
        ("受理人电话", None),
        ("承办人联系方式", None),
        ("投诉电话", None),
        ("其他内容", None),
        ("备用", None),
    ],
)
def test_a_column_may_say_whose_telephone_it_holds(column: str, meaning: str | None) -> None:
    """Of whoever wrote, in all the words for them; nobody else is called about their message."""
    assert meaning == field_of(column)


def test_every_name_is_kept_in_simplified_characters() -> None:
    """In which all are compared: one in others would never be found, and every start would load what converts them."""
    assert not [name for names in COLUMNS.values() for name in names if not is_simplified(name)]
