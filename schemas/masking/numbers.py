"""Hides telephone numbers, identity numbers and cards, however their digits are spelled and grouped."""

import re
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import NamedTuple

from schemas.masking import contexts, groupings
from schemas.masking.identity import (
    is_card,
    is_disability_card,
    is_identity,
    is_old_identity,
    may_be_identity,
    shown_end,
    shown_identity,
    shown_mobile,
)
from schemas.masking.number_candidates import NEAR, DigitRun, NumberCandidate
from schemas.masking.spellings import GROUP, RUN, folded, is_loose
from schemas.patterns import compiled_later

_MOBILE = compiled_later(r"(?:(?:00)?86|0|17951|12593)?(1[3-9][0-9]{9})")
#: As most people write it.
_ALONE = compiled_later(r"1[3-9][0-9]{9}")
_MOBILES = compiled_later(r"(?:1[3-9][0-9]{9}){2,4}")
_LANDLINE = compiled_later(r"(?:(?:00)?86)?(0?(?:10|2[0-9])|0?[3-9][0-9]{2})([2-9][0-9]{6,7})")
_LOCAL = compiled_later(r"[2-9][0-9]{6,7}")
_SERVICE = compiled_later(r"[48]00[0-9]{7}")
_FOREIGN = compiled_later(r"[1-9][0-9]{8,14}")
_TAIWAN = compiled_later(r"09[0-9]{8}")
#: Hong Kong, Macao, Taiwan and Korea by their codes.
_NEIGHBOUR = compiled_later(r"(?:00)?(?:85[23][2-9][0-9]{7}|8860?9[0-9]{8}|820?10[0-9]{8})")
#: A Korean mobile that is no landline of Peking: none of those has a local number that begins so.
_KOREAN = compiled_later(r"010[01][0-9]{7}")
_MISTYPED = compiled_later(r"1[3-9](?:[0-9]{8}|[0-9]{10})")
#: A day or hours as people write them: their digits are no part of a telephone number.
_DAY = compiled_later(
    r"(?:19|20)[0-9]{2}[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12][0-9]|0?[1-9])"
    r"|(?<![0-9])(?:2[0-4]|[01]?[0-9])[.．][0-5][0-9] ?[-—–~～] ?(?:2[0-4]|[01]?[0-9])[.．][0-5][0-9](?![0-9])"
)
#: The rest of what was hidden before: never read as the beginning or the end of another number.
_HIDDEN_BEFORE = compiled_later(r"(?:(?<!\*)\*{4}|\*{10})$")
_HIDDEN_AFTER = compiled_later(r"-?(?:\*{4}|\*{10})")
_COUNTED = compiled_later(r" ?(?:路|线|線|号线|元|户|戶|人|件|度|平|米|吨|年|月)")
_CLOSING = compiled_later(r"[)）\]】]")
#: Digits of what may be somebody's number: a landline without its area code has seven; bank cards have
#: up to 19 (ISO/IEC 7812-1), and whoever types one may type some too many (project choice).
_SHORTEST = 7
_LONGEST = 23
#: Groups of one number where what stands between might as well part two (project choice: a mobile number, digit by digit).
_MOST_LOOSE = 11


def hide_numbers(text: str, *, phone: str = "", official: bool = False) -> str:
    """`text` without telephone numbers, identity numbers and cards. `phone`: digits that its writer declared."""
    if RUN.search(text) is None:
        return text
    return RUN.sub(lambda match: _hide_run(match, text, phone, official), text)


