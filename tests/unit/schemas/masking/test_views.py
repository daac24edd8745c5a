"""The two views: nothing personal survives, order numbers and public places do, and twice is once."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.masking import declared_by, for_department, for_public, place_for_department, place_for_public
from schemas.masking.identity import is_card, is_identity, may_be_identity
from schemas.values import Contact, Place

View = Callable[[str], str]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(body: str) -> str:
    """`body` (17 digits) with its check character."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def card_number(body: str) -> str:
    """`body` with its Luhn digit."""
    return next(body + digit for digit in "0123456789" if is_card(body + digit))


MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
IDENTITIES = st.builds(
    lambda place, day, order: identity_number(f"{place}{day}{order:03}"),
    st.sampled_from(["110101", "430102", "330106"]),
    st.dates(date(1931, 1, 1), date(2019, 12, 31)).map(lambda day: f"{day:%Y%m%d}"),
    st.integers(0, 999),
)
#: None that a province and a birthday begin by chance: it is hidden as an identity number is.
CARDS = (
    st.from_regex(r"62[0-9]{13,16}", fullmatch=True)
    .map(card_number)
    .filter(lambda number: not may_be_identity(number))
)
SURROUNDINGS = st.sampled_from(["电话", "我的号码是", "，", " ", "（", "tel:", "。\n"])
TEXTS = st.text(
    alphabet="路灯坏了请尽快修理我住在人民小区电话是12号楼3单元501室，。 -abc@.13812345678张先生\n",
    max_size=80,
)


@given(SURROUNDINGS, MOBILES, st.sampled_from(["，", "", "。", " 谢谢", "或者"]))
def test_mobile_numbers_show_three_and_four_digits(before: str, number: str, after: str) -> None:
    """138****5678, wherever it stands."""
    assert f"{before}{number[:3]}****{number[-4:]}{after}" == for_department(before + number + after)


@given(MOBILES, st.sampled_from([" ", "-", ".", ""]), st.sampled_from(["", "+86", "86 ", "0086-"]))
def test_grouped_and_prefixed_mobile_numbers_do_not_survive(number: str, gap: str, prefix: str) -> None:
    """138-1234-5678, +86 138 1234 5678 and the like are telephone numbers, too."""
    masked = for_department(f"请打{prefix}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}联系")

    assert masked.endswith(f"{number[:3]}****{number[-4:]}联系")
    assert len(masked) <= len("请打+138****5678联系")


@given(MOBILES, MOBILES, st.sampled_from([" ", "，", "/", "或", "、", "\n"]))
def test_several_numbers_are_all_masked(one: str, other: str, between: str) -> None:
    """Not just the first."""
    masked = for_department(f"{one}{between}{other}")

    assert f"{one[:3]}****{one[-4:]}{between}{other[:3]}****{other[-4:]}" == masked


@given(IDENTITIES)
def test_identity_numbers_keep_province_and_three(number: str) -> None:
    """35*************123, as in published notices."""
    assert is_identity(number)
    assert f"身份证{number[:2]}{'*' * 13}{number[-3:]}。" == for_department(f"身份证{number}。")


@given(CARDS)
def test_bank_cards_do_not_survive(number: str) -> None:
    """Written together or in groups of four, four digits are shown."""
    grouped = " ".join(number[place : place + 4] for place in range(0, len(number), 4))

    assert f"卡号****{number[-4:]}，" == for_department(f"卡号{number}，")
    assert f"卡号****{number[-4:]}，" == for_department(f"卡号{grouped}，")


