"""Patterns that are compiled at their first use."""

import re

import pytest

from schemas.patterns import compiled_later


def test_it_is_the_same_pattern() -> None:
    """Everything that a pattern is asked is answered as `re.compile` would, flags included."""
    later, now = compiled_later("a(b)?", re.IGNORECASE), re.compile("a(b)?", re.IGNORECASE)

    assert ["B", ""] == [found or "" for found in later.findall("ABa")]
    assert now.sub("-", "xAbx") == later.sub("-", "xAbx")
    assert now.pattern == later.pattern
    assert now.flags == later.flags


def test_it_is_compiled_once_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start compiles nothing; a text compiles it, and the next text finds it compiled."""
    compiled: list[str] = []
    real = re.compile

    def counted(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return real(text, flags)

    monkeypatch.setattr("schemas.patterns.re.compile", counted)
    later = compiled_later("[0-9]+")
    before = list(compiled)

    assert later.search("a1") is not None
    assert later.search("b2") is not None
    assert later.fullmatch("33") is not None
    assert [] == before
    assert ["[0-9]+"] == compiled
