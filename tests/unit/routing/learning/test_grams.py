"""Character n-grams of many texts at once."""

from hypothesis import given
from hypothesis import strategies as st

from routing.core.learning.grams import grams_of


def _as_set(texts: list[str]) -> set[tuple[int, int, int]]:
    grams = grams_of(texts)
    return set(zip(grams.text.tolist(), grams.start.tolist(), grams.size.tolist(), strict=True))


def _expected(texts: list[str]) -> set[tuple[int, int, int]]:
    return {
        (number, at, size)
        for number, text in enumerate(texts)
        for size in (1, 2, 3)
        for at in range(len(text) - size + 1)
        if min(text[at : at + size]) > " "
    }


@given(st.lists(st.text(max_size=8), max_size=6))
def test_every_gram_and_no_other(texts: list[str]) -> None:
    """Of one, two and three characters, within one text and never over white space."""
    assert _expected(texts) == _as_set(texts)


@given(st.text(alphabet="公交车站大", min_size=3, max_size=20))
def test_equal_grams_have_equal_hashes(text: str) -> None:
    """Wherever they stand, and different ones different hashes."""
    grams = grams_of(["车" + text, text])
    words = [
        (["车" + text, text][number])[at : at + size]
        for number, at, size in zip(grams.text, grams.start, grams.size, strict=True)
    ]

    assert len(set(words)) == len({*grams.hash.tolist()})
    assert len(set(zip(words, grams.hash.tolist(), strict=True))) == len(set(words))
