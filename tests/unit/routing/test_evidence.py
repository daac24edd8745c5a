"""What the words of a message add up to."""

from routing.core.evidence import LEVELS, read
from routing.core.rules import load_rules
from schemas.words import Kind, Urgency

RULES = load_rules()
#: The title's words count twice.
TITLE = RULES.settings.title


def _weight(word: str) -> float:
    ((_, weight),) = RULES.lexicon.topics[word]
    return weight


def test_a_word_counts_once_in_the_title_and_once_in_the_text() -> None:
    """However often it is repeated."""
    once = _weight("公交")

    assert once == read(RULES, "", "公交，公交，还是公交").scores["transport"]
    assert once * (TITLE + 1) == read(RULES, "公交，公交", "公交，公交").scores["transport"]


def test_a_departments_own_words_count_likewise() -> None:
    """Louder in the title."""
    ((department, once),) = RULES.lexicon.specialists["自来水"]

    assert {department: once * TITLE} == read(RULES, "自来水", "一件事").departments
    assert {department: once * (TITLE + 1)} == read(RULES, "自来水", "自来水，自来水").departments


def test_a_cue_counts_once_in_the_title_and_once_in_the_text() -> None:
    """Repeating a word makes no complaint louder; another word does."""
    once = read(RULES, "", "投诉").kinds[Kind.COMPLAINT]

    assert once == read(RULES, "", "投诉，投诉").kinds[Kind.COMPLAINT]
    assert once * (TITLE + 1) == read(RULES, "投诉", "投诉，投诉").kinds[Kind.COMPLAINT]
    assert once < read(RULES, "", "投诉，忍无可忍").kinds[Kind.COMPLAINT]
    assert once < read(RULES, "", "忍无可忍，投诉").kinds[Kind.COMPLAINT]


def test_districts_count_as_often_as_they_are_named() -> None:
    """By whichever of their names."""
    assert {"xishan": 2.0, "donghu": 1.0} == read(RULES, "西山区", "西山的路，东湖的桥").regions


def test_what_is_denied_hides_nothing_that_follows() -> None:
    """不是噪音 takes out the noise and leaves the bus."""
    assert {"transport": _weight("公交")} == read(RULES, "", "不是噪音，是公交").scores


def test_a_word_is_denied_by_what_follows_it_too() -> None:
    """火灾并没有发生: at the very beginning, and in the middle of a text."""
    for text in ("火灾并没有发生", "烟很大，火灾并没有发生，物业来看过"):
        assert Urgency.NORMAL is LEVELS[read(RULES, "", text).urgency]


def test_a_cue_that_is_denied_first_counts_where_it_is_said_plainly() -> None:
    """The first place of a word takes nothing from its next one."""
    assert read(RULES, "", "投诉").kinds == read(RULES, "", "不是投诉，但是这次我要投诉").kinds