@given(st.from_regex(r"[2-9][0-9]{11,18}", fullmatch=True).filter(lambda number: not is_card(number)))
def test_order_numbers_stay(number: str) -> None:
    """Twelve to nineteen digits that are no card and no identity number are somebody's order number."""
    assert f"订单号{number}" == for_department(f"订单号{number}")


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("座机0731-88665555", "座机0731-****5555"),
        ("座机（010）62345678转801", "座机（010）****5678转801"),
        ("电话：88665555", "电话：****5555"),
        ("拨打一三八幺二三四五六七八找我", "拨打138****5678找我"),
        ("车牌湘A12345挡住了", "车牌湘A*****挡住了"),
        ("车牌湘AD12345挡住了", "车牌湘A*****挡住了"),
        ("邮箱zhang.san@example.com联系", "邮箱z***@example.com联系"),
        ("联系邮箱a@b.cn", "联系邮箱a***@b.cn"),
        ("加我微信 wxid_abc123", "加我微信 wx****"),
        ("QQ：123456789", "QQ：12****"),
        ("我叫李小明，住在城东", "我叫李**，住在城东"),
        ("联系人：欧阳修 电话", "联系人：欧阳* 电话"),
        ("王建国先生来过", "王**先生来过"),
        ("本人周芳，女", "本人周*，女"),
        ("身份证430102800101123", "身份证43**********123"),
        ("车架号：LSVAU033X82012345", "车架号：****"),
        ("车牌是安徽A12345", "车牌是安徽*****"),
        ("邮箱zhang#qq.com（#换@）", "邮箱z***@qq.com（#换@）"),
        ("VIN LSVAU033X82012345", "VIN ****"),
        ("学号：2023010203", "学号：****"),
        ("准考证号 340102123456", "准考证号 ****"),
        ("家里WiFi密码是abc12345", "家里WiFi密码是****"),
        ("我电话前三位139，中间四位0013，后四位8001", "我电话前三位139****8001"),
        ("139后面是00138001", "139****8001"),
        ("实验小学三（2）班的李小萌被打", "实验小学三（2）班的李**被打"),
        ("五班的王强迟到", "五班的王*迟到"),
        ("五班的王小强旷课", "五班的王**旷课"),
        ("司机王强迟到", "司机王*迟到"),
        ("初二3班的王子轩没书", "初二3班的王**没书"),
    ],
)
def test_each_kind_is_masked(written: str, masked: str) -> None:
    """One example of each family."""
    assert masked == for_department(written) == for_public(written)


@pytest.mark.parametrize(
    ("written", "public"),
    [
        ("住在幸福路12号3栋2单元501室", "住在幸福路***"),
        ("阳光小区3栋501漏水", "阳光小区***漏水"),
        ("阳光花园3-2-501漏水", "阳光花园***漏水"),
        ("家住人民路88号，夜里很吵", "家住人民路***，夜里很吵"),
        ("翠竹苑5号楼三单元502漏水", "翠竹苑***漏水"),
        ("翠竹苑三栋二单元五零二室", "翠竹苑***"),
        ("翠竹苑5号楼没有水", "翠竹苑***没有水"),
        ("中山路100弄5号302室", "中山路***"),
        ("我住3-501，楼上漏水", "我住***，楼上漏水"),
        ("望江路12号院3号楼2门501", "望江路***"),
        ("望江小区六栋贰单元叁零壹室", "望江小区***"),
        ("学府雅苑9#-1-602", "学府雅苑***"),
        ("和平家园（3-2-501）漏水", "和平家园***）漏水"),
        ("和平家园三-二-五〇一", "和平家园***"),
        ("和平家园3栋2单元501号业主", "和平家园***业主"),
        ("东湖村王家组12号", "东湖村***"),
        ("长江村5组23号", "长江村***"),
        ("人民路18号附3号", "人民路***"),
        ("家在文昌巷8号后院", "家在文昌巷***后院"),
        ("我家门牌号是文昌巷8号", "我家门牌号是文昌巷***"),
        ("Flat A, 12/F, Block 3, Harbour View", "***, Harbour View"),
        ("3 dong 2 danyuan 501 has no water", "*** has no water"),
        ("我家门牌是12-3-501", "我家门牌是***"),
        ("家里坐标117.2272,31.8206", "家里坐标117.227,31.820"),
        ("我家位置是31.820612°N，117.227234°E", "我家位置是31.820°N，117.227°E"),
        ("I live at Room 501, Building 3, 12 Wangjiang Road", "I live at ***, 12 Wangjiang Road"),
        ("Apt 5B, 12 Wangjiang Rd. has no water", "***, 12 Wangjiang Rd. has no water"),
        ("12 Wangjiang Road, Room 1203", "12 Wangjiang Road, ***"),
        ("my home address is Unit 302", "my home address is ***"),
        ("I live at Room 3, Building 2 of the hospital", "I live at *** of the hospital"),
        ("Room 3, Building 2 of the hospital dormitory", "*** of the hospital dormitory"),
        ("Room 501, Building 3 near the hospital", "*** near the hospital"),
        ("Flat 12 leaks", "*** leaks"),
        ("我住5号线路老化", "我住***线路老化"),
        ("我家在地铁2号线旁的幸福苑3号楼", "我家在地铁2号线旁的幸福苑***"),
        ("我家在市医院3号楼", "我家在市医院***"),
        ("住在幸福小区3号楼对面", "住在幸福小区***对面"),
    ],
)
def test_homes_are_for_the_department_alone(written: str, public: str) -> None:
    """Who must go there has to know which door; everybody else reads the street or the community."""
    assert written == for_department(written)
    assert public == for_public(written)


