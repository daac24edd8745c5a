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
_PARTS = rf"(?:(?:{_AROUND}|{_DOOR}){_COUNT}|{_FLAT}{_LETTER}|[0-9]{{1,3}}/f(?![a-z]))"
#: Building, unit and door as they are said in Chinese.
_SAID = r"[0-9]{1,3} ?(?:dong|zhuang|hao ?lou) ?[0-9]{1,2} ?dan ?yuan ?(?:[0-9]{2,4}(?: ?shi)?)?"
#: Several of them together, or a flat.
_SEVERAL = compiled_later(
    rf"(?<![a-z])(?:{_PARTS}(?:[ ,，]{{1,3}}(?:of )?{_PARTS}){{1,4}}|{_FLAT}{_COUNT}|{_SAID})", re.IGNORECASE
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
_HINT = compiled_later(
    rf"(?<![a-z])(?:{_DOOR}{_COUNT}|{_FLAT}{_LETTER})|[0-9] ?(?:dong|zhuang|hao ?lou) ?[0-9]", re.IGNORECASE
)


def hide_english_homes(text: str, *, official: bool = False) -> str:
    """`text` with `***` for flats, rooms and units that somebody lives in; a street and its number stay.

    `official`: an office wrote it, whose own rooms people are meant to find.
    """
    if not _HINT.search(text) or (official and _OFFICE.search(text)):
        return text
    text = _SEVERAL.sub("***", text)
    return _BESIDE.sub(lambda match: f"{match[1] or match[2] or ''}***", text)
