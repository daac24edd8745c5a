"""Which tags a dispatcher leaves on a case."""

from collections.abc import Sequence

import pytest

from routing.core.decisions.chosen_tags import CHANGED_SINCE, chosen_tags
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.ids import TagCode
from tests.unit.sentences import check_sentences

CITY = load_city()
#: What the city listed once, and does no more.
GONE = TagCode("gone")
NIGHT, ELDERLY = TagCode("night"), TagCode("elderly")


@pytest.mark.parametrize(
    ("own", "asked", "meant"),
    [
        ((NIGHT, GONE), None, (NIGHT, GONE)),
        ((NIGHT,), ("elderly", "night", "elderly"), (NIGHT, ELDERLY)),
        ((NIGHT,), (), ()),
        ((), ("elderly",), (ELDERLY,)),
        # As they were kept, so that nothing is said to be changed which is not.
        ((ELDERLY, NIGHT), ("night", "elderly"), (ELDERLY, NIGHT)),
        ((NIGHT, GONE), ("gone", "elderly"), (ELDERLY, GONE)),
        ((NIGHT, GONE), ("night",), (NIGHT,)),
        # Every one that there is.
        ((GONE,), (*CITY.tag, GONE), (*CITY.tag, GONE)),
    ],
)
def test_what_is_meant(own: Sequence[TagCode], asked: Sequence[str] | None, meant: Sequence[TagCode]) -> None:
    """Nothing said, they are as they were; otherwise those that are said, each once, in the city's order."""
    assert meant == chosen_tags(CITY, own, asked)


def test_what_there_is_not_is_refused() -> None:
    """Also what the city lists no more, where the case does not have it."""
    with pytest.raises(BadInput) as refused:
        chosen_tags(CITY, (NIGHT,), ("night", GONE))

    (error,) = refused.value.errors
    check_sentences(error)
    assert "tags" == error.field


def test_whoever_read_other_tags_changes_none() -> None:
    """They see those of now first; unless they ask for what the case has anyway. The order is nobody's choice."""
    own = (NIGHT, GONE)
    with pytest.raises(BadInput) as refused:
        chosen_tags(CITY, own, ("elderly",), ("night",))

    assert CHANGED_SINCE.errors == refused.value.errors
    assert (ELDERLY,) == chosen_tags(CITY, own, ("elderly",), (GONE, "night"))
    assert own == chosen_tags(CITY, own, (GONE, "night"), ("elderly",))
