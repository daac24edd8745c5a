"""What stands in a list and is no message."""

from pathlib import Path

import pytest

from intake.imports.asides import aside, explains, stand_side_by_side, stands_alone, tells_of_columns
from intake.imports.preview import has_unread_messages
from intake.imports.tables import EVERYTHING, rows_of, tables_of
from schemas.errors import Malformed
from tests.unit.intake.imports.files import import_of, rows_xml, sheet_xml, workbook


@pytest.mark.parametrize(
    ("first", "text"),
    [
        ("合计", ""),
        ("制表人：李四", "2026年"),
        ("总数", "3"),
        ("", "合计：2件"),
        ("", "以上共2条"),
        ("", "（以下无正文）"),
        ("", "制表人：周某"),
        ("", "填报单位：长江路街道办（盖章）"),
        ("", "数据来源：12345热线系统"),
        ("", "打印时间：2026-11-25 10:00"),
        ("", "注：以上数据截至2026年11月25日"),
        ("", "本表由系统导出，仅供内部使用"),
        ("", "数据来源：市城市管理局投诉举报平台"),
        ("", "更新时间：2026年11月25日 10:00"),
        ("", "以上数据截至2026-11-25"),
        ("", "资料来源：城管热线"),
        ("", "(1 row affected)"),
        ("", "第1页，共3页"),
        ("示例", "路灯坏了"),
        ("例：", "路灯坏了"),
        ("1", "（示例）请写明时间地点"),
        ("1", "示例：某小区路灯坏了"),
        ("總計", ""),
        ("製表人：李四", "2026年"),
        ("", "合計：2件"),
        ("", "以下無正文"),
        ("", "填報單位：某辦"),
        ("範例", "路燈壞了"),
    ],
)
def test_totals_signatures_and_examples_are_no_messages(first: str, text: str) -> None:
    """Wherever a list has its text."""
    assert aside(first, text, is_alone=not first, is_last=True) is not None


@pytest.mark.parametrize(
    ("first", "text", "is_alone"),
    [
        ("1", "合计多收了三次水费", False),
        ("合计：多收三次", "请退水费", False),
        ("", "合计多收了我三次水费", True),
        ("", "审核人：李某不作为，拖了三个月还不给批", True),
        ("", "以下情况请核实", True),
        ("", "以上情况由来已久，请核实", True),
        ("", "本表扬信送给城管队员", True),
        ("", "资料来源不明的传单贴满楼道", True),
        ("", "制表人：周某", False),
        ("", "本表由贵公司安装后就走得飞快，请更换", True),
        ("", "以上数据不含我家用水，请核实", True),
        ("", "信息来源：邻居说楼下卖假药，请查", True),
        ("", "更新时间：18路站牌一直不准，请修", True),
        ("", "更新时间：18路站牌", True),
        ("", "统计单位：楼下公司", True),
        ("", "审核人：李某不办", True),
        ("", "经办人：收了红包", True),
        ("", "数据来源：投诉没人处理的热线", True),
        ("", "说明：本表共转了三圈", True),
        ("例会", "路灯坏了", False),
        ("审核", "路灯坏了", False),
        ("1", "例如路灯坏了", False),
    ],
)
def test_messages_with_such_words_are_messages(first: str, text: str, is_alone: bool) -> None:
    """Somebody may write of totals."""
    assert aside(first, text, is_alone=is_alone, is_last=True) is None


def test_what_closes_a_list_is_a_message_where_one_stands_below_it(tmp_path: Path) -> None:
    """No line among messages is taken for a note on them; nor is one of too many."""
    notes = [["制表人：周某"], ["更新时间：2026-11-25"]]
    texts = [["内容"], *notes, ["路灯坏了"], ["本表由系统安装后飞快，请更换"], *notes]
    many = [["内容"], ["路灯坏了"], *[["制表人：周某"]] * 9]

    assert [False] * 4 + [True] * 2 == _are_aside(tmp_path / "a.xlsx", texts)
    assert [False] * 10 == _are_aside(tmp_path / "b.xlsx", many)


def _are_aside(path: Path, rows: list[list[str]]) -> list[bool]:
    (table,) = tables_of(workbook(path, {"一": sheet_xml(rows_xml(rows))}), EVERYTHING)
    return [bool(row.wrong) for row in rows_of(table, EVERYTHING.columns)]


@pytest.mark.parametrize(
    "sheet",
    [
        "字典", "填写说明", "下拉选项", "Sheet说明"[5:], "示例", "README", "码表2", "注意事项", "填表说明",
        "填表须知", "导入模板说明", "操作指南", "填表說明", "注意事項",
    ],
)  # fmt: skip
def test_a_sheet_of_words_to_choose_from_is_none_of_messages(sheet: str) -> None:
    """Where another sheet has more columns; where none has, it is the only one that can be meant."""
    assert explains(sheet, {"类型", "内容"}, 2, 5)
    assert not explains(sheet, {"类型", "内容"}, 2, 2)
    assert not explains("24日", {"类型", "内容"}, 2, 5)