def _hide_run(match: re.Match[str], text: str, phone: str, official: bool) -> str:
    written = match.group()
    if _ALONE.fullmatch(written) and not _is_thing_between(text, match.start(), match.end()):
        return shown_mobile(written)
    plain = folded(written)
    groups = [(found.start(), found.end()) for found in GROUP.finditer(written)]
    run = _run(text, plain, match.start(), _without_remnants(groups, text, match), official, phone)
    parts: list[str] = []
    done = group = 0
    while group < len(run.groups):
        shown, last = _hide_from(run, group)
        if shown is not None:
            start, end = run.groups[group][0], run.groups[last][1]
            start -= start == 1 and plain[0] in "+＋" and shown[0] in "1*"
            # The bracket that opened within the number, and the mark that closes an identity number.
            start -= (
                start > done
                and plain[start - 1] in "(（[【"
                and _CLOSING.search(plain, start, end) is not None
            )
            end = len(plain) if shown[-1:] in "Xx×" and end < len(plain) else end
            parts += [written[done:start], shown]
            done = end
        group = last + 1
    return "".join([*parts, written[done:]])


def _run(
    text: str, plain: str, start: int, groups: list[tuple[int, int]], official: bool, phone: str
) -> DigitRun:
    digits = "".join(plain[begin:end] for begin, end in groups)
    ends = list(accumulate(end - begin for begin, end in groups))
    gaps = [plain[before:begin] for (_, before), (begin, _) in pairwise(groups)]
    return DigitRun(text, plain, start, groups, official, phone, digits, ends, [False, *map(is_loose, gaps)])


def _without_remnants(
    groups: list[tuple[int, int]], text: str, match: re.Match[str]
) -> list[tuple[int, int]]:
    if text[match.start() - 1 : match.start()] == "*" and groups[0][1] - groups[0][0] <= 4:
        groups = groups[_HIDDEN_BEFORE.search(text[: match.start()][-10:]) is not None :]
    if groups and _HIDDEN_AFTER.match(text, match.end()) and groups[-1][1] - groups[-1][0] <= 4:
        return groups[:-1]
    return groups


def _hide_from(run: DigitRun, first: int) -> tuple[str | None, int]:
    """What is shown instead of the number that begins with this group, and its last group; the longest counts."""
    kinds = [kind for kind in _KINDS if _may_begin(run, first, kind)]
    candidates = _candidates(run, first) if kinds else []
    for hide, lengths, _ in kinds:
        for candidate in candidates:
            if len(candidate.digits) in lengths and (shown := hide(candidate)) is not None:
                return shown or None, candidate.last
    return None, first


def _may_begin(run: DigitRun, first: int, kind: "_Kind") -> bool:
    """A cheap look, for texts of many groups: whether a number of this kind may begin with this group."""
    if kind.begins is None:
        return bool(run.phone)
    # A plus leads to any country's number.
    return first == 0 or kind.begins.match(run.digits, run.begin(first)) is not None


def _candidates(run: DigitRun, first: int) -> list[NumberCandidate]:
    """The numbers that may begin with this group, the longest first."""
    found: list[NumberCandidate] = []
    loose, begin = False, run.begin(first)
    for last in range(first, min(len(run.groups), first + _LONGEST)):
        loose = loose or (last > first and run.is_loose[last])
        length = run.ends[last] - begin
        if last > first and (length > _LONGEST or (loose and last - first >= _MOST_LOOSE)):
            break
        if length >= _SHORTEST:
            found.append(NumberCandidate(run, first, last, run.digits_until(first, last), loose))
    return found[::-1]


def _declared(it: NumberCandidate) -> str | None:
    if it.run.phone and it.digits.endswith(it.run.phone) and len(it.digits) - len(it.run.phone) <= 4:
        return shown_mobile(it.digits) if _MOBILE.fullmatch(it.digits) else shown_end(it.digits)
    return None


def _service(it: NumberCandidate) -> str | None:
    """Numbers of services (400, 800) stay: nothing is shown instead of them, and nothing else is looked for there."""
    return "" if _SERVICE.fullmatch(it.digits) and not it.loose else None


def _identity(it: NumberCandidate) -> str | None:
    number, mark = it.digits, it.run.plain[-1:]
    if len(number) == 17 and it.last == len(it.run.groups) - 1 and mark in "Xx×":
        number += mark
    if it.loose and not contexts.names_identity(it.before) and it.sizes[0] not in (6, 18):
        return None
    if len(number) == 15 and is_old_identity(number):
        return None if _is_thing(it) or _MOBILE.fullmatch(number) else shown_identity(number)
    if is_disability_card(number, is_named="残疾" in it.before):
        return None if _is_thing(it) else shown_identity(number)
    if not may_be_identity(number) or (not is_identity(number) and _is_thing(it)):
        return None
    return shown_identity(number)


