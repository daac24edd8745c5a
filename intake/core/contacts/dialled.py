"""Which telephone numbers could be dialled, as people and programs write them."""

import re
import unicodedata

#: A telephone number as typed, with whatever groups its digits. Project choice.
PHONE_LIMIT = 40
#: Digits: service numbers have five, ITU-T E.164 §6.2.1 allows 15, prefixes for going abroad or an extension add to it.
_PHONE_DIGITS = range(5, 21)
_PHONE_NOISE = str.maketrans("", "", " -()（）.·转")
#: What a number or address that is copied from elsewhere brings along, and nobody sees.
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
#: `13900138001.0`: a program took it for an amount; with its nought it is another number.
_AMOUNT = re.compile(r"\d{7,}\.0+")


def is_plausible_phone(phone: str) -> bool:
    """Whether it could be dialled: 5 to 20 digits, however they are grouped."""
    plain = unicodedata.normalize("NFKC", phone)
    digits = plain.translate(_PHONE_NOISE).removeprefix("+")
    return (
        _AMOUNT.fullmatch(plain) is None
        and digits.isascii()
        and digits.isdigit()
        and len(digits) in _PHONE_DIGITS
    )
