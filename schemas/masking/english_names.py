"""Hides people's names in English: only where somebody says so, since shops, roads and offices are written like names."""

import re

from schemas.masking.introduced import has_capitalised, hide_introduced, hide_uncapitalised
from schemas.patterns import compiled_later

#: What a form, a signature or a resident says that is nobody's name, wherever one of these stands: City Water Office.
_NOBODY = compiled_later(
    r"(?i)\b(?:Services?|Office|Cent(?:er|re)|Department|Management|Committee|Team|Hotline|Company|Ltd|School|Hospital|Hotel"
    r"|Restaurant|Shop|Plaza|Building|Tower|Community|Estate|Garden|Group|Bank|Street|Road|Avenue|Lane|Park|Station"
    r"|Anonymous|Unknown|None|Concerned|City|District|Clinic|Dental|Cafe|Supermarket|Market|Mall|Store|Bakery"
    r"|Lake|Villa|Kindergarten|Line)(?![\w’'-])"
)
#: None begins with these either, and what stands before one is a name all the same: Mary Wong Block 3.
_BEHIND = compiled_later(
    r"(?i:Residents?|Citizens?|Parents?|Tenants?|Owners?|Neighbou?rs?|Manager|Security|Front|Desk|Block|From"
    r"|Please|Best|Wishes|Reply|Regards|Thanks?|Great|Not|Very|Still|So|Too|Really|To|You|Now|Here|And|OK|Happy|Bye|Hoping|Kind|Me"
    r"|At|In|On|Under|Wrong|Missing|Misspelled|Misspelt|Incorrect|Spelled|Listed)"
    r"(?![\w’'-])"
)
#: Of both, what is a surname beside a given name: Grace Park, Kelly To, Mr So Ka Ming; but not first in "I am So Angry".
_SURNAMES = frozenset(("Best", "Lane", "Park", "So", "To"))
#: Words of a sentence: where everything is in capitals nothing else tells it from a name.
_OF_SENTENCES = frozenset(("A", "AND", "AT", "FOR", "IN", "IS", "MY", "NO", "NOT", "OF", "ON", "THE", "WITH"))
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
#: Words of a name where everything is in capitals. Project choice: two given names and a surname.
_MOST_IN_CAPITALS = 3
#: Whoever says this is called whatever follows.
_MY_NAME = compiled_later(rf"((?i:\bmy name is|\bmy name's) )([A-Z])({_WORD}{_MORE}{{0,3}})")
_NAMED = tuple(
    compiled_later(pattern)
    for pattern in (
        rf"((?:^|(?<=[\n,;.，。；|(（] )|(?<=[\n,;.，。；|(（]))(?i:{_LABEL}))([A-Z])({_WORD}{_MORE}{{0,3}})",
        rf"(\b(?i:{_REGARDS}))([A-Z])({_WORD}{_MORE}{{0,2}})(?=[ .]*(?:\n|$))",
        # Of two words: whoever says what they are has most often one. In headings what they do follows: I'm Going To Jump.
        rf"(\b(?:I am|I'm|I’m) )([A-Z])(?![a-z]+ing )({_WORD}{_MORE}{{1,2}})"
        r"(?=[,.;!\n]|$| (?:and|from|of|who|living|in|at)\b)",
        rf"(\b[Tt]his is )([A-Z])({_WORD}{_MORE}{{0,2}})(?= (?:from|here|speaking|calling)\b)",
        rf"(\b(?:Mr|Mrs|Ms|Miss|Dr)\.? )([A-Z])({_WORD}{_MORE}{{1,2}})",
    )
)


def hide_english_names(text: str) -> str:
    """`text` with `Z**` for the names that it says are somebody's."""
    # One of these is in whatever leads to a name; most texts have none, and one letter after the other is found fastest.
    # In capitals every label has an N or an R.
    if not (
        "a" in text or "e" in text or "m" in text or "r" in text or "s" in text or "N" in text or "R" in text
    ):
        return text
    if has_capitalised(text):
        text = _MY_NAME.sub(_hide_whole, text)
        for pattern in _NAMED:
            text = pattern.sub(_hide, text)
        text = hide_introduced(text)
    return hide_uncapitalised(text)


def _hide_whole(match: re.Match[str]) -> str:
    """Whatever follows; in capitals, where sentences are written like names, three words up to one that is in none."""
    words = f"{match[2]}{match[3]}".split(" ")
    named = len(words)
    if match.group().isupper():
        ends = (at for at, word in enumerate(words) if _BEHIND.match(word) and word.title() not in _SURNAMES)
        named = next(ends, min(named, _MOST_IN_CAPITALS))
    return " ".join((f"{match[1]}{match[2]}**", *words[named:])) if named else match.group()


def _hide(match: re.Match[str]) -> str:
    words = (match[2] + match[3]).split(" ")
    if match.group().isupper() and not _OF_SENTENCES.isdisjoint(words):
        return match.group()
    beside = words[match[1].startswith("I") : 2] if len(words) > 1 else []
    surname = next((word for word in beside if word in _SURNAMES), None)
    others = words if surname is None else [word for word in words if word != surname]
    behind = next((at for at, word in enumerate(others) if _BEHIND.match(word)), len(others))
    named = words[: behind + len(words) - len(others)] if behind else []
    if len(named) < min(len(words), 2) or _NOBODY.search(" ".join(others)):
        return match.group()
    return " ".join((f"{match[1]}{match[2]}**", *words[len(named) :]))
