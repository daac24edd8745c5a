"""Rows of a file as messages: one cell never takes a message with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from intake.core.draft import Draft
from intake.imports.cells import error_cell, uncomputed_cell, value_of
from intake.imports.columns import AS_USUAL
from intake.imports.objects import flat
from intake.imports.rows import RowReading, read
from schemas.errors import BadInput
from schemas.values import Contact
from schemas.words import ContactPreference, Kind
from tests.unit.intake.imports.files import row_of

_BEIJING = ZoneInfo("Asia/Shanghai")


def _read(more: Mapping[str, object]) -> RowReading:
    return read(row_of({"内容": "停水三天了。请尽快处理！", **more}), zone=_BEIJING)


def _draft(more: Mapping[str, object]) -> Draft:
    return _read(more).draft


def test_a_row_becomes_a_message() -> None:
    """Spreadsheets' numbers and yes and no are understood."""
    found = _draft({"编号": 17.0, "标题": "停水", "电话": 13912345678.0, "类型": "投诉类", "是否公开": "否"})

    assert ("17", "停水", "停水三天了。请尽快处理！") == (found.external_id, found.title, found.text)
    assert (Kind.COMPLAINT, False, Contact(phone="13912345678")) == (found.kind, found.publish, found.contact)


def test_a_missing_title_is_the_first_sentence() -> None:
    """Hotline exports often have none, or an error in its place."""
    assert "停水三天了" == _draft({}).title
    assert "停水三天了" == _draft({"标题": error_cell("#N/A")}).title


@pytest.mark.parametrize("value", ["", "  ", None, error_cell("#REF!"), uncomputed_cell("A1")])
def test_a_row_without_a_text_is_no_message(value: object) -> None:
    """And never one that says #REF!."""
    with pytest.raises(BadInput) as refused:
        read(row_of({"标题": "a", "内容": value}))

    assert ["text"] == [error.field for error in refused.value.errors]


@pytest.mark.parametrize(
    ("cell", "phone", "remarks"),
    [
        ("无", None, None),
        ("/", None, None),
        ("--", None, None),
        ("不详", None, None),
        ("匿名", None, None),
        ("1.39E+10", None, "电话：1.39E+10"),
        ("139****8001", None, "电话：139****8001"),
        ("晚上再打", None, "电话：晚上再打"),
        ("13900138001/13900138002", "13900138001", "电话：13900138001/13900138002"),
        ("13900138001、62213456", "13900138001", "电话：13900138001、62213456"),
        ("13900138001（本人）", "13900138001", "电话：13900138001（本人）"),
        ("手机：13900138001", "13900138001", "电话：手机：13900138001"),
        ("张先生 / 13900138001", "13900138001", "电话：张先生 / 13900138001"),
        ("'13900138001", "13900138001", None),
        ("+86 139-0013-8001", "+86 139-0013-8001", None),
        ("(0551)62213456转801", "(0551)62213456转801", None),
        (13900138001, "13900138001", None),
        ("13900138001.0", "13900138001", None),
        ("13900138001 13900138002", "13900138001", "电话：13900138001 13900138002"),
        ("张三13900138001", "13900138001", "电话：张三13900138001"),
        ("同上", None, "电话：同上"),
        ("0551-62213456 ext 12", "0551-62213456转12", None),
        ("62213456#12", "62213456转12", None),
        ("0551——62213456", "0551-62213456", None),
        ("139\u200b0013\u200b8001", "13900138001", None),
        ("\u202a13900138001\u202c", "13900138001", None),
        ('="13900138001"', "13900138001", None),
        ("340102199003071233", None, "电话：340102199003071233"),
        ("00000000000", None, "电话：00000000000"),
        ("〃", None, "电话：〃"),
    ],
)
def test_a_telephone_that_cannot_be_read_is_kept_among_the_contact_details(
    cell: object, phone: str | None, remarks: str | None
) -> None:
    """The message is taken; what was written stands in nobody's way and is lost to nobody who may see it."""
    reading = _read({"电话": cell})
    contact = reading.draft.contact or Contact()

    assert (phone, remarks) == (contact.phone, contact.remarks)
    assert bool(remarks) == bool(reading.notes)
    assert "停水三天了。请尽快处理！" == reading.draft.text


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("类型", "疑难杂症"),
        ("地址", "很长" * 150),
        ("经度", "东"),
        ("来电时间", "昨天下午"),
        ("编号", "8" * 300),
    ],
)
def test_what_cannot_be_read_stands_with_the_case(column: str, cell: str) -> None:
    """As its last paragraph, and is said by row."""
    reading = _read({column: cell})

    assert reading.notes
    assert f"{column}“{cell}”" in reading.draft.text
    assert reading.draft.text.startswith("停水三天了。请尽快处理！\n\n（")