@pytest.mark.parametrize(
    "text",
    [
        "2019年4月25日10:30在人民路88号附近，12345热线说要等15个工作日",
        "5栋一楼的商铺和11栋18层的电梯，3号楼东边",
        "一楼二楼都漏水，4月25号18栋停电",
        "本人于去年购买，本人房屋空置，我是安徽人，申请人须知",
        "工单250912101108115409和14位编号20250912000123",
        "电话打不通，12315也不管，价格1380元，面积120平方米",
        "客服400-123-4567",
        "学号怎么查，密码忘了怎么办，发动机号看不清，准考证打印不出来，考证费用300元",
        "一班车晚点，一班的车晚点，三班周末补课，四班家长代表，初三班的任课老师太多，加班的李子不甜，17路早班的安排，三年级的高度近视率",
        "我家3-5月没供暖，我住10-20天就走，住在2-300米外，我家2-3-2026",
        "棚户区(1-6区)改造，5号附近，8号附属医院，大家在3号窗口排队，门牌是旧的，小区东门302路车，国家在2020年，贰拾元",
        "Block a user, a flat a tyre, 2/F lobby",
        "Room 3, Building 2 of the hospital is dirty",
        "12 East Lake Road, Room 501 government hall",
        "Two cars had flat 3 tyres",
        "They ask a flat 50 yuan a month",
        "我家在3号线旁边",
        "我住在地鐵3號線附近",
        "我家在市医院3号楼对面",
        "Meeting room 501 at the service hall, Unit 3 test, Block 5 is dirty, Flat tyre",
        "路灯在117.227234，31.820612，价格117.2272元，138后面是5路公交，139后面是12345678元",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    """Dates, public places, hotlines, order numbers and amounts are what a case is about."""
    assert text == for_department(text) == for_public(text)


@pytest.mark.parametrize("view", [for_department, for_public])
@given(text=TEXTS)
def test_masking_twice_is_masking_once(view: View, text: str) -> None:
    """A masked text has nothing left to mask, and the public's view of the department's is the public's view."""
    once = view(text)

    assert once == view(once)
    assert for_public(text) == for_public(once)


def test_what_the_sender_declared_is_masked_wherever_it_stands() -> None:
    """Name, telephone and e-mail of the form do not reappear from the text."""
    declared = declared_by(Contact(name="周丽华", phone="5551234", email="li@example.org"))
    text = "周丽华说，打555 1234或者写LI@example.org，在人民路5号2栋301室"

    assert "周**说，打****1234或者写l***@example.org，在人民路5号2栋301室" == for_department(text, declared)
    assert "周**说，打****1234或者写l***@example.org，在人民路***" == for_public(text, declared)


@pytest.mark.parametrize(
    "name",
    [
        "周\u200b丽华",
        "\u202e周丽华\u202c",
        "\u2066周丽华\u2069",
        "周丽华\ufeff",
        "周\u00a0丽华",
        "周\t丽\u2003华",
        "\x00周丽华",
        "周\u00ad丽华（本人）",
    ],
)
def test_a_name_is_looked_for_as_the_register_writes_the_text(name: str) -> None:
    """A page or a chat from which it was copied left marks in it that nobody sees, and blanks that are none."""
    assert "周**家漏水" == for_department("周丽华家漏水", declared_by(Contact(name=name)))


def test_places_are_exact_for_the_department_and_a_street_for_everybody() -> None:
    """A hundred metres are enough to know which street."""
    place = Place(address="翠竹苑5号楼502", longitude=117.283042, latitude=31.861191)

    assert place == place_for_department(place)
    assert Place(address="翠竹苑***", longitude=117.283, latitude=31.861) == place_for_public(place)


def test_a_disability_card_is_known_by_its_own_digits() -> None:
    """An identity number whose check character is right, and two digits: also where no word says what it is."""
    assert "查 11***************412 的补贴" == for_department("查 11010519850615327412 的补贴")
