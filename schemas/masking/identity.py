"""Which numbers are personal by their own make, and how each is shown."""

from datetime import date

from schemas.patterns import compiled_later

#: GB 11643-1999: weights of the first seventeen digits, and the check character for each remainder of eleven.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: GB/T 2260: provinces.
_CODES = "1112131415212223313233343536374142434445465051525354616263646571818283"
_PROVINCES = frozenset(_CODES[at : at + 2] for at in range(0, len(_CODES), 2))
#: Nobody who writes was born before. Project choice.
_OLDEST = 1900
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
#: First digits of bank cards: UnionPay 62, and 3 to 6 of the others (ISO/IEC 7812-1); 9 of older domestic ones.
_CARD = compiled_later(r"[34569][0-9]{12,18}")


def may_be_identity(number: str) -> bool:
    """Eighteen characters that name a province and a birthday: a mistyped identity number still says whose it is."""
    return (
        len(number) == 18
        and number[:2] in _PROVINCES
        and number[6:8] in ("19", "20")
        and _is_day(number[6:14])
    )


def is_identity(number: str) -> bool:
    """An identity number of eighteen characters whose check character is right."""
    if not may_be_identity(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def is_disability_card(number: str, *, is_named: bool) -> bool:
    """An identity number, and two digits for kind and degree (残疾人证). `is_named`: words say so, it may be mistyped."""
    holder = number[:18]
    return len(number) == 20 and (is_identity(holder) or (is_named and may_be_identity(holder)))


def is_old_identity(number: str) -> bool:
    """Fifteen digits as issued before 1999: a province and a birthday, no check digit."""
    return len(number) == 15 and number[:2] in _PROVINCES and _is_day(f"19{number[6:12]}")


def is_card(number: str) -> bool:
    """A bank card: 13 to 19 digits that pass Luhn's check (ISO/IEC 7812-1)."""
    if not _CARD.fullmatch(number):
        return False
    values = [int(digit) for digit in reversed(number)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= _OLDEST
    except ValueError:
        return False


def shown_identity(number: str) -> str:
    """The province, stars, and the last three: 35*************123 (as in a city's published notice)."""
    return f"{number[:2]}{'*' * (len(number) - 5)}{number[-3:]}"


def shown_mobile(number: str) -> str:
    """The first three digits and the last four, as in 138****1234."""
    return f"{number[:3]}****{number[-4:]}"


def shown_end(number: str) -> str:
    """Four stars and the last four."""
    return f"****{number[-4:]}"