@pytest.mark.parametrize(
    ("column", "cell"), [("姓名", "周丽华" * 30), ("邮箱", "lihua#example.org"), ("方便联系时间", "晚" * 90)]
)
def test_what_cannot_be_read_of_the_contact_stays_there(column: str, cell: str) -> None:
    """In no text that others read."""
    reading = _read({column: cell})

    assert reading.draft.contact is not None
    assert f"{column}：{cell}" == reading.draft.contact.remarks
    assert cell not in reading.draft.text


@pytest.mark.parametrize("mark", ["〃", "同上", "同上一行", '"', "″"])
def test_a_sign_for_the_row_above_is_nobodys_name_and_no_text(mark: str) -> None:
    """What stood above may be a stranger's: it is said, and not guessed."""
    reading = _read({"姓名": mark})
    contact = reading.draft.contact
    assert contact is not None
    assert (None, f"姓名：{mark}") == (contact.name, contact.remarks)
    assert reading.notes
    with pytest.raises(BadInput) as refused:
        read(row_of({"标题": "a", "内容": mark}))
    assert "row above" in refused.value.errors[0].en


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("匿名举报", Kind.REPORT),
        ("举报件", Kind.REPORT),
        ("检举揭发", Kind.REPORT),
        ("Whistleblowing", Kind.REPORT),
        ("投诉", Kind.COMPLAINT),
        ("投诉件", Kind.COMPLAINT),
        ("表扬信", Kind.PRAISE),
        ("报修", Kind.HELP),
        ("疑难杂症", None),
    ],
)
def test_what_may_be_a_report_is_one(cell: str, kind: Kind | None) -> None:
    """A report is protected: a word that nobody foresaw must not take that away."""
    assert kind is _draft({"类型": cell}).kind


def test_a_title_is_made_of_what_is_shown() -> None:
    """Not of tags, nor up to the semicolon of an entity."""
    assert "路灯坏了" == read(row_of({"内容": "<p>路灯坏了</p><p>&nbsp;请修</p>"})).draft.title


def test_a_title_too_long_is_the_beginning_of_the_text() -> None:
    """Nothing of it is lost."""
    found = _draft({"标题": "停水" * 100})

    assert 120 == len(found.title)
    assert "停水" * 100 + "\n停水三天了。请尽快处理！" == found.text


@pytest.mark.parametrize(
    "cell",
    [
        2.02611250001234e17, "2.02611E+17", "2.02611e17", 202611250001234000, "202611250001234000", "2.02611 E+17",
        "2,02611E+17", "２．０２６１１Ｅ+17",
    ],
)  # fmt: skip
def test_a_rounded_number_is_none(cell: object) -> None:
    """Ids that a spreadsheet rounded are the same for strangers: taken without, and said."""
    reading = _read({"编号": cell})

    assert reading.draft.external_id is None
    assert ["external_id"] == [note.field for note in reading.notes]


@pytest.mark.parametrize("cell", ["202611250001234567", "GD-2026E17", "1", 123456789012345])
def test_other_numbers_are_kept(cell: object) -> None:
    """As text they may be as long as they like."""
    assert str(cell) == _draft({"编号": cell}).external_id


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-20 18:05", "2026/11/20 18:05:00", "2026年11月20日 18时05分", "2026-11-20T10:05:00Z", "2026.11.20 18:05",
        datetime(2026, 11, 20, 18, 5),  # noqa: DTZ001  a spreadsheet has no zones
    ],
)  # fmt: skip
def test_times_are_those_of_the_city(cell: object) -> None:
    """However they are written; unless they name a zone."""
    assert datetime(2026, 11, 20, 10, 5, tzinfo=UTC) == _draft({"来电时间": cell}).said_at


