"""Which numbers are personal, by their own check digits, and how each is shown."""

import re

_NON_DIGITS = re.compile(r"[^0-9]")
#: GB 11643-1999: weights of the first seventeen digits, and the check character for each remainder of eleven.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: GB/T 2260: provinces.
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
_OLD_BIRTHDAY = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_identity(number: str) -> bool:
    """An 18-character identity number whose check character is right."""
    if number[:2] not in _PROVINCES:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def is_old_identity(number: str) -> bool:
    """A 15-digit identity number, as issued before 1999: a province and a birthday, no check digit."""
    return number[:2] in _PROVINCES and _OLD_BIRTHDAY.fullmatch(number[6:12]) is not None


def is_card(number: str) -> bool:
    """A bank card: 13 to 19 digits that pass Luhn's check (ISO/IEC 7812-1)."""
    digits = digits_of(number)
    if not 13 <= len(digits) <= 19 or len(digits) != len(number.replace(" ", "").replace("-", "")):
        return False
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def digits_of(number: str) -> str:
    """Its digits alone."""
    return _NON_DIGITS.sub("", number)


def masked_identity(number: str) -> str:
    """The province, stars, and the last three: 35*************123 (as in a city's published notice)."""
    return number[:2] + "*" * (len(number) - 5) + number[-3:]


def masked_phone(number: str) -> str:
    """A mobile as 138****1234; of another number only the last digits."""
    digits = digits_of(number)
    if len(digits) > 11 and digits[-11] == "1":
        digits = digits[-11:]
    if len(digits) == 11 and digits[0] == "1":
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-4:]}" if len(digits) > 6 else "****"
