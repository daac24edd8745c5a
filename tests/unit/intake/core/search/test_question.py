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


def _looks(typed: str, counts: Counts) -> list[str]:
    return [each.tsquery for each in look_ups(question_of(typed, counts), counts).each]


def test_the_rarest_words_look_up() -> None:
    """As many as stand in few answers; common ones only two by two, and one alone by itself."""
    many = Counts(answers=10**6, of={"路灯": 9_000, "灯坏": 5_000, "坏了": 28_000})

    assert ["'灯坏'", "'坏了'", "'路灯'"] == _looks("路灯坏了", COUNTS)
    assert {"'灯坏' & '路灯'", "'灯坏' & '坏了'", "'路灯' & '坏了'"} == set(_looks("路灯坏了", many))
    assert ["'路灯'"] == _looks("路灯", many)
    assert [] == _looks("，。", many)


def test_taiwans_words_look_up_ours_and_themselves() -> None:
    """The answer may hold either."""
    assert ["('出租' | '计程')", "('租车' | '程车')"] == _looks("計程車", Counts())


def test_words_of_one_phrase_are_looked_up_apart() -> None:
    """The rarest two that share no character first: those that do stand in the same answers."""
    counts = Counts(
        answers=10**6, of={"地下": 20_000, "下车": 3_000, "车库": 9_000, "积水": 8_000, "库积": 2_500}
    )

    assert ["'库积' & '下车'", "'库积' & '车库'", "'下车' & '车库'"] == _looks("地下车库积", counts)
    assert "'下车' & '积水'" == _looks("地下车，积水", counts)[0]


def test_what_stands_in_every_few_answers_is_looked_for_among_the_newest() -> None:
    """The index would collect all of them first; beside rarer words it is not looked up at all."""
    common = Counts(answers=10**6, of={"希望": 190_000, "望有": 180_000, "有关": 170_000, "关人": 160_000})
    (only,) = look_ups(question_of("希望有关人", common), common).each
    mixed = Counts(answers=10**6, of={**common.of, "部门": 9_000})

    assert (True, ("关人", "望有")) == (only.among_newest, only.words)
    assert ["'部门'"] == _looks("希望有关人，部门", mixed)


def test_where_few_answers_hold_the_rare_words_common_ones_are_looked_up_too() -> None:
    """What was mistyped stands in next to none: the answer is among those that hold the rest."""
    counts = Counts(answers=10**6, of={"车库": 9_000, "积水": 8_000, "水排": 12_000, "排步": 3, "步出": 0})
    enough = Counts(answers=10**6, of={**counts.of, "排步": 500})

    assert ["'步出'", "'排步'", "'积水' & '车库'"] == _looks("车库，积水排步出", counts)
    assert ["'步出'", "'排步'"] == _looks("车库，积水排步出", enough)


def test_common_words_wait_behind_rare_ones() -> None:
    """However many answers there are, those that are looked at are bounded."""
    counts = Counts(answers=10**6, of={"路灯": 500, "灯坏": 400, "坏了": 400_000})
    found = look_ups(question_of("路灯坏了", counts), counts)

    assert ["'灯坏'", "'路灯'"] == [each.tsquery for each in found.each]
    assert ["灯坏", "路灯"] == found.words
    assert module.MOST_LOOKED_UP == found.enough


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
    for each in look_ups(question_of(typed, Counts()), Counts()).each:
        for word in each.words:
            assert not set(word) & set("'\\ &|!:*<>()")
