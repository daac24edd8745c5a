"""Mobile numbers that are written so that no program should know them, or as radio operators say them."""

import re

from schemas.masking import contexts
from schemas.masking.identity import is_identity, may_be_identity, shown_identity, shown_mobile
from schemas.masking.spellings import HAN_DIGITS, digits_of
from schemas.patterns import compiled_later

#: Letters that look like a digit: o of Latin, Greek and Cyrillic, and l, I for 1.
_LOOKS_LIKE = str.maketrans("oOοОоlI", "0000011")
_LETTERS = "oOοОоlI"
_LETTER = compiled_later(f"[{_LETTERS}]")
_LIKE_HINT = compiled_later(rf"[0-9][{_LETTERS}]|[{_LETTERS}][0-9]")
_LIKE = compiled_later(rf"(?<![A-Za-z0-9])[1lI][3-9][0-9{_LETTERS}]{{9}}(?![A-Za-z0-9])")
#: Of a landline, or grouped: O551-62888888, 13l-8888-6666. What it is is looked for once each letter is its digit.
_LIKE_GROUPED = compiled_later(
    rf"(?<![A-Za-z0-9])(?:[0{_LETTERS}](?:[12lI][0-9{_LETTERS}]|[3-9][0-9{_LETTERS}]{{2}})[-—－ (（)）]{{1,2}}"
    rf"[2-9][0-9{_LETTERS}]{{2,3}}[- ]?[0-9{_LETTERS}]{{4}}"
    rf"|[1lI][3-9][0-9{_LETTERS}][- ][0-9{_LETTERS}]{{4}}[- ][0-9{_LETTERS}]{{4}})(?![A-Za-z0-9])"
)
#: An identity number with such letters among its digits.
_LIKE_CARD = compiled_later(rf"(?<![A-Za-z0-9])[1-8lI][0-9{_LETTERS}]{{16}}[0-9Xx{_LETTERS}](?![A-Za-z0-9])")
#: Of a word with so few digits, the letters are letters. Project choice.
_FEWEST_DIGITS = 5
#: Digits of the shortest telephone number (project choice: a landline without its area code has seven).
_WHOLE = 7
#: Two are as often a place: 幺洞. Project choice.
_SHORTEST_SAID = 2
#: What nobody puts between the groups of anything else, and what stands between measures, sums and a table's fields, too.
_ODD, _COUNTING = "'\"“”‘’&^…", "*＊+＋=x×|｜:：#＃"
_WORDS = "空格|横线|横杠|减号|然后|接着|再"
_GAP = rf"(?: ?[{_ODD}{_COUNTING}]{{1,3}} ?|{_WORDS})"
_SIGNS = compiled_later(rf"(?<![0-9*])(1[3-9][0-9]){_GAP}([0-9]{{4}}){_GAP}([0-9]{{4}})(?![0-9*])")
#: Words between groups that parts of a sum have, too: only where a telephone is told.
_TOLD_GAP = (
    "[,，、 ]?(?:然后|接着|再|中间|后面|后边|最后|末尾|尾号|后)(?:[四4]位|[四4]个数字?)?(?:就?是|[:：])?[ ]?"
)
_TOLD_SIGNS = compiled_later(
    rf"((?:电话|電話|手机|手機|号码|號碼)[号號码碼的是为為:： ]{{0,4}}(?:前[三3]位|前面|开头|開頭)?[是为為:： ]{{0,2}})"
    rf"(1[3-9][0-9]){_TOLD_GAP}[0-9]{{4}}{_TOLD_GAP}"
    "([0-9]{4})(?![0-9*元块圆万次])"
)
#: 139后面是00138001: the first three, and all others behind words.
_TOLD_REST = compiled_later(
    r"(?<![0-9*])(1[3-9][0-9])[,，、 ]?(?:开头|開頭)?[,，、 ]?(?:后面|后边|后|剩下|其余)"
    r"(?:[八8]位|[八8]个数字?)?(?:就?是|为|[:：])[ ]?"
    r"[0-9]{4}[ \-]?([0-9]{4})(?![0-9*元块圆万次])"
)
_SIGNS_HINT = compiled_later(r"1[3-9][0-9][^0-9A-Za-z]")
#: 洞, 拐 and 勾 are said for 0, 7 and 9 where they must not be mistaken; only among spelled digits.
_SAID = str.maketrans("洞拐勾", "零七九")
_SAID_HINT = compiled_later("[洞拐勾]")
_SAID_DIGITS = compiled_later(
    rf"[{HAN_DIGITS}洞拐勾]{{2,}}+(?:[ \u3000\n,，、.．·\-－—]{{1,2}}[{HAN_DIGITS}洞拐勾]{{2,}}+)*"
)
_NOT_SAID = compiled_later(f"[^{HAN_DIGITS}洞拐勾]+")
_MOBILE = compiled_later(r"(?:86)?1[3-9][0-9]{9}")
#: Groups of thirteen digits, a mobile number with its country's code, where each has at least two (by definition).
_MOST_GROUPS = 6


