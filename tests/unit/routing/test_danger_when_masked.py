"""Danger is heard in what is left of a message: masking comes first, and takes no word of it for somebody's name."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from intake.core.wording import normalised, simplified
from routing.core.classify import Wording, classify_all
from routing.core.doubts import Doubt
from routing.core.rules import load_rules
from routing.core.suspicion.sentences import Subject, listed, sentences_of
from schemas.masking import for_department
from tests.unit.routing.dangers import UNTOLD
from tests.unit.routing.emergencies import DANGER
from tests.unit.routing.more_in_english import MORE
from tests.unit.routing.rare_in_english import UNUSUAL
from tests.unit.routing.told_in_english import USUAL

RULES = load_rules()
_HELD_OUT = (Path(__file__).parent / "held_out_dangers.txt").read_text(encoding="utf-8")
_LISTS = (_HELD_OUT, listed(Subject.DANGERS), listed(Subject.DANGERS_IN_ENGLISH))
_DANGERS = sorted(
    {each.text for text in _LISTS for each in sentences_of(text) if each.is_meant}
    | {*DANGER, *UNTOLD, *USUAL, *UNUSUAL, *MORE}
)
#: How letters begin, and what is written before danger in headings and in haste.
_BEFORE = (
    "Dear Officer, ",
    "Dear Director,\n",
    "Dear Officer:\n",
    "My Neighbor ",
    "my wife ",
    "School Nurse ",
    "Mr Li, ",
)
#: Danger behind who it is about, where a name may stand as well.
_BEHIND_ROLES = (
    "Neighbor Threatens To Kill Me",
    "Husband Holding Knife To My Throat",
    "Husband Holding Knife to My Throat",
    "My Daughter Drowning In Park Lake",
    "Boyfriend Stabbed My Mother",
    "My Neighbor Screaming For Help",
    "My wife Suicide attempt tonight",
    "Dear Officer, Gas is leaking in the stairwell",
    "Dear Officer,\nMen with knives are in the hall",
    "Dear Officer: Bomb in the station.",
    "Tell my mother I'll be dead by morning",
    "Tell my mother I’ll be dead by morning",
)


def _weights(texts: Iterable[str]) -> list[tuple[int, bool]]:
    """How urgent each is, and whether it sounds dangerous."""
    plain = [normalised(text) for text in texts]
    opinions = classify_all(RULES, None, [Wording("", simplified(text) or text) for text in plain])
    order = list(type(opinions[0].urgency)) if opinions else []
    return [(order.index(opinion.urgency), Doubt.SOUNDS_DANGEROUS in opinion.doubts) for opinion in opinions]


def _written(text: str) -> Iterator[str]:
    """As it stands, as a heading, and behind what letters begin with."""
    heading = re.sub(r"[A-Za-z’']+", lambda word: word[0][:1].upper() + word[0][1:], text)
    told = re.sub(r"(?i)\bmy [a-z]+ [a-z]", lambda words: words[0][:-1].lower() + words[0][-1].upper(), text)
    if told != text:
        yield told
    for each in dict.fromkeys((text, heading)):
        yield each
        if each.isascii():
            yield from (f"{before}{each}" for before in _BEFORE)


def _lost(texts: Iterable[str]) -> list[str]:
    """What is no longer as urgent once it is masked."""
    masked = {text: for_department(text) for text in texts}
    changed = {text: shown for text, shown in masked.items() if shown != text}
    pairs = zip(changed.items(), _weights(changed), _weights(changed.values()), strict=True)
    return [f"{text!r} -> {shown!r}" for (text, shown), unmasked, left in pairs if left < unmasked]


def test_no_danger_is_less_urgent_once_it_is_masked() -> None:
    """However it is written."""
    assert len(_DANGERS) > 1_000
    assert _lost(each for text in _DANGERS for each in _written(text)) == []


@pytest.mark.parametrize("text", _BEHIND_ROLES)
def test_no_danger_behind_a_role_is_taken_for_a_name(text: str) -> None:
    """Nor behind a salutation."""
    assert _lost([text]) == []
    assert for_department(text) == text
