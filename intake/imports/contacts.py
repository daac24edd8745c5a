"""Who wrote a row, and how to reach them: what can be read is taken, the rest kept among the contact details."""

import re
import unicodedata

from intake.core.contacts.telephone import read_telephone
from intake.core.draft import EMAIL, NAME_LIMIT, PREFERENCES, WISH_LIMIT, ContactBody
from intake.core.secrecy.asked import withholds
from intake.imports.cells import is_ditto, says_nothing
from intake.imports.consent import is_ticked, is_yes
from intake.imports.row import MeantRow, word
from schemas.words import ContactPreference

#: Never a space alone: half of an address with one in it is a stranger's.
_BETWEEN_ADDRESSES = re.compile(r"mailto:|[<>()\[\];,、。|/\n]+")


def contact_of(row: MeantRow) -> ContactBody:
    """The contact in a row, as far as it is one."""
    return ContactBody(
        name=_short(row, "name", NAME_LIMIT),
        phone=_phone(row),
        email=_email(row),
        preference=_preference(row),
        hours=_short(row, "hours", WISH_LIMIT),
        language=_short(row, "language", WISH_LIMIT),
    )


def _said(row: MeantRow, meaning: str) -> list[str]:
    """What stands there; a sign for the row above is said, and nobody's name."""
    said = [text for text in row.texts(meaning) if not says_nothing(text)]
    for text in said:
        if is_ditto(text):
            row.keep_contact(meaning, text, "指上一行，未采用", "it means the row above, and was not taken")
        elif withholds(text):
            row.keep_contact(meaning, text, "不是联系信息", "it is no contact detail")
    return [text for text in said if not is_ditto(text) and not withholds(text)]


def _short(row: MeantRow, meaning: str, limit: int) -> str | None:
    said = [" ".join(text.split()) for text in _said(row, meaning)]
    for text in said if said and len(said[0]) > limit else said[1:]:
        row.keep_contact(meaning, text, "无法采用", "it cannot be taken as it is")
    return said[0] if said and len(said[0]) <= limit else None


def _phone(row: MeantRow) -> str | None:
    """The first number that can be dialled; whatever was written beside it is kept."""
    number: str | None = None
    for text in _said(row, "phone"):
        found, is_all = read_telephone(text)
        if number is not None or not is_all:
            row.keep_contact("phone", text, *_of_phone(found))
        number = number or found
    return number


def _of_phone(found: str | None) -> tuple[str, str]:
    if found is None:
        return "不是可以拨打的电话", "it is no number that can be dialled"
    return "除一个号码外另有内容", "there is more than one number in it"


def _email(row: MeantRow) -> str | None:
    address: str | None = None
    for text in _said(row, "email"):
        pieces = [piece.strip() for piece in _BETWEEN_ADDRESSES.split(unicodedata.normalize("NFKC", text))]
        found = [piece for piece in pieces if EMAIL.fullmatch(piece)]
        if address is not None or len(found) != 1 or found != list(filter(None, pieces)):
            row.keep_contact("email", text, *_of_email(bool(found)))
        address = address or next(iter(found), None)
    return address


def _of_email(is_found: bool) -> tuple[str, str]:
    if is_found:
        return "除一个邮箱外另有内容", "there is more than one address in it"
    return "不是邮箱地址", "it is no e-mail address"


def _preference(row: MeantRow) -> str | None:
    """What is said of calls; a word that is not known may mean that there should be none.

    Of several the strictest counts: `none` and `0` are answers here, whatever they stand for elsewhere.
    """
    wishes: list[str] = []
    for said in (*row.shown("preference"), *_wished(row)):
        known = word("preferences", said)
        if known is None and says_nothing(said):
            continue
        if known is None:
            row.put_aside("preference", said, "不认识", "not a word that we know")
        wishes.append(known or ContactPreference.TEXT.value)
    return max(wishes, key=lambda wish: PREFERENCES.index(wish), default=None)


def _wished(row: MeantRow) -> list[str]:
    """The answers that are columns of their own, and are ticked; where a number or an hour stands instead, it is kept."""
    marks = zip(row.cells.get("wished", ()), row.shown("wished"), strict=True)
    wished = [(cell.column, mark) for cell, mark in marks if is_ticked([mark])]
    for _, mark in wished:
        if not is_yes(mark):
            row.keep_contact("wished", mark, "按勾选处理", "it counts as a tick")
    return [answer for answer, _ in wished]