def undisguised(text: str) -> str:
    """`text` with such numbers hidden, and with said digits as they are written."""
    if _SAID_HINT.search(text):
        text = _SAID_DIGITS.sub(_as_written, text)
    if _LETTER.search(text) and _LIKE_HINT.search(text):
        text = _LIKE.sub(_hide_like, text)
        text = _LIKE_CARD.sub(_hide_like_card, text)
        text = _LIKE_GROUPED.sub(_with_digits, text)
    if _SIGNS_HINT.search(text):
        text = _TOLD_SIGNS.sub(r"\1\2****\3", text)
        text = _TOLD_REST.sub(r"\1****\2", text)
        text = _SIGNS.sub(_hide_signs, text)
    return text


def _as_written(match: re.Match[str]) -> str:
    """三洞 is three holes: whoever says 洞 for 0 says 幺 for 1, or a whole number is among it, however grouped."""
    said = match.group()
    groups = _NOT_SAID.split(said)
    is_number = any(len(group) >= _WHOLE for group in groups) or _have_mobile(groups)
    is_spoken = "幺" in said and len(said) > _SHORTEST_SAID
    return said.translate(_SAID) if is_spoken or is_number else said


def _have_mobile(groups: list[str]) -> bool:
    """Whether neighbouring groups are a mobile number: a room's number may stand beside it."""
    told = [digits_of(group.translate(_SAID)) for group in groups]
    return any(
        _MOBILE.fullmatch("".join(told[first:end]))
        for first in range(len(told))
        for end in range(first + 1, min(len(told), first + _MOST_GROUPS) + 1)
    )


def _hide_like(match: re.Match[str]) -> str:
    digits = match.group().translate(_LOOKS_LIKE)
    is_thing = contexts.names_thing(match.string[: match.start()][-20:], match.string[match.end() :][:10])
    few = sum(one.isdigit() for one in match.group()) < _FEWEST_DIGITS
    is_word = few and not contexts.names_phone(match.string[: match.start()][-20:])
    return match.group() if is_word or is_thing else shown_mobile(digits)


def _with_digits(match: re.Match[str]) -> str:
    return match.group().translate(_LOOKS_LIKE)


def _hide_like_card(match: re.Match[str]) -> str:
    number = match.group().translate(_LOOKS_LIKE)
    is_thing = contexts.names_thing(match.string[: match.start()][-20:], match.string[match.end() :][:10])
    is_none = match.group().isdecimal() or (is_thing and not is_identity(number))
    return match.group() if is_none or not may_be_identity(number) else shown_identity(number)


def _hide_signs(match: re.Match[str]) -> str:
    """150*2000*3000 is a size unless words lead to a telephone, or a part begins with 0, which no size does."""
    before, after = match.string[: match.start()][-20:], match.string[match.end() :][:10]
    is_size = match[2][0] != "0" and match[3][0] != "0"
    is_counting = (
        any(sign in match.group() for sign in _COUNTING) and is_size and not contexts.names_phone(before)
    )
    if is_counting or contexts.names_thing(before, after):
        return match.group()
    return f"{match[1]}****{match[3]}"
