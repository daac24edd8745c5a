"""What people said of themselves: it must not stand in their text, however it is written there."""

import re
from functools import lru_cache

import msgspec

from schemas.masking.names import shown_name
from schemas.masking.spellings import digits_of
from schemas.masking.surnames import is_word
from schemas.patterns import compiled_later
from schemas.values import Contact

_DOTS = "·•・‧∙⋅.．"
_SPLIT = compiled_later(rf"[{_DOTS} ]+")
_SPELLED = compiled_later(r"[*0-9@]")
#: Who somebody is rather than what they are called: hiding these words would blank them everywhere.
_NOBODY = compiled_later(
    r"(?:"
    r"市民|群众|群眾|热心市民|热心群众|热心人|业主|業主|居民|村民|住户|租户|商户|"
    r"用户|客户|网友|网民|家长|学生|老师|患者|病人|家属|游客|司机|乘客|车主|路人|"
    r"匿名|无|無|没有|不详|未知|保密|不愿透露|不便透露|隐名|先生|女士|小姐|师傅|"
    r"阿姨|本人|某人|某某|某某某|某女士|某先生|市民朋友|员工|职工|工人|农民|农民工|"
    r"消费者|投诉人|举报人|反映人|来电人|当事人|申请人|联系人|测试|测试员|姓名|名字|"
    r"男|女|男士|"
    r"anonymous|none|citizen|test|n/a|na|null|unknown"
    r")",
    re.IGNORECASE,
)
_ORGANISATION = compiled_later(
    r"(?:公司|委员会|业委会|物业|中心|学校|医院|社区|小区|局|厅|处|站|店|厂|协会|商会|工会|居委会|村委会|集团)$"
)
_TITLE = compiled_later(r"(?:先生|女士|小姐|师傅|師傅|阿姨|老师|老師|同志|大爷|大妈|大姐|大哥)$")
_RANK = compiled_later(r"^(?:热心|某|一位|一名)")
_HAN = compiled_later("[\u3400-\u9fff\U00020000-\U0003134f]+")
#: Numbers of services, which people give as their own: 12345, 110, 95598, 400.
_SERVICE = compiled_later(r"[48]00[0-9]{7}|[19][0-9]{2,5}")


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A writer's own name, digits of a telephone number, and e-mail address; empty where there is none to hide."""

    name: str = ""
    phone: str = ""
    email: str = ""


NOTHING = Declared()


def declared_by(contact: Contact | None) -> Declared:
    """What this contact says that is a person's: 市民 is no name, and 12345 is no telephone of theirs."""
    if contact is None:
        return NOTHING
    return Declared(
        name=_name_of(contact.name) if contact.name else "",
        phone=_phone_of(contact.phone) if contact.phone else "",
        email=_email_of(contact.email) if contact.email else "",
    )


def hide_declared(text: str, declared: Declared) -> str:
    """`text` without the declared name and e-mail address. Telephone numbers: see `numbers`."""
    if declared.email and declared.email.lower() in text.lower():
        shown = f"{declared.email[0]}***@{declared.email.rpartition('@')[2]}"
        text = re.sub(re.escape(declared.email), lambda _: shown, text, flags=re.IGNORECASE)
    if declared.name:
        text = _pattern(declared.name).sub(lambda match: shown_name(match.group().strip()), text)
    return text


def _name_of(name: str) -> str:
    name = _TITLE.sub("", name.strip())
    nobody = (
        _NOBODY.fullmatch(name)
        or _NOBODY.fullmatch(_RANK.sub("", name))
        or (is_word(name) and len(name) == 2)
    )
    letters = sum(character.isalpha() for character in name)
    if nobody or letters < 2 or _SPELLED.search(name) or (_ORGANISATION.search(name) and len(name) > 3):
        return ""
    return name


def _phone_of(phone: str) -> str:
    digits = digits_of(phone)
    mobile = re.fullmatch(r"(?:(?:00)?86)?(1[3-9][0-9]{9})", digits)
    if mobile:
        return mobile[1]
    return "" if len(digits) < 7 or _SERVICE.fullmatch(digits) else digits[-12:]


def _email_of(email: str) -> str:
    local, at, domain = email.strip().rpartition("@")
    return email.strip() if at and local and domain and "*" not in email else ""


@lru_cache(maxsize=512)
def _pattern(name: str) -> re.Pattern[str]:
    """The name as people write it: other dots or none, spaces within, and long parts of it alone."""
    parts = [part for part in _SPLIT.split(name) if part]
    whole = rf"[{_DOTS} ]{{0,2}}".join(_part(part) for part in parts)
    alone = [_part(part) for part in parts if len(part) > 2] if len(parts) > 1 else []
    return re.compile("|".join(_bounded(one) for one in [whole, *alone]), re.IGNORECASE)


def _part(part: str) -> str:
    if _HAN.fullmatch(part):
        return "[ 　]?".join(map(re.escape, part))
    return re.escape(part)


def _bounded(pattern: str) -> str:
    """Names of other scripts are words of their own; suffixes of Uyghur and Korean may follow, Latin letters may not."""
    if pattern[0].isascii() and pattern[0].isalpha():
        return rf"(?<![A-Za-z]){pattern}(?![A-Za-z])"
    return pattern
