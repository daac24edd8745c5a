"""Hides numbers that are told turn by turn: 139, then 0013, then 8001, with the agent's words between."""

from schemas.masking.identity import may_be_identity
from schemas.masking.spellings import DIGITS, digits_of
from schemas.patterns import compiled_later

_AGENT = "（话务员）"
#: A turn that is mostly digits: few other words, and nothing that is counted with them.
_COUNTED = "号楼栋棟单單元室层層年月日点點分时時块米路天个度平吨户戶次人岁歲"
_TURN = compiled_later(
    rf"(?:{_AGENT})?[^\n]{{0,10}}?((?:[{DIGITS}][ \-—.,，、]{{0,2}}){{1,8}}[{DIGITS}])"
    rf"(?![{_COUNTED}{DIGITS}])[^\n0-9]{{0,10}}"
)
_HINT = compiled_later(rf"[{DIGITS}][ \-—.,，、]{{0,2}}[{DIGITS}][^{DIGITS}\n]{{0,10}}\n")
_MOBILE = compiled_later(r"(?:86)?1[3-9][0-9]{9}")
_DIGIT = compiled_later(f"[{DIGITS}]")


def hide_dictated(text: str) -> str:
    """`text` with a star for every digit of a number that several neighbouring lines make up."""
    if "\n" not in text or _HINT.search(text) is None:
        return text
    lines, first = text.split("\n"), 0
    while first < len(lines):
        last = _end_of_block(lines, first)
        if last - first > 1 and _tells_number(lines[first:last]):
            lines[first:last] = [
                _DIGIT.sub("*", line) if _is_turn(line) else line for line in lines[first:last]
            ]
        first = max(last, first + 1)
    return "\n".join(lines)


def _end_of_block(lines: list[str], first: int) -> int:
    """Where the turns that tell digits end; the agent's words without any are no interruption."""
    last = end = first
    while last < len(lines):
        if _is_turn(lines[last]):
            end = last + 1
        elif lines[last] and not lines[last].startswith(_AGENT):
            break
        last += 1
    return end


def _is_turn(line: str) -> bool:
    return _TURN.fullmatch(line) is not None


def _tells_number(lines: list[str]) -> bool:
    turns = [_TURN.fullmatch(line) for line in lines if not line.startswith(_AGENT)]
    told = [digits_of(turn[1]) for turn in turns if turn is not None]
    return any(_begins_number("".join(told[place:])) for place in range(min(len(told), 16)))


def _begins_number(digits: str) -> bool:
    return _MOBILE.match(digits) is not None or may_be_identity(digits[:18])
