"""English as it is weighed."""

from routing.core.suspicion.spelling import part_of, spelt, with_full_stops


def test_each_four_letters_of_a_word_are_a_sign() -> None:
    """Alike in small letters and in capitals, wherever they stand; every number is the same."""
    drowning, drown = spelt("drowning"), spelt("DROWN, 15 drown 7")

    assert 2 == len(drowning)
    assert drowning[0] == drown[0]
    assert drown[:2] == drown[4:6]
    assert drown[3] == drown[6]


def test_ends_of_clauses_stay_and_nothing_else_does() -> None:
    """Those of sentences, too; a point in a number or between letters ends none."""
    assert ",。\n" == "".join(
        each for each in spelt(with_full_stops("a, b 2.5 é\t(c.d).\n")) if each in ",。\n."
    )
    assert 6 == len(spelt("x b 2.5 é c.d"))


def test_what_signs_stand_for_is_found_again() -> None:
    """As it stands in the text."""
    text = "Dear Sir he's  UNCONSCIOUS on floor 12"

    assert "UNCONSCIOUS on floor" == part_of(text, spelt("unconscious floor"))


def test_words_that_tell_nothing_are_left_out() -> None:
    """Whole ones, in capitals, too; what signs stand for is found again around them."""
    assert spelt("cabin sinks") == spelt("The cabin and THE of sinks")
    assert 2 == len(spelt("that's"))
    assert "Cabin and sinks" == part_of("The Cabin and sinks for", spelt("cabin sinks"))
