"""A telephone number as clerks and systems write it: what of it can be dialled, and whether all of it was understood."""

import re
import unicodedata

from intake.core.draft import PHONE_LIMIT, is_plausible_phone

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
#: A mobile number of mainland China, whatever stands beside it.
_MOBILE = re.compile(r"(?<![\d.*])1[3-9]\d{9}(?![\d.*])")


def read_telephone(written: str) -> tuple[str | None, bool]:
    """The first number that can be dialled, if any; and whether that is all that was written."""
    text = _AMOUNT.sub(r"\1", unicodedata.normalize("NFKC", written).strip(_AROUND))
    if _is_number(text):
        return text, True
    for part in _BETWEEN.split(text):
        number = _LABEL.sub("", _NOTE.sub("", part).strip(_AROUND)).strip(_AROUND)
        if _is_number(number):
            return number, False
    mobile = _MOBILE.search(text)
    return mobile[0] if mobile else None, False


def _is_number(text: str) -> bool:
    return len(text) <= PHONE_LIMIT and not _ROUNDED.fullmatch(text) and is_plausible_phone(text)
