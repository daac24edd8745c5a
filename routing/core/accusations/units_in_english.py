"""Units by their names in English: in full, and as people call them (Housing Bureau, tax office, Xishan government)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.ids import DepartmentCode

#: What people call a city's own bodies, whatever these are called, and governments of districts. Project choice.
_KINDS = ("bureau", "department", "office", "administration", "commission", "authority", "authorities")
_GOVERNMENT = ("government", "authorities")
#: The kind of place that a district's name ends with, and often goes without.
_PLACE = re.compile(r" (?:district|zone|county|town|township|subdistrict)$")
#: Between the matters of one body: Culture and Tourism, Education, Culture and Sport.
_BETWEEN = re.compile(r",? and |, ")
_OF = re.compile(r"\w+ of (?:the )?")
#: Letters that `re` takes for another one where case is nothing, and that `lower` leaves.
_SMALL = str.maketrans({"ſ": "s", "ı": "i", "İ": "i"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EnglishUnits:
    """Units by their names in full, and by what they are for, which with a kind of body is a name of theirs, too."""

    full: Mapping[str, DepartmentCode]
    bodies: Mapping[str, DepartmentCode]
    #: Finds any name.
    pattern: re.Pattern[str]

    def code_of(self, found: str) -> DepartmentCode:
        """Whose name `found` is, as the pattern found it."""
        name = as_listed(found)
        if name in self.full:
            return self.full[name]
        behind = _OF.match(name)
        body = name[behind.end() :] if behind else ""
        return self.bodies[body if body in self.bodies else name.rpartition(" ")[0]]


def as_listed(found: str) -> str:
    """What a pattern found that takes any case and any space, as the words are listed that it was made of."""
    return " ".join(found.translate(_SMALL).lower().split())


def units_in_english(names: Mapping[str, DepartmentCode], others: Iterable[str]) -> EnglishUnits:
    """Ready to be looked for. `names`: in full; `others`: what sounds like one and is mostly a company's."""
    full = {as_listed(name): code for name, code in names.items()}
    whose: dict[tuple[str, Sequence[str]], set[DepartmentCode]] = defaultdict(set)
    for name, code in full.items():
        body, _, kind = name.rpartition(" ")
        kinds = _GOVERNMENT if kind == "government" else _KINDS
        for called in {body, *((_PLACE.sub("", body),) if kind == "government" else _BETWEEN.split(body))} - {
            ""
        }:
            whose[called, kinds].add(code)
    # What two of them are called says of neither.
    bodies = {key: min(codes) for key, codes in whose.items() if len(codes) == 1}
    patterns = [_any_of(full)] if full else []
    for kinds in (_KINDS, _GOVERNMENT):
        called = [body for body, which in bodies if which is kinds]
        if called:
            what, kind = _any_of(called), _any_of(kinds)
            patterns.append(rf"{what}\s+{kind}|{kind}\s+of\s+(?:the\s+)?{what}")
    no_unit = rf"(?!{_any_of(others)}\b)" if (others := tuple(others)) else ""
    return EnglishUnits(
        full=full,
        bodies={body: code for (body, _), code in bodies.items()},
        pattern=re.compile(rf"\b{no_unit}(?:{'|'.join(patterns) or '(?!)'})\b", re.IGNORECASE),
    )


def _any_of(words: Iterable[str]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(re.escape(word).replace(chr(92) + ' ', chr(92) + 's+') for word in ordered)})"
