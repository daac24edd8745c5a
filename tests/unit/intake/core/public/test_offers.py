"""What becomes of suggestions, in numbers."""

from datetime import date

import msgspec
import pytest

from intake.core.public.offers import DEFINITIONS, KnowledgeFigures, figures_of, lines
from schemas.ids import EntryId
from schemas.values import EntryFacts
from schemas.words import Language

DAY = date(2026, 11, 23)
FACTS = EntryFacts(enquiries=40, answered=10, live=(EntryId("a"), EntryId("b")), expired=3, contradicting=1)
FIGURES = figures_of(
    DAY, DAY, {"shown": 8, "opened": 4, "solved": 2, "not_solved": 6, "filed": 1}, 1, FACTS, (), 1
)


def test_every_figure_has_its_definition() -> None:
    """In both languages, and none that is not there."""
    numbers = {field.name for field in msgspec.structs.fields(KnowledgeFigures) if field.type is int}

    assert numbers == set(DEFINITIONS)
    for names, definitions, _ in DEFINITIONS.values():
        assert all((*names, *definitions))
        assert len({*names, *definitions}) == 4


@pytest.mark.parametrize("language", Language)
def test_shares_are_of_what_they_are_part_of(language: Language) -> None:
    """Whole percents; none of what stands alone."""
    found = {line.field: (line.value, line.percent) for line in lines(FIGURES, language)}

    assert {
        "shown": (8, None), "opened": (4, 50), "solved": (2, 25), "not_solved": (6, 75), "filed": (1, None),
        "filed_again": (1, 50), "enquiries": (40, None), "answered_by_entry": (10, 25), "live": (2, None),
        "never_opened": (1, 50),        "expired": (3, None), "contradicting": (1, 50),
    } == found  # fmt: skip


def test_of_nothing_there_is_no_share() -> None:
    """Nothing is divided by nothing."""
    none = EntryFacts(enquiries=0, answered=0, live=(), expired=0, contradicting=0)

    assert {None} == {line.percent for line in lines(figures_of(DAY, DAY, {}, 0, none, (), 0), Language.ZH)}
