"""Words that are signs."""

from routing.core.suspicion.signs import Signs, WordSign

_SIGNS = Signs(
    {
        "局长": WordSign.OFFICIAL,
        "副局长": WordSign.OFFICIAL,
        "老板": WordSign.PRIVATE,
        "cg": WordSign.MISSPELT,
    }
)


def test_words_become_signs_and_the_longer_is_meant() -> None:
    """What only has to be looked up stays as it is."""
    seen = _SIGNS.see("副局长和老板，CG来了")

    assert f"{WordSign.OFFICIAL}和{WordSign.PRIVATE}，cg来了" == seen.text
    assert {WordSign.OFFICIAL, WordSign.PRIVATE, WordSign.MISSPELT} == seen.signs


def test_a_text_without_any_stays_as_it_is() -> None:
    """But for the letters' case."""
    assert ("路灯坏了a", frozenset()) == _SIGNS.see("路灯坏了A")


def test_half_a_character_stops_nothing() -> None:
    """Neither what stands before it nor what stands behind it is lost."""
    seen = _SIGNS.see("局长\ud800老板")

    assert f"{WordSign.OFFICIAL}\ud800{WordSign.PRIVATE}" == seen.text
