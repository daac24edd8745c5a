"""Hides people's names in English: only where somebody says so, since shops, roads and offices are written like names."""

import re

from schemas.patterns import compiled_later

#: What a form, a signature or a resident says that is nobody's name: Best regards, Concerned Parents.
_NOBODY = compiled_later(
    r"\b(?:Services?|Office|Cent(?:er|re)|Department|Management|Manager|Committee|Team|Hotline|Company|Ltd|School|Hospital|Hotel"
    r"|Restaurant|Shop|Plaza|Building|Tower|Community|Estate|Garden|Group|Bank|Street|Road|Avenue|Lane|Park|Station"
    r"|Residents?|Citizens?|Parents?|Tenants?|Owners?|Neighbou?rs?|Anonymous|Unknown|None|Concerned|Not|City|District"
    r"|Please|Best|Wishes|Reply|Regards|Thanks?|Great|Front|Desk|Block|Security|Clinic|Dental|Cafe|From|Supermarket|Market|Mall|Store|Bakery"
    r"|Lake|Villa|Kindergarten|Line"
    r"|Very|Still|So|Too|Really|To|You|Now|Here|And|OK|Happy|Bye|Hoping)\b"
)
_WORD = r"[A-Za-z'’\-]{1,20}"
_MORE = rf"(?: [A-Z]{_WORD})"
#: A label of a form, or its own line.
_LABEL = (
    r"(?:(?:full |my |your |contact |complainant |applicant |patient |student )?name|contact(?: person)?|complainant"
    r"|complained by|caller|applicant|reported by|resident|tenant|owner|patient|student|signed(?: by)?)[ ]?[:：][ ]*"
)
_REGARDS = (
    r"(?:(?:regards|sincerely|faithfully|yours truly|signed)(?:[,.!] |[,.!]?[ ]*\n[ ]*)"
    r"|(?:thanks|thank you|cheers|best(?: wishes)?)[,.!]?[ ]*\n[ ]*)"
)
_NAMED = tuple(
    compiled_later(pattern)
    for pattern in (
        rf"((?i:\bmy name is|\bmy name's) )([A-Z])({_WORD}{_MORE}{{0,3}})",
        rf"((?:^|(?<=[\n,;.，。；|(（] )|(?<=[\n,;.，。；|(（]))(?i:{_LABEL}))([A-Z])({_WORD}{_MORE}{{0,3}})",
        rf"(\b(?i:{_REGARDS}))([A-Z])({_WORD}{_MORE}{{0,2}})(?=[ .]*(?:\n|$))",
        # Of two words: whoever says what they are has most often one.
        rf"(\b(?:I am|I'm|I’m) )([A-Z])({_WORD}{_MORE}{{1,2}})(?=[,.;!\n]|$| (?:and|from|of|who|living|in|at)\b)",
        rf"(\b(?:Mr|Mrs|Ms|Miss|Dr)\.? )([A-Z])({_WORD}{_MORE}{{1,2}})",
    )
)


def hide_english_names(text: str) -> str:
    """`text` with `Z**` for the names that it says are somebody's."""
    # One of these is in whatever leads to a name; most texts have none, and one letter after the other is found fastest.
    if not ("a" in text or "e" in text or "m" in text or "r" in text or "s" in text):
        return text
    for pattern in _NAMED:
        text = pattern.sub(_hide, text)
    return text


def _hide(match: re.Match[str]) -> str:
    return match.group() if _NOBODY.search(match[2] + match[3]) else f"{match[1]}{match[2]}**"
