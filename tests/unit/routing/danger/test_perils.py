"""Danger that no listed word names: who or what meets which state or place that threatens life."""

from pathlib import Path
from time import process_time

import pytest

from routing.core.classify import classify
from routing.core.danger.perils import Peril, Perils, PerilWords
from routing.core.rules import load_rules
from schemas.errors import Misconfigured, Unusable
from schemas.words import Urgency
from tests.unit.routing.rules_alone import rules_alone
from tests.unit.routing.untold import (
    BELITTLED,
    BESIDE_A_TOPIC,
    FIRST,
    FIRST_ORDINARY,
    FRESH,
    FRESH_ORDINARY,
    LIKE_A_DANGER,
    OF_A_TOPIC,
)

RULES = rules_alone()


def _found(messages: tuple[str, ...]) -> int:
    return sum(classify(RULES, "", text).urgency is Urgency.EMERGENCY for text in messages)


def _perils(*of: str, unless: tuple[str, ...] = ()) -> Perils:
    words = {"who": ("孩子", "老人"), "where": ("护栏外", "窗台"), "how": ("坐[在着]", "没有?反应")}
    peril = Peril(of=of, unless=unless)
    return Perils(
        PerilWords(words=words, peril=(peril,), never=("建议",), never_after=("老是",), at_once=("刚才",))
    )


def test_kinds_that_no_rule_lists_are_found() -> None:
    """Of the first sixty 23 were before, of the forty that nothing was mended with 18; no more is called so that is none.

    Thirty-five of forty until floors, dogs and noise behind a wall were left to the listed words: a call wakes somebody.
    """
    assert (60, 60, 40, 40) == (len(FIRST), len(FIRST_ORDINARY), len(FRESH), len(FRESH_ORDINARY))
    assert _found(FIRST) >= 57
    assert _found(FRESH) >= 34
    assert _found(FIRST_ORDINARY) <= 1
    assert 0 == _found(FRESH_ORDINARY)


def test_what_a_message_is_about_takes_no_danger_back() -> None:
    """装修, 油烟, 申请 stand beside real dangers, too: sixteen of twenty were found before."""
    assert (20, 20) == (len(BESIDE_A_TOPIC), len(OF_A_TOPIC))
    assert _found(BESIDE_A_TOPIC) >= 17
    assert 0 == _found(OF_A_TOPIC)


def test_everyday_words_of_a_danger_are_none() -> None:
    """Thirty of these forty woke somebody: a lift that is waited for, a dog that runs, a stumble, a noise behind a wall."""
    assert 40 == len(LIKE_A_DANGER)
    assert _found(LIKE_A_DANGER) <= 4


def test_a_danger_stays_one_that_somebody_belittles() -> None:
    """说没事, fear behind it and a habit beside it took it back."""
    assert 8 == len(BELITTLED)
    assert _found(BELITTLED) >= 7


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("孩子坐在窗台", True),
        ("窗台上，坐着个孩子", True),
        ("孩子在家。窗台上坐着", False),
        (f"孩子{'很' * 40}坐在窗台", False),
        ("建议给坐在窗台的孩子", False),
        ("建议你们快来，刚才孩子坐在窗台", True),
        ("没有孩子坐在窗台", False),
        ("孩子如坐在窗台猫", False),
        ("刚才孩子坐在窗台猫", False),
        ("老是说孩子坐在窗台", False),
        ("孩子坐在窗台，妈妈老是不管", True),
        (f"{'你好，' * 100}孩子坐在窗台", False),
    ],
)
def test_all_must_stand_close_in_one_sentence(text: str, is_told: bool) -> None:
    """And nothing beside them may take it back, unless it happens this moment; long letters are no calls."""
    assert is_told == _perils("who", "where", "how", unless=("猫",)).tells(text)


def test_a_word_is_listed_in_short() -> None:
    """`没有?反应` is 没反应 and 没有反应; one word is never two of a meeting."""
    assert _perils("who", "how").tells("老人没反应")
    assert _perils("who", "how").tells("老人没有反应")
    assert _perils("who|where", "how").tells("窗台坐着")
    assert not _perils("who", "who").tells("老人")


def test_a_vocabulary_that_is_not_listed_is_refused() -> None:
    """Nobody would ever meet it."""
    with pytest.raises(Unusable, match="whom"):
        _perils("whom", "where")


def test_lists_that_are_left_empty_take_nothing_back() -> None:
    """No pattern is not the one that matches everywhere."""
    words = {"who": ("孩子",), "where": ("窗臺",), "how": ("計程車",)}
    perils = Perils(PerilWords(words=words, peril=(Peril(of=("who|who", "where|how")),)))

    assert perils.tells("孩子在窗台"), "Traditional words are met in Simplified text"
    assert perils.tells("孩子在出租车"), "and Taiwan's"
    assert not perils.tells("孩子在家")


def test_what_is_no_pattern_is_named(tmp_path: Path) -> None:
    """A city's own file is refused with the line that is wrong."""
    (tmp_path / "perils.toml").write_text('never = ["(建议"]\nperil = []\n[words]\n', encoding="utf-8")

    with pytest.raises(Misconfigured, match="建议"):
        load_rules(tmp_path)


def test_no_text_costs_more_than_its_beginning() -> None:
    """Whatever is repeated in it."""
    before = process_time()
    RULES.perils.tells("建议孩子窗台站在掉进水里没反应" * 100_000)

    assert process_time() - before < 0.1, "a floor far above what it takes (.001 s), for slow machines"