@pytest.mark.parametrize(
    ("word", "preference"),
    [
        ("电话", "any"), ("都可以", "any"), ("短信", "text"), ("否", "text"), ("请勿打电话", "text"), ("听不见", "text"),
        ("无需回访", "none"), ("/", "any"), ("none", "none"), ("NONE", "none"), ("0", "text"),
        ("勿扰！", "none"), ("拒绝回访", "none"),
        ("无", "any"),
    ],
)  # fmt: skip
def test_how_somebody_wants_to_be_reached(word: str, preference: str) -> None:
    """A word that nobody knows may mean: no calls."""
    contact = _draft(
        {"电话": "13900138001", "联系偏好": word, "方便联系时间": "晚上", "语言": "维吾尔语"}
    ).contact

    assert contact is not None
    assert (ContactPreference(preference), "晚上", "维吾尔语") == (
        contact.preference, contact.hours, contact.language,
    )  # fmt: skip


def test_two_columns_of_one_meaning_are_both_kept() -> None:
    """Two texts are one text; a second telephone stands beside the first."""
    found = _draft({"诉求内容": "三楼也停了", "手机": "13900138001", "电话": "62213456"})

    assert "停水三天了。请尽快处理！\n三楼也停了" == found.text
    assert found.contact is not None
    assert ("13900138001", "电话：62213456") == (found.contact.phone, found.contact.remarks)


@pytest.mark.parametrize(
    ("cell", "email", "remarks"),
    [
        ("a@b.com", "a@b.com", None),
        ("mailto:a@b.com", "a@b.com", None),
        ("<a@b.com>", "a@b.com", None),
        ("ａ＠ｂ．ｃｏｍ。", "a@b.com", None),
        ("张三<a@b.com>", "a@b.com", "邮箱：张三<a@b.com>"),
        ("a@b.com;c@d.com", "a@b.com", "邮箱：a@b.com;c@d.com"),
        ("zhang san@b.com", None, "邮箱：zhang san@b.com"),
        ("a@b", None, "邮箱：a@b"),
    ],
)
def test_an_address_is_found_and_never_guessed(cell: str, email: str | None, remarks: str | None) -> None:
    """Half of one with a space in it is a stranger's."""
    contact = _draft({"邮箱": cell}).contact

    assert contact is not None
    assert (email, remarks) == (contact.email, contact.remarks)


@pytest.mark.parametrize(
    "more",
    [
        {"内容": "某局长收钱，请为我保密"},
        {"标题": "匿名举报某厂"},
        {"姓名": "要求保密"},
        {"姓名": "不愿透露姓名", "电话": "13900138001"},
        {"电话": "不方便透露"},
        {"姓名": "要求保密", "是否保密": "否"},
        {"密级": "秘密"},
    ],
)
def test_who_asks_for_secrecy_in_words_gets_it(more: Mapping[str, object]) -> None:
    """Also where no column is for it; what stands in a name's place is no name, and the row says so."""
    found = _read(more)

    assert found.draft.confidential
    assert "confidential" in {note.field for note in found.notes}
    assert found.draft.contact is None or found.draft.contact.name is None


@pytest.mark.parametrize(
    "more",
    [
        {"姓名": "匿名"},
        {"内容": "物业不用保密，路灯坏了"},
        {"内容": "请保密局修路灯，请为我保密", "是否保密": "否"},
        {"密级": "非密"},
    ],
)
def test_who_does_not_ask_for_it_does_not(more: Mapping[str, object]) -> None:
    """A name that is missing asks for nothing; a plain no counts."""
    assert not _draft(more).confidential


def test_a_text_that_stands_for_none_gives_way_to_the_title() -> None:
    """As exports write it whose citizen filled in the title alone."""
    found = _read({"标题": "路灯坏了三天", "内容": "无"})

    assert ("路灯坏了三天", ["text"]) == (found.draft.text, [note.field for note in found.notes])
    assert "无" == _draft({"内容": "无"}).text


def test_marks_of_spreadsheets_are_no_part_of_a_name_or_a_number() -> None:
    """With one a name would mask nothing in the text."""
    found = _draft({"编号": '="0123"', "姓名": "'张三", "标题": "`路灯"})

    assert ("0123", "张三", "路灯") == (found.external_id, found.contact and found.contact.name, found.title)
    assert "'路灯'坏了" == _draft({"内容": "'路灯'坏了"}).text