def _card(it: NumberCandidate) -> str | None:
    if it.loose or it.digits[0] == "0":
        return None
    is_named = contexts.names_card(it.before)
    if any(size != 4 for size in it.sizes[:-1]) and not (is_named and _is_as_long_as_a_card(it)):
        return None
    if not (is_card(it.digits) or _is_grouped_as_card(it) or is_named) or _is_thing(it):
        return None
    return shown_end(it.digits)


def _is_as_long_as_a_card(it: NumberCandidate) -> bool:
    """Whoever says that it is a card's number groups it as they like."""
    return len(it.digits) in groupings.CARD_DIGITS and not _is_day(it)


def _is_grouped_as_card(it: NumberCandidate) -> bool:
    """UnionPay's, as it stands on the card: a mistyped one still says whose it is."""
    return it.digits.startswith("62") and len(it.digits) in (16, 19) and it.sizes[:4] == (4, 4, 4, 4)


def _mobile(it: NumberCandidate) -> str | None:
    if it.is_whole and _MOBILES.fullmatch(it.digits):
        return "".join(shown_mobile(it.digits[at : at + 11]) for at in range(0, len(it.digits), 11))
    match = _MOBILE.fullmatch(it.digits)
    if match is None or not _is_grouped_as_phone(it, len(it.digits) - 11):
        return _foreign(it)
    return None if _is_thing(it) else shown_mobile(match[1])


def _foreign(it: NumberCandidate) -> str | None:
    """A number with another country's code, of Taiwan, or a mobile with a digit too many or too few."""
    plus = it.first == 0 and it.run.plain[0] in "+＋"
    if plus and not it.loose and not it.digits.startswith("86") and _FOREIGN.fullmatch(it.digits):
        return shown_end(it.digits)
    if _NEIGHBOUR.fullmatch(it.digits) and not it.loose and not _is_thing(it):
        return shown_end(it.digits) if it.digits[0] == "0" or contexts.names_phone(it.before) else None
    if _TAIWAN.fullmatch(it.digits) and not it.loose:
        return shown_end(it.digits)
    if _KOREAN.fullmatch(it.digits) and _is_grouped_as_korean(it) and not _is_thing(it):
        is_office = contexts.is_office(it.before, it.after, official=it.run.official)
        return "" if is_office else shown_mobile(it.digits)
    mistyped = it.is_whole and _MISTYPED.fullmatch(it.digits) and contexts.names_phone(it.before)
    return shown_mobile(it.digits) if mistyped else None


def _is_grouped_as_korean(it: NumberCandidate) -> bool:
    """010-1234-5678, and no part of a longer number; grouped otherwise where words lead to it."""
    if contexts.names_phone(it.before):
        return True
    is_led = it.before[-1:].isascii() and it.before[-1:].isalpha()
    return it.sizes == (3, 4, 4) and not it.loose and not is_led and it.is_apart


def _is_grouped_as_phone(it: NumberCandidate, prefix: int) -> bool:
    """Whether people group a telephone number like this; `prefix`: so many digits stand before its eleven."""
    sizes = _without_prefix(it.sizes, prefix)
    if sizes == (11,):
        return True
    if _is_day(it):
        return False
    if prefix == 0 and it.is_mixed:
        return True
    if it.loose:
        is_counted = _COUNTED.match(it.after) is not None and not contexts.names_phone(it.before)
        return sizes in groupings.GROUPINGS and not is_counted
    return sizes[0] >= 3 or (max(sizes) <= 2 and len(set(sizes[:-1])) == 1) or contexts.names_phone(it.before)


def _without_prefix(sizes: tuple[int, ...], prefix: int) -> tuple[int, ...]:
    while prefix > 0 and sizes:
        first, sizes = sizes[0], sizes[1:]
        if first > prefix:
            return (first - prefix, *sizes)
        prefix -= first
    return sizes


