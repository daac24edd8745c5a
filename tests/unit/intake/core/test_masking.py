"""Masking: nothing personal survives, order numbers and public places do, and twice is once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.identity_numbers import is_card, is_identity
from intake.core.masking import declared_by, mask
from schemas.values import Contact, Place

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
    st.dates().filter(lambda day: 1930 < day.year < 2020).map(lambda day: f"{day:%Y%m%d}"),
    st.integers(0, 999),
)
CARDS = st.from_regex(r"62[0-9]{13,16}", fullmatch=True).map(card_number)
SURROUNDINGS = st.sampled_from(["电话", "我的号码是", "，", " ", "（", "tel:", "。\n"])
TEXTS = st.text(
    alphabet="路灯坏了请尽快修理我住在人民小区电话是12号楼3单元501室，。 -abc@.13812345678张先生\n",
    max_size=80,
)


@given(SURROUNDINGS, MOBILES, st.sampled_from(["，", "", "。", " 谢谢", "或者"]))
def test_mobile_numbers_show_three_and_four_digits(before: str, number: str, after: str) -> None:
    """138****5678, wherever it stands."""
    assert f"{before}{number[:3]}****{number[-4:]}{after}" == mask(before + number + after)


@given(MOBILES, st.sampled_from([" ", "-", ".", ""]), st.sampled_from(["", "+86", "86 ", "0086-"]))
def test_grouped_and_prefixed_mobile_numbers_do_not_survive(number: str, gap: str, prefix: str) -> None:
    """138-1234-5678, +86 138 1234 5678 and the like are telephone numbers, too."""
    masked = mask(f"请打{prefix}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}联系")

    assert masked.endswith(f"{number[:3]}****{number[-4:]}联系")
    assert len(masked) <= len("请打+138****5678联系")


@given(MOBILES, MOBILES, st.sampled_from([" ", "，", "/", "或", "、", "\n"]))
def test_several_numbers_are_all_masked(one: str, other: str, between: str) -> None:
    """Not just the first."""
    masked = mask(f"{one}{between}{other}")

    assert f"{one[:3]}****{one[-4:]}{between}{other[:3]}****{other[-4:]}" == masked


@given(IDENTITIES)
def test_identity_numbers_keep_province_and_three(number: str) -> None:
    """35*************123, as in published notices."""
    assert is_identity(number)
    assert f"身份证{number[:2]}{'*' * 13}{number[-3:]}。" == mask(f"身份证{number}。")


@given(CARDS)
def test_bank_cards_do_not_survive(number: str) -> None:
    """Written together or in groups of four."""
    grouped = " ".join(number[place : place + 4] for place in range(0, len(number), 4))

    assert f"卡号****{number[-4:]}，" == mask(f"卡号{number}，")
    assert f"卡号**** {number[-4:]}，" == mask(f"卡号{grouped}，")


@given(st.from_regex(r"[2-9][0-9]{11,18}", fullmatch=True).filter(lambda number: not is_card(number)))
def test_order_numbers_stay(number: str) -> None:
    """Twelve to nineteen digits that are no card and no identity number are somebody's order number."""
    if len(number) == 15 or (len(number) == 18 and is_identity(number)):
        return

    assert f"订单号{number}" == mask(f"订单号{number}")


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("座机0731-88665555", "座机0731-****5555"),
        ("座机（010）62345678转801", "座机（010）****5678转801"),
        ("电话：88665555", "电话：****5555"),
        ("拨打一三八幺二三四五六七八找我", "拨打一三八****五六七八找我"),
        ("车牌湘A12345挡住了", "车牌湘A·*****挡住了"),
        ("车牌湘AD12345挡住了", "车牌湘A·*****挡住了"),
        ("邮箱zhang.san@example.com联系", "邮箱z***@example.com联系"),
        ("联系邮箱a@b.cn", "联系邮箱a***@b.cn"),
        ("加我微信 wxid_abc123", "加我微信 wx****"),
        ("QQ：123456789", "QQ：12****"),
        ("我叫李小明，住在城东", "我叫李**，住在城东"),
        ("联系人：欧阳修 电话", "联系人：欧阳* 电话"),
        ("王建国先生来过", "王**先生来过"),
        ("本人周芳，女", "本人周*，女"),
        ("身份证430102800101123", "身份证43**********123"),
        ("住在幸福路12号3栋2单元501室", "住在幸福路***"),
        ("阳光小区3栋501漏水", "阳光小区***漏水"),
        ("阳光花园3-2-501漏水", "阳光花园***漏水"),
        ("家住人民路88号，夜里很吵", "家住人民路***，夜里很吵"),
    ],
)
def test_each_kind_is_masked(written: str, masked: str) -> None:
    """One example of each family."""
    assert masked == mask(written)


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
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    """Dates, public places, hotlines, order numbers and amounts are what a case is about."""
    assert text == mask(text)


@given(TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    """A masked text has nothing left to mask."""
    once = mask(text)

    assert once == mask(once)


def test_what_the_sender_declared_is_masked_wherever_it_stands() -> None:
    """Name, telephone, e-mail and address of the form do not reappear from the text."""
    contact = Contact(name="周丽华", phone="5551234", email="li@example.org")
    place = Place(address="人民路5号2栋301室")
    text = "周丽华说，打5551234或者写li@example.org，在人民路5号2栋301室"

    assert "周**说，打****1234或者写l***@example.org，在人民路***" == mask(text, declared_by(contact, place))
