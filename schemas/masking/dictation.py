"""Hides numbers that are told turn by turn: 139, then 0013, then 8001, with the agent's words between."""

from schemas.masking import contexts
from schemas.masking.identity import is_card, may_be_identity
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
_LANDLINE = compiled_later(r"0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")
_DIGIT = compiled_later(f"[{DIGITS}]")
#: Numbers of people, which an agent asks for; what may be hidden needs as many digits as the shortest (project choice).
_ASKED = compiled_later(
    rf"{_AGENT}[^\n]{{0,40}}?(?:电话|電話|手机|手機|座机|座機|号码|號碼|联系方式|聯繫方式|身份证|身份證|证件|證件|卡号|卡號"
    rf"|银行卡|銀行卡|账号|帐号|賬號|帳號|护照|護照)[^\n]{{0,8}}(?=\n)"
)
_FEWEST = 7
#: Digits of a bank card (ISO/IEC 7812-1), beyond which nothing is looked for; and what stands for one told in one go.
_LONGEST = 19
_TOLD_WHOLE = "0" * _LONGEST
#: What an agent asks that is none of them.
_OTHER = compiled_later(
    rf"{_AGENT}[^\n]*?(?:哪[天年月日里裡儿兒条條栋棟边邊些家]|几[号點点月楼层栋单天]|什么(?:时候|时间|事|地方|位置|路|问题|名字)|何时|多久|多少[钱户人元米天]"
    r"|日期|时间|時間|地址|地点|地點|单号|单號|编号|订单|小票|户号|表号|工号|金额|合同)"
)
#: What hides a number that was told in one go.
_HIDDEN = "****"


def hide_dictated(text: str) -> str:
    """`text` with a star for every digit of a number that several neighbouring lines make up, or that an agent asked for."""
    if "\n" not in text or (_HINT.search(text) is None and _ASKED.search(text) is None):
        return text
    lines, first = text.split("\n"), 0
    while first < len(lines):
        last = _end_of_block(lines, first) if _is_turn(lines[first]) else first
        if last > first and _tells_number(
            lines[first:last], asked=_is_asked(lines[max(0, first - 1) : last])
        ):
            lines[first:last] = [_hidden(line) for line in lines[first:last]]
        first = max(last, first + 1)
    return "\n".join(lines)


def _hidden(line: str) -> str:
    return _DIGIT.sub("*", line) if _HIDDEN not in line and _is_turn(line) else line


def _end_of_block(lines: list[str], first: int) -> int:
    """Where the turns that tell digits end; the agent's words do not, but for other questions that are answered."""
    end, told, is_else = first, "", False
    for at in range(first, len(lines)):
        line, turn = lines[at], _TURN.fullmatch(lines[at])
        if line.startswith(_AGENT) or not line:
            is_else = (is_else or _OTHER.match(line) is not None) and not _asks(line)
            end = at + 1 if turn is not None and not is_else else end
        elif turn is None or (is_else and not _goes_on(told, turn[1])):
            break
        else:
            end, told, is_else = at + 1, _TOLD_WHOLE if _HIDDEN in line else told + digits_of(turn[1]), False
    return end


def _goes_on(told: str, turn: str) -> bool:
    """Whether these digits are more of a number that was broken off by another question, and not the answer to that."""
    digits = digits_of(turn)
    is_begun = _begins_number(told[:_LONGEST], is_call=True)
    few = len(told) < _FEWEST and len(digits) < _FEWEST
    return few or (not is_begun and _begins_number((told + digits)[:_LONGEST], is_call=True))


def _is_turn(line: str) -> bool:
    return _TURN.fullmatch(line) is not None


def _is_asked(lines: list[str]) -> bool:
    """Whether an agent asks for somebody's own number there, and not for an order's or a meter's."""
    return any(_asks(line) for line in lines)


def _asks(line: str) -> bool:
    is_thing = contexts.names_thing(line.rstrip("？?。.！!，, 多少几是什么呢吗啊"))
    return _ASKED.match(f"{line}\n") is not None and not is_thing


def _tells_number(lines: list[str], *, asked: bool) -> bool:
    turns = [_TURN.fullmatch(line) for line in lines if not line.startswith(_AGENT) and _HIDDEN not in line]
    told = [digits_of(turn[1]) for turn in turns if turn is not None]
    whole = "".join(told)
    if asked and told:
        return len(whole) >= _FEWEST or any(_HIDDEN in line for line in lines)
    is_call = any(line.startswith(_AGENT) for line in lines)
    return len(lines) > 1 and any(
        _begins_number("".join(told[place:]), is_call=is_call) for place in range(min(len(told), 16))
    )


def _begins_number(digits: str, *, is_call: bool) -> bool:
    """In a call a landline or a card, too: elsewhere lines of digits are as often a table."""
    is_mobile = _MOBILE.match(digits) is not None
    return (
        is_mobile
        or may_be_identity(digits[:18])
        or (is_call and (_LANDLINE.match(digits) is not None or is_card(digits)))
    )
