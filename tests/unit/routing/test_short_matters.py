"""How well the shipped words tell short matters apart."""

from pathlib import Path

from routing.core.classify import classify
from routing.core.rules import load_rules

_LINES = (Path(__file__).parent / "short_matters.txt").read_text(encoding="utf-8").splitlines()
_MATTERS = [tuple(line.split("\t")) for line in _LINES if not line.startswith("#")]


def test_short_matters_find_their_category() -> None:
    """Nine of ten, where a message is one sentence; the right one is among the first three for all but a few."""
    rules = load_rules()
    found = [(label, text, classify(rules, "", text)) for label, text in _MATTERS]
    missed = [text for label, text, opinion in found if opinion.category != label]
    lost = [
        text
        for label, text, opinion in found
        if label not in [candidate.category for candidate in opinion.candidates[:3]]
    ]

    assert len(_MATTERS) >= 84
    assert len(missed) <= len(_MATTERS) // 10, missed
    assert len(lost) <= len(_MATTERS) // 20, lost