def _landline(it: NumberCandidate) -> str | None:
    match = _LANDLINE.fullmatch(it.digits)
    if match is None:
        return None
    international = match.start(1) > 0
    if match[1][0] != "0" and not international:
        return None
    if not _is_grouped_as_landline(it, match.start(2)) or _is_day(it):
        return None
    if _is_thing(it) or contexts.is_office(it.before, it.after, official=it.run.official):
        return ""
    return _shown_landline(it, len(match[2]))


def _is_grouped_as_landline(it: NumberCandidate, prefix: int) -> bool:
    """Whether people group a landline like this; `prefix`: so many digits stand before its local number."""
    local = _without_prefix(it.sizes, prefix)
    if local in groupings.AREA_GROUPINGS:
        return True
    if local not in groupings.RARE_AREA_GROUPINGS:
        return False
    area = it.sizes[: -len(local)]
    is_apart = sum(it.sizes) == sum(local) + prefix and _is_area(it, area)
    return (is_apart and not it.loose) or contexts.names_phone(it.before)


def _is_area(it: NumberCandidate, area: tuple[int, ...]) -> bool:
    """05 51 is an area code, too, where the same stands between all: 06.30 21.30 are hours."""
    if not area or area[-1] >= groupings.SHORTEST_AREA:
        return bool(area)
    gaps = it.gaps
    return sum(area) >= groupings.SHORTEST_AREA and len(gaps) == 1


def _is_day(it: NumberCandidate) -> bool:
    """Whether a day or hours stand in it: 2024-03-12, 07.30-21.30."""
    return _DAY.search(it.run.between(it.first, it.last)) is not None


def _shown_landline(it: NumberCandidate, local: int) -> str:
    """The area as it was written, stars, and the last four."""
    last, left = it.last, local
    while left > 0:
        left -= it.sizes[last - it.first]
        last -= 1
    # Of the last group read, what is no part of the local number.
    start = it.run.start + it.run.groups[it.first][0]
    end = it.run.start + it.run.groups[last + 1][0] - left
    return f"{it.run.text[start:end]}****{it.digits[-4:]}"


def _local(it: NumberCandidate) -> str | None:
    """A landline without its area: only where words lead to it."""
    is_grouped = it.sizes in groupings.AREA_GROUPINGS or it.sizes in groupings.RARE_AREA_GROUPINGS
    if not _LOCAL.fullmatch(it.digits) or it.loose or not is_grouped:
        return None
    if not contexts.names_phone(it.before) or _is_thing(it) or _COUNTED.match(it.after):
        return None
    if _is_day(it):
        return None
    return "" if contexts.is_office(it.before, it.after, official=it.run.official) else shown_end(it.digits)


def _is_thing(it: NumberCandidate) -> bool:
    return contexts.names_thing(it.before, it.after)


def _is_thing_between(text: str, start: int, end: int) -> bool:
    return contexts.names_thing(text[max(0, start - NEAR) : start], text[end : end + 10])


class _Kind(NamedTuple):
    """A kind of number: how it is hidden, how many digits it has, and how it begins: None for the declared one."""

    hide: Callable[[NumberCandidate], str | None]
    lengths: range
    begins: re.Pattern[str] | None


_KINDS: tuple[_Kind, ...] = (
    _Kind(_declared, range(7, 17), None),
    _Kind(_service, range(10, 11), compiled_later(r"[48]00")),
    _Kind(_identity, range(15, 21), compiled_later(r"[1-8]")),
    _Kind(_card, range(12, 22), compiled_later(r"[1-9]")),
    _Kind(
        _mobile,
        range(9, 45),
        compiled_later(r"(?:(?:00)?86|0|17951|12593)?1[3-9]|09|010[01]|(?:00)?8(?:[58][236]|20?10)"),
    ),
    _Kind(_landline, range(9, 17), compiled_later(r"(?:00)?86|0[1-9]")),
    _Kind(_local, range(7, 9), compiled_later(r"[2-9]")),
)
