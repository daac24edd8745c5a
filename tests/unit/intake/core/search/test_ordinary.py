"""What stands in any question tells nothing of what is asked."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from intake.core.search.ordinary import phrases, told_by
from intake.core.search.question import words_in
from intake.core.wording import matchable
from tests.architecture.source import ROOT


def test_words_that_ask_tell_nothing() -> None:
    """In whatever characters; where they meet a word that tells, half of the pair does."""
    told = told_by("路燈不亮怎麼辦")

    assert (1.0, 1.0, 0.5, 0.0, 0.0) == tuple(told[word] for word in ("路灯", "不亮", "亮怎", "怎么", "么办"))
    assert (0.0, 1.0) == (told_by("How to pay tax")["how"], told_by("How to pay tax")["tax"])


def test_a_word_that_tells_somewhere_tells() -> None:
    """理 of 办理 is another one in 地理课."""
    told = told_by("办理地理课")

    assert (0.0, 1.0, 1.0) == (told["办理"], told["地理"], told["理"])


def test_the_phrases_are_written_as_they_are_compared() -> None:
    """Otherwise they are never found; and each stands in one list only, once."""
    written = tomllib.loads((ROOT / "intake" / "data" / "ordinary.toml").read_text(encoding="utf-8"))

    assert [] == [phrase for phrase in phrases() if matchable(phrase) != phrase]
    assert sorted(phrases()) == sorted(phrase for listed in written.values() for phrase in listed)
    assert 200 < len(phrases())


@given(st.text(max_size=60))
def test_every_word_of_a_text_has_its_share(text: str) -> None:
    """Between nothing and all."""
    told = told_by(text)

    assert set(words_in(text)) <= set(told)
    assert all(0 <= share <= 1 for share in told.values())
