"""What a department writes, without personal numbers: mobiles, identity numbers, cards, e-mails and plates.

Offices' landlines and hotlines (12345, 0551-12345678) stay: the citizen is meant to call them. Redacting
twice changes nothing. A person sees the result before it is published: names and addresses are theirs to see.
"""

import re
from collections.abc import Callable
from datetime import date

#: Full-width digits, letters and marks look the same to people, so they are found the same; lengths stay.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2013: 0x2D, 0x2014: 0x2D}

_GAP = "[ -]?"
#: GB 11643-1999: six digits of a region, eight of a birthday, three of an order, one check character.
_ID = re.compile(rf"(?<![0-9])[1-8](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx](?![0-9A-Za-z])")
#: ISO/IEC 7812: up to nineteen digits with a Luhn check digit; issuers of bank cards begin with 3 to 6.
_CARD = re.compile(
    r"(?<![0-9])[3-6](?:[0-9]{14,18}|[0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]{3,4}(?:[ -][0-9]{3})?)(?![0-9])"
)
#: China's numbering plan: eleven digits that begin with 13 to 19; country code 86.
_MOBILE = re.compile(rf"(?<![0-9])(?:\+?(?:00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
#: GA 36-2018: province, letter of the city, then five characters, or six on new-energy vehicles; no I and no O.
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][ ·•]?"
    "(?=[A-Z0-9]*[0-9])[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Z0-9])"
)


def redact(text: str) -> str:
    """`text` with every personal number masked: `138****5678`, `11*************23X`, `皖A*****`."""
    for pattern, mask in _MASKS:
        text = _replace(pattern, mask, text)
    return text


def _replace(pattern: re.Pattern[str], mask: Callable[[str], str | None], text: str) -> str:
    narrow, parts, end = text.translate(_NARROW), [], 0
    for found in pattern.finditer(narrow):
        masked = mask(found[0])
        if masked is not None:
            parts += [text[end : found.start()], masked]
            end = found.end()
    return "".join([*parts, text[end:]]) if parts else text


def _digits(found: str) -> str:
    return found.replace(" ", "").replace("-", "")


def _mask_id(found: str) -> str | None:
    # The checksum is not asked: a mistyped identity number still says whose it is.
    number = _digits(found)
    try:
        date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        return None
    return f"{number[:2]}{'*' * 13}{number[-3:]}" if number[6:8] in ("19", "20") else None


def _mask_card(found: str) -> str | None:
    number = _digits(found)
    return f"{'*' * (len(number) - 4)}{number[-4:]}" if _passes_luhn(number) else None


def _passes_luhn(number: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in number[-1::-2])) % 10 == 0


def _mask_mobile(found: str) -> str:
    number = _digits(found)[-11:]
    return f"{number[:3]}****{number[-4:]}"


def _mask_email(found: str) -> str:
    return "***@***"


def _mask_plate(found: str) -> str:
    return f"{found[:2]}*****"


#: Long numbers first, so that no part of one is taken for a shorter kind.
_MASKS: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (_ID, _mask_id),
    (_CARD, _mask_card),
    (_MOBILE, _mask_mobile),
    (_EMAIL, _mask_email),
    (_PLATE, _mask_plate),
)
