"""Words where contact details belong: a name that is none, when to call, what could not be read.

They are words of the message like any others: whom they accuse is judged before anybody gets the case. Departments see them
beside the number, where the log has said who asked.
"""

import re

import msgspec

from schemas.masking import declared_by, for_department
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


def words_beside(contact: Contact | None) -> str:
    """What to judge of it, masked; empty where it holds contact details alone, as nearly always."""
    if contact is None:
        return ""
    named = contact.name or ""
    is_name = not named or _NAME.fullmatch(named.strip()) is not None
    said = ["" if is_name else named, contact.hours or "", contact.language or "", contact.remarks or ""]
    found = "\n".join(each for each in said if each.strip())
    if not found:
        return ""
    return for_department(
        found, declared_by(contact if is_name else msgspec.structs.replace(contact, name=None))
    )
