"""Masks a text in Simplified characters, in which every cue is listed, and maps the result back to the original."""

from collections.abc import Callable

from schemas.patterns import compiled_later
from schemas.simplified import is_simplified, simplified

_HAN = compiled_later("[\u3400-\u9fff]+")
#: Characters that must be alike where what was hidden ends, and how far that is looked for (project choice: a home, or a
#: number told turn by turn, with the agent's words between, has no more).
_ALIKE, _FARTHEST = 4, 200


def masked_as_written(text: str, mask: Callable[[str], str]) -> str:
    """What `mask` makes of `text`, whichever characters it is written in."""
    # Other characters than ideographs, which many texts have, are nobody's Traditional ones.
    if is_simplified(text) or is_simplified("".join(_HAN.findall(text))):
        return mask(text)
    plain = simplified(text)
    masked = mask(plain)
    return text if masked == plain else _restored(text, plain, masked)


def _restored(text: str, plain: str, masked: str) -> str:
    """`masked`, with the characters of `text` for those of `plain` that were left: read as Simplified they are the same."""
    parts, at, told = list[str](), 0, 0
    while told < len(masked):
        same = _same(plain, at, masked, told)
        parts.append(text[at : at + same])
        at, told = at + same, told + same
        if told < len(masked):
            left, said = _next_alike(plain, at, masked, told)
            parts.append(masked[told : told + said])
            at, told = at + left, told + said
    return "".join(parts)


def _same(plain: str, at: int, masked: str, told: int) -> int:
    """How many characters are alike from there on."""
    most = min(len(plain) - at, len(masked) - told)
    return next((count for count in range(most) if plain[at + count] != masked[told + count]), most)


def _next_alike(plain: str, at: int, masked: str, told: int) -> tuple[int, int]:
    """How much of either was hidden there: all that is left, where nothing alike is found."""
    for said in range(1, min(_FARTHEST, len(masked) - told)):
        found = plain.find(masked[told + said : told + said + _ALIKE], at, at + _FARTHEST)
        if found >= 0:
            return found - at, said
    return len(plain) - at, len(masked) - told
