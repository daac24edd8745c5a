"""Reads secrecy and consent from a cell; what cannot be understood protects the citizen.

An export writes √, 需保密, 勾选 or a number of its own list. To publish what somebody wanted kept cannot be mended, so
only a word that is known to allow it does.
"""

from collections.abc import Iterable, Mapping

from intake.core.plain_words import may_be_named, plain_word
from schemas.errors import FieldError

_YES = frozenset(["是", "yes", "true", "1", "1.0", "y", "t", "√", "✓", "✔", "☑", "对"])
_NO = frozenset(["否", "不", "不是", "no", "false", "0", "0.0", "n", "f", "✗", "✘", "×", "☐", "□"])
#: What stands in a cell that says nothing.
_NOTHING = frozenset(("", "/", "-", "--", "—", "——", "无", "空", "n/a", "na", "nan", "null", "none"))
_SECRECY_NOT_WANTED = _NO | frozenset(
    [
        "不保密",
        "无需保密",
        "不需保密",
        "不需要保密",
        "不用保密",
        "不要求保密",
        "非保密",
        "不匿名",
        "非匿名",
        "非密",
        "非涉密",
        "不涉密",
        "实名",
        "公开",
        "可公开",
        "可以公开",
        "同意公开",
    ]
)
#: A no to secrecy that says no more: of an answer that is offered nobody knows beside which yes it stands.
_SECRECY_NOT_NEEDED = frozenset(
    ["不需要", "不需", "无需", "不用", "不必", "不要", "没有", "不要求", "未要求", "无要求", "无需求"]
)
_SECRECY_WANTED = _YES | frozenset(["保密", "要求保密", "需保密", "需要保密", "请保密", "不公开"])
_PUBLICATION_ALLOWED = _YES | frozenset(
    [
        "公开",
        "可公开",
        "可以公开",
        "同意",
        "同意公开",
        "允许",
        "允许公开",
        "愿意",
        "愿意公开",
        "可",
        "可以",
        "agree",
        "ok",
        "好",
        "好的",
        "已同意",
        "本人同意",
        "同意对外公开",
        "对外公开",
        "可对外公开",
        "主动公开",
        "愿意对外公开",
        "授权公开",
        "已授权",
    ]
)
_PUBLICATION_REFUSED = _NO | frozenset(
    (
        "不公开", "不同意", "不同意公开", "不允许", "不允许公开", "不愿意", "不愿公开", "不愿意公开", "不可", "不可以",
        "不要公开", "保密", "disagree", "未同意", "本人不同意", "不对外公开", "不予公开", "暂不公开", "依申请公开",
        "不用公开", "无需公开", "不需要公开", "拒绝", "拒绝公开", "未授权",
    )
)  # fmt: skip
_NAMED_REFUSED = _PUBLICATION_REFUSED | frozenset(["匿名", "不实名", "非实名", "不署名", "隐名"])

#: A number is as often an answer's place in its list.
_NUMBERS = frozenset(["1", "1.0", "0", "0.0"])
_ANSWERS = (_SECRECY_WANTED | _SECRECY_NOT_WANTED | _PUBLICATION_ALLOWED | _NAMED_REFUSED) - _NUMBERS
#: What stands for an answer of which none is ticked.
UNTICKED = "否"


def answered(choices: Mapping[str, object]) -> str | None:
    """What an object says that offers answers: what is ticked of `{"是": true, "否": false}`, a no where nothing is.

    Where two are ticked nobody knows which was meant, nor where any mark or answer is none that we know: what is
    returned then is no word that we know, either. None: it offers no answer that we know, nor one by its number.
    """
    known = [plain_word(answer) in _ANSWERS for answer in choices]
    if not any(known) and not any(plain_word(answer).isdecimal() for answer in choices):
        return None
    marks = _marks_of(choices)
    if marks is None or not all(known):
        return str(dict(choices))
    said = "\n".join(answer for answer, mark in marks.items() if mark in _YES)
    return said or (UNTICKED if any(mark in _NO for mark in marks.values()) else "")


