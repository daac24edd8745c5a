"""A name is a name; whatever else stands beside the number is words."""

import msgspec
import pytest

from intake.core.contacts.contact_words import as_shown, words_beside
from intake.core.registration import prepare_message
from schemas.values import Contact
from tests.unit.intake.messages import KEYS, draft, message


@pytest.mark.parametrize(
    "name",
    [
        "王小明", "王", "欧阳娜娜", "諸葛明", "张先生", "司马女士", "阿依古丽·买买提", "古力娜扎尔•拜合提亚尔",
        "Mary O'Neil", "김민준", "Jean-Luc Martin", "ئادىل",
    ],
)  # fmt: skip
def test_a_name_is_nothing_to_judge(name: str) -> None:
    """In whatever script it is; it never leaves what is sealed."""
    assert "" == words_beside(Contact(name=name, phone="13812345678", email="a@example.org"))


@pytest.mark.parametrize(
    "words", ["举报王局长受贿", "王局贪污", "城管收钱，别告诉他们", "I saw him take the money there"]
)
@pytest.mark.parametrize("field", ["name", "hours", "language", "remarks"])
def test_what_is_no_name_is_words(field: str, words: str) -> None:
    """Wherever it stands."""
    assert words in words_beside(msgspec.structs.replace(Contact(phone="13812345678"), **{field: words}))


def test_the_words_are_masked() -> None:
    """A number beside them does not come along, nor does the name."""
    found = words_beside(
        Contact(name="王小明", phone="13812345678", hours="晚上打13812345678找王小明，局长收钱")
    )

    assert "局长收钱" in found
    assert "1381234" not in found
    assert "王小明" not in found


def test_nothing_is_nothing() -> None:
    """As nearly always."""
    assert "" == words_beside(None) == words_beside(Contact()) == words_beside(Contact(hours=" "))


def test_a_message_is_registered_with_them() -> None:
    """What routing judges beside the text."""
    event = message(draft("a", "b", contact=Contact(name="举报王局长受贿"))).event

    assert "举报王局长受贿" == prepare_message(event, KEYS).beside


PHONE = "13812345678"


@pytest.mark.parametrize("field", ["name", "hours", "language", "remarks"])
def test_whoever_sees_the_contact_learns_of_nobody_else(field: str) -> None:
    """No number, identity number, plate, account or name that is another's, wherever it stands beside the contact."""
    words = "请找邻居李建国，他会转告，电话13987654321，身份证330106199001011234，车牌浙A12345，邮箱li@example.org"
    shown = as_shown(msgspec.structs.replace(Contact(phone=PHONE), **{field: words}))
    text = str(msgspec.to_builtins(shown))

    assert PHONE == shown.phone
    assert "他会转告" in text
    for hidden in ("李建国", "13987654321", "199001011234", "A12345", "li@example"):
        assert hidden not in text


@pytest.mark.parametrize("name", ["王小明", "阿依古丽·买买提", "我叫王小明", "联系人：王小明", "Mary O'Neil"])
def test_their_own_name_is_shown_as_they_wrote_it(name: str) -> None:
    """Whoever calls must know for whom to ask."""
    assert name == as_shown(Contact(name=name, phone=PHONE)).name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Contact(phone=PHONE, remarks="电话：13812345678/13987654321"), "13987654321"),
        (Contact(phone=PHONE, remarks="手机：62213456"), "62213456"),
        (Contact(phone=PHONE, remarks="邮箱：a@example.org b@example.org"), "b@example.org"),
        (Contact(name="王小明", hours="晚上打13812345678"), "13812345678"),
        (Contact(remarks="联系方式：0571-87654321 分机 3"), "0571-87654321"),
    ],
)
def test_what_reaches_the_citizen_stays(given: Contact, kept: str) -> None:
    """What a field for it held and nobody could read; and all of it where there is no other way."""
    assert kept in str(msgspec.to_builtins(as_shown(given)))


def test_a_number_that_stays_takes_no_other_with_it() -> None:
    """Beside it an identity number and a name go as ever, and what stands for it while that is done is nobody's."""
    shown = as_shown(Contact(remarks="电话：\ue00013812345678，身份证330106199001011234，联系人李建国"))

    assert shown.remarks is not None
    assert "13812345678" in shown.remarks
    assert "199001011234" not in shown.remarks
    assert "李建国" not in shown.remarks
    assert "\ue000" not in shown.remarks


def test_showing_twice_changes_nothing() -> None:
    """What was masked is not read again."""
    contact = Contact(
        name="找李四 13987654321", phone=PHONE, hours="晚上", remarks="备注：身份证330106199001011234"
    )
    once = as_shown(contact)

    assert once == as_shown(once)
