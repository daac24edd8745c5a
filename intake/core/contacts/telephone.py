"""Parses telephone numbers as clerks and systems write them, and says whether all of the text was understood."""

import re
import unicodedata

from intake.core.contacts.dialled import PHONE_LIMIT, UNSEEN, is_plausible_phone
from schemas.simplified import simplified

#: Characters that are looked at: looking takes as long as their square. Project choice: a dozen numbers, each with a note.
_READ_LIMIT = 500
_DASHES = re.compile(r"\s*[\u2010-\u2015\u2212—－]+\s*")
#: A cross, behind the seven digits of a landline at least: behind others it stands for a digit that is hidden.
_CROSS = r"(?<=\d{7})(?<!1[3-9]\d{5})(?<!1[3-9]\d{6})(?<!1[3-9]\d{9}) ?[x×]"
#: `62213456 ext 12`, `62213456#12`, `62213456 分机 12`, `62213456 x12`.
_EXTENSION = re.compile(
    rf"(?:(?<=\d)\s*(?:\bext\.?|extension|分机号?|#)|{_CROSS})\s*[:：]?\s*(?=\d)", re.IGNORECASE
)
#: A citizen's number as GB 11643 has it; and one digit again and again, which stands for none.
_IDENTITY = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_ONE_DIGIT = re.compile(r"(\d)\1{6,}")
_BETWEEN = re.compile(r"[/／、,，;；|\n]|和|或|及|\bor\b|\band\b|\s{2,}")
_NOTE = re.compile(r"[(（\[【][^()（）\[\]【】]*[^\d()（）\[\]【】\s+-][^()（）\[\]【】]*[)）\]】]")
_LABEL = re.compile(
    r"^(?:(?:手机|电话|固话|座机|本人|家属|联系电话|tel|phone|mobile)\s*[:：]?\s*)+", re.IGNORECASE
)
_AROUND = " '‘’\"“”`,，。.;；:：\u200b\ufeff"
#: `1.39E+10`: a spreadsheet showed the number so, and its digits are gone.
_ROUNDED = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d+")
#: `13900138001.0`: a program took it for an amount.
_AMOUNT = re.compile(r"(\d{7,})\.0+")
#: `1.3900138001E10`: as Java writes it, with every digit that the number has.
_WITH_EXPONENT = re.compile(r"(\d)\.(\d{6,14})[eE]\+?(\d{1,2})")
#: A mobile number of mainland China, whatever stands beside it.
_MOBILE = re.compile(r"(?<![\d.*])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d.*])")


def read_telephone(written: str) -> tuple[str | None, bool]:
    """The first number that can be dialled, if any; and whether that is all that was written."""
    plain = simplified(UNSEEN.sub("", unicodedata.normalize("NFKC", written)))
    beginning = _beginning(plain)
    number, is_all = _read(beginning)
    if number is None and (mobile := _MOBILE.search(plain)):
        return mobile[0], False
    return number, is_all and beginning == plain


def _beginning(plain: str) -> str:
    """As much as is looked at, up to where something ends: half of a number is somebody else's."""
    if len(plain) <= _READ_LIMIT:
        return plain
    ends = [found.start() for found in _BETWEEN.finditer(plain, 0, _READ_LIMIT)]
    return plain[: ends[-1]] if ends else ""


def _read(plain: str) -> tuple[str | None, bool]:
    text = _EXTENSION.sub("转", _DASHES.sub("-", _AMOUNT.sub(r"\1", plain.strip(_AROUND))))
    if (exact := _WITH_EXPONENT.fullmatch(text)) and len(exact[2]) == int(exact[3]):
        return exact[1] + exact[2], True
    if _is_number(text):
        return text, True
    for part in _BETWEEN.split(text):
        number = _LABEL.sub("", _NOTE.sub("", part).strip(_AROUND)).strip(_AROUND)
        if _is_number(number):
            return number, False
    mobile = _MOBILE.search(text)
    return mobile[0] if mobile else None, False


def _is_number(text: str) -> bool:
    is_none = any(pattern.fullmatch(text) for pattern in (_ROUNDED, _IDENTITY, _ONE_DIGIT))
    return len(text) <= PHONE_LIMIT and not is_none and is_plausible_phone(text)
