"""Whom a report accuses, and whom it only asks to act; whoever may be meant is taken for accused."""

import re
import sys
from collections.abc import Iterator

import pytest

from routing.core.accusations import asked_units as asked
from routing.core.accusations.misconduct import Accusation, accusation_in
from routing.core.classify import Classification, classify
from routing.core.rules import load_rules
from schemas.ids import RegionCode
from schemas.words import Kind
from tests.unit.routing.requests import ASKED, BOTH, MEANT

RULES = load_rules()


def _report(text: str) -> Classification:
    return classify(RULES, "", text, kind=Kind.REPORT)


def _said(text: str, region: str | None = None) -> Accusation:
    return accusation_in(RULES.accusations, text, RegionCode(region) if region else None, is_report=True)


@pytest.mark.parametrize(("text", "unit"), ASKED)
def test_a_unit_that_is_only_asked_is_not_accused(text: str, unit: str) -> None:
    """So that a dispatcher, or the rules, can send the report there; it stays a protected one."""
    opinion = _report(text)

    assert unit not in opinion.accused
    assert opinion.protected


@pytest.mark.parametrize(("text", "unit"), MEANT)
def test_a_unit_that_may_be_meant_is_accused(text: str, unit: str) -> None:
    """Where the text blames officials of no certain unit, or says that nothing was done, asking clears nobody."""
    assert unit in _report(text).accused


@pytest.mark.parametrize(("text", "accused", "asked"), BOTH)
def test_one_is_accused_and_another_asked(text: str, accused: str, asked: str) -> None:
    """Each by what is said of it."""
    opinion = _report(text)

    assert (True, False) == (accused in opinion.accused, asked in opinion.accused)


@pytest.mark.parametrize(
    ("text", "named", "only"),
    [
        ("举报城管局受贿", {"urban-management"}, set()),
        ("举报黑店。城管局就在对面", {"urban-management"}, {"urban-management"}),
        ("城管局就在对面。派出所民警收受贿赂", {"urban-management", "public-security"}, {"urban-management"}),
        ("城管局就在对面。有人受贿", {"urban-management"}, set()),
        ("派出所没有来。税务局不给发票", {"public-security", "tax"}, {"public-security", "tax"}),
    ],
)
def test_of_whom_no_deed_is_told_is_only_named(text: str, named: set[str], only: set[str]) -> None:
    """A sentence that tells of a deed accuses whom it names; where it names nobody, whoever is named anywhere."""
    found = _said(text)

    assert (named, only) == (set(found.named), set(found.only_named))


def test_whoever_is_kin_of_the_accused_is_accused_by_the_deed() -> None:
    """The district's government is the superior of its own bureau."""
    found = _said("举报东湖区城管局受贿。请东湖区政府查处")

    assert ({"district-donghu", "urban-management"}, ()) == (set(found.named), found.only_named)


class _Counting:
    """A pattern that counts the characters which it is given to look through."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern, self.read = pattern, 0

    def split(self, text: str) -> list[str]:
        """As the pattern does."""
        self.read += len(text)
        return self._pattern.split(text)

    def finditer(self, text: str, at: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """As the pattern does."""
        self.read += min(end, len(text)) - at
        return self._pattern.finditer(text, at, end)

    def search(self, text: str, at: int) -> re.Match[str] | None:
        """As the pattern does; it ends with the first clause."""
        return self._pattern.search(text, at)


@pytest.mark.parametrize("piece", ["渎职", "城管局渎职，"])
def test_one_deed_after_another_is_read_in_proportion(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Around each of them a few characters, not all that stand before: that would be the square of the text."""
    counting = _Counting(asked._CLAUSE_END)
    monkeypatch.setattr(asked, "_CLAUSE_END", counting)

    _said(piece * 200)

    assert 0 < counting.read <= 200 * (asked._SUBJECT + len(piece))
