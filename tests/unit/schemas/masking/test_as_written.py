"""A text keeps the characters in which it was written, whatever of it is hidden."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.masking import for_public
from schemas.masking.as_written import masked_as_written
from schemas.simplified import simplified

_TEXTS = st.text(alphabet="業樓號層電話門牌車陳發張麗的，。139001380 \n家住室", max_size=80)


@given(
    _TEXTS,
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 12), st.sampled_from(["", "*", "****", "王**"]))),
)
def test_it_says_what_was_left(text: str, cuts: list[tuple[int, int, str]]) -> None:
    """Read in Simplified characters it is what the mask made of it, wherever that cut and whatever stands instead."""

    def cut(plain: str) -> str:
        for at, length, shown in cuts:
            plain = plain[:at] + shown + plain[at + length :]
        return plain

    assert cut(simplified(text)) == simplified(masked_as_written(text, cut))


@given(_TEXTS)
def test_what_everybody_reads_says_the_same_in_either(text: str) -> None:
    """Nothing more is hidden, and nothing less."""
    assert simplified(for_public(text)) == for_public(simplified(text))


def test_what_is_left_stands_as_it_was() -> None:
    """On both sides of what was hidden."""
    assert "我叫陳**，電話139****8001，樓後路燈壞了" == for_public(
        "我叫陳大文，電話139 0013 8001，樓後路燈壞了"
    )
