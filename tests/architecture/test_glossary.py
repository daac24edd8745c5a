"""The glossary has every word that the contracts use, and none that they do not."""

import inspect
import re
from enum import StrEnum

import pytest

import schemas.events  # noqa: F401  registers every event
from schemas import words
from schemas.event import EVENT_TYPES
from schemas.events.commands import Command
from tests.architecture.source import PACKAGES, ROOT, files

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
VOCABULARIES = [kind for _, kind in inspect.getmembers(words, inspect.isclass) if issubclass(kind, StrEnum)]
EVENTS = sorted({event.__name__ for event in EVENT_TYPES.values() if not issubclass(event, Command)})


@pytest.mark.parametrize("vocabulary", [kind for kind in VOCABULARIES if kind is not StrEnum])
def test_every_word_of_a_vocabulary(vocabulary: type[StrEnum]) -> None:
    """Each value that a record can hold is in the glossary."""
    missing = [member.value for member in vocabulary if f"`{member.value}`" not in GLOSSARY]

    assert missing == [], "add its row: an official's word and a column's value must be known to be the same"


@pytest.mark.parametrize("name", EVENTS)
def test_every_event(name: str) -> None:
    """Each event has its Chinese word."""
    assert f"`{name}`" in GLOSSARY, "add its row: the event is what departments' systems see"


def test_no_word_that_is_gone() -> None:
    """A name in the glossary is a name in the code."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in files(*PACKAGES))
    names = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", GLOSSARY))

    assert sorted(name for name in names if name not in code) == []