def offers_only_openness(choices: Mapping[str, object]) -> bool:
    """Whether every answer that it offers is that secrecy is not wanted: unticked, nobody knows what is."""
    return all(plain_word(answer) in _SECRECY_NOT_WANTED for answer in choices)


def ticked(choices: Mapping[str, object]) -> str:
    """What is ticked of answers, each of which may be any word; empty where nothing is, or it is no such object."""
    are_answers = len(choices) > 1 or any(plain_word(answer) in _ANSWERS for answer in choices)
    marks = (_marks_of(choices) if are_answers else None) or {}
    return "\n".join(answer for answer, mark in marks.items() if mark in _YES)


def _marks_of(choices: Mapping[str, object]) -> Mapping[str, str] | None:
    """How each answer is marked; None where any is by no mark that we know."""
    marks = {answer: plain_word(str(mark)) for answer, mark in choices.items()}
    return marks if all(mark in _YES | _NO | _NOTHING for mark in marks.values()) else None


def is_confidential(cells: Iterable[str]) -> bool:
    """Whether any of these cells asks for secrecy, or may."""
    known = _SECRECY_NOT_WANTED | _SECRECY_NOT_NEEDED | _NOTHING
    return any(plain_word(cell) not in known for cell in cells)


def was_confidential(cells: Iterable[str]) -> bool:
    """Whether earlier releases, which knew fewer words that ask for no secrecy, took it for that."""
    return any(plain_word(cell) not in _SECRECY_NOT_WANTED | _NOTHING for cell in cells)


def is_nameless(cells: Iterable[str]) -> bool:
    """Whether any of these cells asks that whoever wrote is not named, or may."""
    return any(word not in _NOTHING and not may_be_named(word) for word in map(plain_word, cells))


def is_publishable(cells: Iterable[str]) -> bool:
    """Whether a cell allows publication, and none says anything else."""
    said = [word for cell in cells if (word := plain_word(cell)) not in _NOTHING]
    return bool(said) and all(word in _PUBLICATION_ALLOWED for word in said)


def is_refusal(cell: str) -> bool:
    """Whether it plainly refuses publication."""
    return plain_word(cell) in _PUBLICATION_REFUSED


def is_answer(said: str) -> bool:
    """Whether it is a word by which somebody agrees or refuses."""
    return plain_word(said) in _ANSWERS


def is_yes(cell: str) -> bool:
    """Whether it is a mark or a word that plainly says yes."""
    return plain_word(cell) in _YES


def is_ticked(cells: Iterable[str]) -> bool:
    """Whether any of these cells is, that stand below an answer: what says anything but that it is not."""
    return any(plain_word(cell) not in _NO | _NOTHING for cell in cells)


def misunderstood(
    confidential: Iterable[str], named: Iterable[str], publish: Iterable[str]
) -> list[FieldError]:
    """A note on each cell whose word is none that we know: it was read as the citizen's protection."""
    known = _SECRECY_WANTED | _SECRECY_NOT_WANTED | _SECRECY_NOT_NEEDED | _NOTHING
    notes = [_secrecy_note(cell) for cell in confidential if plain_word(cell) not in known]
    known = _NAMED_REFUSED | _NOTHING
    unknown = [cell for cell in named if (word := plain_word(cell)) not in known and not may_be_named(word)]
    notes += map(_secrecy_note, unknown)
    known = _PUBLICATION_ALLOWED | _PUBLICATION_REFUSED | _NOTHING
    return [*notes, *(_publication_note(cell) for cell in publish if plain_word(cell) not in known)]


def _secrecy_note(cell: str) -> FieldError:
    return FieldError(
        "confidential",
        f"不认识“{cell}”，按保密处理。",
        f"{cell!r} is not a word that we know: the message is confidential.",
    )


def _publication_note(cell: str) -> FieldError:
    return FieldError(
        "publish",
        f"不认识“{cell}”，按不公开处理。",
        f"{cell!r} is not a word that we know: the message is not published.",
    )
