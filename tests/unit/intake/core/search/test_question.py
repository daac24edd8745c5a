"""What a question is read as, and which of its words look answers up."""

from hypothesis import given
from hypothesis import strategies as st

from intake.core.search import question as module
from intake.core.search.question import Counts, asks_much, counted_words, look_ups, question_of, words_in

COUNTS = Counts(answers=1000, of={"路灯": 500, "灯坏": 3, "坏了": 400, "路": 600})


def test_a_question_is_read_in_pairs_whole_words_and_single_characters() -> None:
    """Each once; numbers of buses and rooms stay whole."""
    assert ["路灯", "灯坏", "led", "101", "路"] == words_in("路灯坏，LED 路灯；101路")
    assert ["路灯", "灯坏", "路", "灯", "坏"] == counted_words("路燈壞")


def test_rare_words_tell_more() -> None:
    """A word of half of all answers tells little, one that was never counted the most; nothing tells less than nothing."""
    weights = [COUNTS.weight(word) for word in ("路", "路灯", "坏了", "灯坏", "从未")]

    assert sorted(weights) == weights
    assert weights[0] > 0
    assert 1.0 == Counts().weight("路灯")


def test_the_rarest_words_look_up() -> None:
    """As many as stand in few answers; common ones only two by two, and one alone by itself."""
    found = look_ups(question_of("路灯坏了", COUNTS), COUNTS)
    many = Counts(answers=10**6, of={"路灯": 90_000, "灯坏": 50_000, "坏了": 400_000})

    assert ["'灯坏'", "'坏了'", "'路灯'"] == [each.tsquery for each in found]
    assert {"'灯坏' & '路灯'", "'灯坏' & '坏了'", "'路灯' & '坏了'"} == {
        each.tsquery for each in look_ups(question_of("路灯坏了", many), many)
    }
    assert ["'路灯'"] == [each.tsquery for each in look_ups(question_of("路灯", many), many)]
    assert [] == list(look_ups(question_of("，。", many), many))


def test_common_words_wait_behind_rare_ones() -> None:
    """However many answers there are, those that are looked at are bounded."""
    counts = Counts(answers=10**6, of={"路灯": 1500, "灯坏": 400, "坏了": 400_000})

    assert ["'灯坏'", "'路灯'"] == [
        each.tsquery for each in look_ups(question_of("路灯坏了", counts), counts)
    ]


def test_of_a_long_text_words_of_a_single_answer_tell_nothing() -> None:
    """What one writer alone wrote is no matter; a short question keeps every word."""
    long = "".join(chr(0x4E00 + 7 * number) for number in range(module.MOST_WORDS + 2))
    known = words_in(long)[5]
    counts = Counts(answers=50, of={known: 2})

    assert [known] == list(question_of(long, counts).words)
    assert 2 == len(question_of("从未见", counts).words)


def test_more_than_a_word_or_two_asks_for_the_nearest() -> None:
    """Four characters are one word or two."""
    assert [False, False, True, True] == [
        asks_much(text) for text in ("路灯", "麦田公园", "路灯不亮了", "how do I apply")
    ]


@given(st.text(max_size=80))
def test_no_question_can_break_out(typed: str) -> None:
    """Quotes and operators are never part of a word that looks up."""
    for each in look_ups(question_of(typed, Counts()), Counts()):
        for word in each.words:
            assert not set(word) & set("'\\ &|!:*<>()")
