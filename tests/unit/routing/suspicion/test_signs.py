"""Words that are signs."""

from routing.core.suspicion.signs import Sign, Signs

_SIGNS = Signs({"局长": Sign.OFFICIAL, "副局长": Sign.OFFICIAL, "老板": Sign.PRIVATE, "cg": Sign.MISSPELT})


def test_words_become_signs_and_the_longer_is_meant() -> None:
    """What only has to be looked up stays as it is."""
    seen = _SIGNS.see("副局长和老板，CG来了")

    assert f"{Sign.OFFICIAL}和{Sign.PRIVATE}，cg来了" == seen.text
    assert {Sign.OFFICIAL, Sign.PRIVATE, Sign.MISSPELT} == seen.signs


def test_a_text_without_any_stays_as_it_is() -> None:
    """But for the letters' case."""
    assert ("路灯坏了a", frozenset()) == _SIGNS.see("路灯坏了A")