@pytest.mark.parametrize("sheet", ["情况说明", "要求赔偿", "注意", "一月", "热线"])
def test_a_sheet_of_another_name_is_as_it_stands(sheet: str) -> None:
    """注意 by itself tells how to fill in another one; what people ask for does not."""
    assert explains(sheet, {"序号", "内容"}, 1, 5) == (sheet == "注意")


def test_two_tables_side_by_side_make_no_message_of_two_people(tmp_path: Path) -> None:
    """The file is refused aloud; a text that goes on in a second column is one text."""
    beside = [["编号", "内容", "", "编号", "内容"], ["1", "路灯坏了", "", "2", "油烟扰民"]]
    with pytest.raises(Malformed, match="side by side"):
        tables_of(workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows_xml(beside))}), EVERYTHING)

    assert stand_side_by_side([("内容", "text"), ("电话", "phone"), ("内容", "text"), ("电话", "phone")])
    assert not stand_side_by_side([("内容", "text"), ("内容", "text"), ("电话", "phone"), ("电话", "phone")])
    assert not stand_side_by_side(
        [("编号", "external_id"), ("内容", "text"), ("电话", "phone"), ("内容", "text")]
    )


def test_what_is_no_message_is_said_by_row(tmp_path: Path) -> None:
    """Rows seen are accepted or rejected: none of them is left out."""
    lines = [["内容", "电话"], ["路灯坏了", "13900138001"], ["合计：1件", ""], ["制表人：周某", ""]]
    (table,) = tables_of(workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows_xml(lines))}), EVERYTHING)

    assert [False, True, True] == [bool(row.wrong) for row in rows_of(table, EVERYTHING.columns)]


@pytest.mark.parametrize(
    ("first", "text", "beside", "is_so"),
    [
        ("", "总计", ["12"], True),
        ("", "合计", ["共 3 件", "3"], True),
        ("", "总计", ["13900138001"], False),
        ("", "总计", ["周某"], False),
        ("3", "合计", ["3"], False),
        ("", "合计", [], True),
        ("3", "", ["3"], True),
    ],
)
def test_a_count_may_stand_behind_a_total(first: str, text: str, beside: list[str], is_so: bool) -> None:
    """Where the text is the first column; a telephone number is whoever wrote it."""
    assert is_so == stands_alone(first, text, beside)


def test_a_sheet_that_may_hold_messages_and_is_not_read_is_no_success(tmp_path: Path) -> None:
    """Two tables abreast, a form, a text by a name that nobody knows: a script hears of it by the exit status."""
    beside = [["编号", "内容", "", "编号", "内容"], ["1", "路灯坏了", "", "2", "油烟扰民"]]
    form = [["姓名", "张三"], ["电话", "13900138001"], ["内容", "路灯坏了"], ["地址", "人民路"]]
    plain = sheet_xml(rows_xml([["编号", "内容"], ["1", "井盖丢了"]]))
    renamed = [["编号", "诉求明细", "姓名", "电话"], ["1", "路灯坏了", "张三", "13900138001"]]
    for other in (beside, form, renamed):
        path = workbook(tmp_path / "a.xlsx", {"一": plain, "二": sheet_xml(rows_xml(other))})
        assert has_unread_messages(import_of(path))
    offices = [["单位", "联系人", "电话"], ["供水公司", "李四", "0551-62213456"]]
    people = [["姓名", "电话", "地址", "邮箱"], ["李四", "0551-62213456", "人民路 1 号", "li@example.cn"]]
    others = ({"通讯录": sheet_xml(rows_xml(rows))} for rows in (offices, people))
    for sheets in ({"一": plain}, *({"一": plain} | other for other in others)):
        assert not has_unread_messages(import_of(workbook(tmp_path / "a.xlsx", sheets)))


def test_what_a_template_says_of_each_column_is_no_message() -> None:
    """Whether it must be filled in, and with what; one cell alone may be a message."""
    assert tells_of_columns(["必填", "选填", "（必填）"])
    assert tells_of_columns(["文本", "日期", "Required"])
    assert tells_of_columns(
        ["自动生成", "选填", "必填，1-10000字", "11位手机号", "格式：2026-01-31", "是/否"]
    )
    assert tells_of_columns(["系统生成", "必填（不超过500字）", "请从下拉列表选择"])
    assert not tells_of_columns(["必填", "路灯不亮"])
    assert not tells_of_columns(["请填写表格的窗口没人", "11位老人没领到补贴"])
    assert not tells_of_columns(["7", "必填，写了还是没人管"])
    assert not tells_of_columns(["必填"])
