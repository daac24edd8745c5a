"""Patterns that are compiled when they are first looked for."""

import re

import pytest

from routing.core.text.patterns import LazyPattern


def test_it_looks_as_a_compiled_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """From and up to where it is told; compiled once, and not before."""
    compiled: list[str] = []
    compile_ = re.compile

    def note(pattern: str) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_(pattern)

    monkeypatch.setattr(re, "compile", note)
    lazy, eager = LazyPattern("[ab]c"), compile_("[ab]c")
    assert [] == compiled

    for start, end in ((0, 6), (1, 6), (0, 5), (2, 3)):
        spans = [one.span() for one in lazy.finditer("acbcac", start, end)]
        assert [one.span() for one in eager.finditer("acbcac", start, end)] == spans
        assert bool(eager.search("acbcac", start, end)) is bool(lazy.search("acbcac", start, end))
        assert bool(eager.match("acbcac", start, end)) is bool(lazy.match("acbcac", start, end))
    assert ["[ab]c"] == compiled
