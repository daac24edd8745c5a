"""Words in contact fields that are no contact details: when to call, a remark, what could not be read.

They are words of the message like any others: whom they accuse is judged before anybody gets the case. Departments see them
beside the number, where the log has said who asked, and masked as any other words: a neighbour's number or somebody's
identity number is nothing by which to reach the citizen.
"""

import re

import msgspec

from schemas.masking import Declared, declared_by, for_department
from schemas.values import Contact

#: With four characters only behind these: 欧阳娜娜 is a name, 王局贪污 is none.
_COMPOUND = (
    "欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|独孤|端木|南宫|夏侯|轩辕|钟离|西门"
    "|歐陽|司馬|諸葛|東方|尉遲|公孫|長孫|獨孤|南宮|軒轅|鍾離|西門"
)
_CALLED = "先生|女士|小姐|同志|老师|師傅|师傅|阿姨|大爷|大妈"
_HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
#: Han with and without a form of address, of several parts with a dot between, and alphabets.
_NAME = re.compile(
    rf"{_HAN}{{1,3}}|(?:{_COMPOUND}){_HAN}{{1,2}}|{_HAN}{{1,4}}(?:{_CALLED})|{_HAN}{{1,8}}(?:[·•・]{_HAN}{{1,8}}){{1,3}}"
    r"|[^\W\d_\u3400-\u9fff]+(?:[ .'’\-]+[^\W\d_\u3400-\u9fff]+){0,4}\.?"
)
#: What leads to somebody's own name where only a name belongs.
_LED = re.compile(r"^(?:我叫|我是|本人叫|本人是?|名叫|姓名|联系人|聯絡人)[ :：是为]{0,2}")
#: How doors begin what a field or column for a number or an address held.
_OF_A_FIELD = re.compile(
    r"[^：]{0,40}(?:电话|電話|手机|手機|号码|號碼|邮箱|郵箱|邮件|phone|mobile|tel|mail)[^：]{0,40}：",
    re.IGNORECASE,
)
#: What somebody can be reached by: mobiles, landlines with their area or without, e-mail addresses.
_REACHES = re.compile(
    r"(?<![0-9*])(?:1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|(?:0[0-9]{2,3}[ -]?)?[2-9][0-9]{6,7})(?![0-9])"
    r"|[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,255}"
)
#: Stands for one of those while the words around it are masked: no character of anybody's.
_HELD = "\ue000"


def words_beside(contact: Contact | None) -> str:
    """What to judge of it, masked; empty where it holds contact details alone, as nearly always."""
    if contact is None:
        return ""
    named = contact.name if contact.name and not _is_name(contact) else ""
    said = [named, contact.hours or "", contact.language or "", contact.remarks or ""]
    found = "\n".join(each for each in said if each.strip())
    return for_department(found, _declared(contact)) if found else ""


def as_shown(contact: Contact) -> Contact:
    """`contact` for somebody who may see it: what reaches the citizen as it was written, all other words masked.

    Where neither number nor address was read, those among the words stay: there may be no other way to the citizen.
    """
    declared, is_reached = _declared(contact), bool(contact.phone or contact.email)

    def masked(text: str | None) -> str | None:
        return text and _masked(text, declared, keeps=not is_reached)

    lines = [
        _masked(line, declared, keeps=not is_reached or _OF_A_FIELD.match(line) is not None)
        for line in (contact.remarks or "").split("\n")
    ]
    return msgspec.structs.replace(
        contact,
        name=contact.name if _is_name(contact) else masked(contact.name),
        hours=masked(contact.hours),
        language=masked(contact.language),
        remarks=contact.remarks and "\n".join(lines),
    )


def _is_name(contact: Contact) -> bool:
    return not _named(contact) or _NAME.fullmatch(_named(contact)) is not None


def _named(contact: Contact) -> str:
    return _LED.sub("", (contact.name or "").strip())


def _declared(contact: Contact) -> Declared:
    return declared_by(msgspec.structs.replace(contact, name=_named(contact) if _is_name(contact) else None))


def _masked(text: str, declared: Declared, *, keeps: bool) -> str:
    if not keeps:
        return for_department(text, declared)
    held = _REACHES.findall(text)
    parts = iter(held)
    return re.sub(
        _HELD,
        lambda _: next(parts, ""),
        for_department(_REACHES.sub(_HELD, text.replace(_HELD, "")), declared),
    )
