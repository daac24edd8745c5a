"""Hides whose home it is where an address is written in English: Room 501, Building 3, 12 Wangjiang Road."""

import re

from schemas.patterns import compiled_later

#: A door, and what lies around it.
_DOOR = r"(?:rooms?|rm\.?|flat|apt\.?|apartment|suite|unit)"
_AROUND = r"(?:building|bldg\.?|block|blk\.?|tower|unit|floor|entrance|staircase|level)"
_LETTER = r"(?: ?#?[a-z](?![a-z0-9'’]))"
_COUNT = r"(?: ?(?:no\.?|number|#))? ?#?[0-9]{1,5}[a-z]?(?![0-9a-z*])"
#: Only a home has them.
_FLAT = r"(?:flat|apt\.?|apartment)"
#: What is flat and no home: flat 3 tyres, a flat 50 yuan.
_NO_FLAT = r"(?! ?(?:%|percent|tires|tyres|yuan|rmb|kuai|dollars?)(?![a-z]))"
_PARTS = rf"(?:(?:{_AROUND}|{_DOOR}){_COUNT}|{_FLAT}{_LETTER}|[0-9]{{1,3}}/f(?![a-z]))"
#: Building, unit and door as they are said in Chinese.
_SAID = r"[0-9]{1,3} ?(?:dong|zhuang|hao ?lou) ?[0-9]{1,2} ?dan ?yuan ?(?:[0-9]{2,4}(?: ?shi)?)?"
#: Several of them together, or a flat.
_SEVERAL = compiled_later(
    rf"(?<![a-z])(?:{_PARTS}(?:[ ,，]{{1,3}}(?:of )?{_PARTS}){{1,4}}|{_FLAT}{_COUNT}{_NO_FLAT}|{_SAID})",
    re.IGNORECASE,
)
#: One, beside the street's number or behind who lives there.
_STREET = (
    r"(?:no\.? ?)?[0-9]{1,5}[a-z]?,? (?:[A-Za-z]+ ){1,3}(?:road|rd|street|st|avenue|ave|lane|alley)\b\.?"
)
_BESIDE = compiled_later(
    rf"(?<![a-z]){_DOOR}{_COUNT}(?=[ ,，]{{1,3}}{_STREET})"
    rf"|((?<![0-9a-z]){_STREET}[ ,，]{{1,3}}){_DOOR}{_COUNT}"
    rf"|((?:\b(?:live|lives|living|stay|staying)\b (?:at|in)"
    rf"|\b(?:my|our|his|her|home) (?:home |house )?(?:address|home|room|unit)"
    rf"(?: is| in|:)?)[ :]{{1,2}})(?:{_DOOR}|{_AROUND}){_COUNT}",
    re.IGNORECASE,
)
_OFFICE = compiled_later(
    r"\b(?:offices?|halls?|cent(?:re|er)s?|bureau|counters?|windows?|department)\b", re.IGNORECASE
)
_WORDS = r"(?:(?!(?:of|near|behind|opposite|beside|by|next|and|is|are|was|to|from|with|has|in|at|on)\b)[a-z0-9'’.]+ ){0,4}"
#: What everybody may go to, and the number before it is a part of; not where people live in it.
_PUBLIC = compiled_later(
    r"[ ,，]{1,3}(?:(?:of|in|at) (?:the |our |your )?"
    + _WORDS
    + r"(?:hospital|clinic|library|museum|government|bureau|courthouse"
    r"|(?:government|city|town|service) (?:hall|cent(?:re|er)|building)|(?:police|railway|metro|subway|bus) station)"
    r"|(?:the )?(?:government|city|town|public)(?: (?:affairs|services?))? (?:hall|offices?|cent(?:re|er)|building))\b"
    r"(?!(?:[ ,'’]+[a-z]+){0,2}[ ]?"
    r"(?:dorm|compound|quarters|resident|residence|apartment|estate|family|staff|housing|village))",
    re.IGNORECASE,
)
#: Before it somebody says where they live.
_LIVED_IN = compiled_later(
    r"\b(?:live|lives|living|stay|staying|home|house|address|resident|neighbou?r)s?\b[^.;!?\n]{0,40}$",
    re.IGNORECASE,
)
_ONLY_HOMES = compiled_later(_FLAT, re.IGNORECASE)
_HINT = compiled_later(
    rf"(?<![a-z])(?:{_DOOR}{_COUNT}|{_FLAT}{_LETTER})|[0-9] ?(?:dong|zhuang|hao ?lou) ?[0-9]", re.IGNORECASE
)


def hide_english_homes(text: str, *, official: bool = False) -> str:
    """`text` with `***` for flats, rooms and units that somebody lives in; a street and its number stay.

    `official`: an office wrote it, whose own rooms people are meant to find.
    """
    if not _HINT.search(text) or (official and _OFFICE.search(text)):
        return text
    return _BESIDE.sub(_hide, _SEVERAL.sub(_hide, text))


def _hide(match: re.Match[str]) -> str:
    """Unless it is a part of what is there for everybody: Room 3, Building 2 of the hospital."""
    text, is_lived_in = match.string, len(match.groups()) > 1 and match[2] is not None
    is_public = (
        not is_lived_in
        and _PUBLIC.match(text, match.end())
        and not _ONLY_HOMES.search(match.group())
        and not _LIVED_IN.search(text, max(0, match.start() - 80), match.start())
    )
    return match.group() if is_public else f"{match[1] or match[2] or ''}***" if match.groups() else "***"