def test_another_number_is_said() -> None:
    """It is not lost; nor is a position at 0, 0 one."""
    found = _read({"编号": "1", "工单编号": "G-2", "经度": "0", "纬度": "0"})

    assert ("1", None) == (found.draft.external_id, found.draft.place)
    assert "工单编号“G-2”" in found.draft.text or "编号“G-2”" in found.draft.text
    assert {"external_id"} == {note.field for note in found.notes}


@pytest.mark.parametrize("said", ["违法违纪线索", "纪检监察类", "反腐败", "廉政"])
def test_a_kind_that_may_be_a_report_is_one_by_any_word(said: str) -> None:
    """Whoever reports is protected."""
    assert Kind.REPORT == _draft({"类型": said}).kind


@pytest.mark.parametrize(
    ("said", "wish"),
    [("否", ContactPreference.TEXT), ("不需要回访", ContactPreference.NONE), ("需要", ContactPreference.ANY)],
)
def test_whether_somebody_wants_to_be_called_is_asked_in_many_ways(
    said: str, wish: ContactPreference
) -> None:
    """A column that nobody reads would have them called."""
    contact = _draft({"姓名": "张三", "是否需要回访": said}).contact

    assert contact is not None
    assert wish == contact.preference


def test_who_stands_in_a_list_of_objects_is_not_lost() -> None:
    """Of several people the first is the contact, the others stand among its remarks."""
    cells = dict(flat({"text": "a", "contact": [{"name": "张三", "phone": "13900138001"}]}, AS_USUAL))

    assert Contact(name="张三", phone="13900138001") == _draft(cells).contact


@pytest.mark.parametrize(
    "shown",
    [
        "#ERROR!", "Err:502", "＃ＲＥＦ！", "#名称?", "#####", "#N/A N/A", "错误:502", "#BEZUG!", "#NOM?", "=A1&B1",
        "=VLOOKUP(A2,表二!B:C,2,0)", "=工单!C2", '=HYPERLINK("http://x","查看")', "= $B$2", "=CONCATENATE(A1,\n B1)",
    ],
)  # fmt: skip
def test_no_programs_error_or_formula_is_a_message(shown: str) -> None:
    """Nor a number, nor a name."""
    with pytest.raises(BadInput):
        read(row_of({"标题": "a", "内容": value_of(shown)}))

    assert (None, None) == ((found := _draft({"编号": value_of(shown)})).external_id, found.contact)


def test_what_stands_for_the_number_above_is_none() -> None:
    """同上 is the same for every row that has it."""
    reading = _read({"编号": "同上"})

    assert reading.draft.external_id is None
    assert "编号“同上”" in reading.draft.text


@pytest.mark.parametrize("said", ["undefined", "[object Object]", r"\N", "<null>"])
def test_what_programs_write_for_nothing_is_nothing(said: str) -> None:
    """The title says what it is about, then."""
    assert "停水三天" == read(row_of({"标题": "停水三天", "内容": said})).draft.text


def test_a_wish_that_is_an_error_means_no_calls() -> None:
    """What cannot be read may have said so."""
    found = _draft({"电话": "13912345678", "是否回访": error_cell("#REF!")})

    assert ContactPreference.TEXT == (found.contact and found.contact.preference)


def test_a_name_over_two_lines_is_one_name() -> None:
    """Otherwise it would be hidden nowhere."""
    assert Contact(name="张 三丰") == _draft({"姓名": "张\n三丰"}).contact


def test_garbled_words_are_pointed_at() -> None:
    """What they said is lost, and whoever sent the file may have it still."""
    assert ["文字中有乱码。"] == [note.zh for note in read(row_of({"内容": "路灯\ufffd\ufffd不亮"})).notes]


@pytest.mark.parametrize("spare", ["其他联系电话", "备用电话", "第二联系人电话", "备选手机号"])
def test_a_spare_telephone_is_called_only_where_there_is_no_other(spare: str) -> None:
    """Also where its column stands first; the remark says under which name each number stood."""
    both = _draft({spare: "13900138001", "联系电话": "13900138002"}).contact

    assert Contact(phone="13900138002", remarks=f"{spare}：13900138001") == both
    assert Contact(phone="13900138001") == _draft({spare: "13900138001", "联系电话": ""}).contact
