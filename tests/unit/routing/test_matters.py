"""Which matters a message seems to hold."""

from msgspec.structs import replace

from routing.core.matters import guessed_matters
from routing.core.rules import load_rules
from schemas.ids import DepartmentCode
from tests.unit.routing.decisions.test_review import CASE

RULES = load_rules()
TEXT = "公交车末班车太早，希望公交线路延长运营时间。另外家里自来水停水三天了，水压也低。请尽快。"
BOTH = replace(CASE, text=TEXT, lead=DepartmentCode("transport"), protected=False, accused=())


def test_each_matter_brings_its_words() -> None:
    """In their order; what says nothing by itself belongs to what came before."""
    found = guessed_matters(RULES, BOTH)

    assert ["transport", "water"] == [matter.department for matter in found]
    assert "公交车末班车太早，希望公交线路延长运营时间。" == found[0].text
    assert "另外家里自来水停水三天了，水压也低。请尽快。" == found[1].text


def test_traditional_characters_are_read_alike() -> None:
    """And stay as they were written."""
    text = "公車末班車太早，希望公交線路延長運營時間。還有就是家裏自來水停水三天了，水壓也低。"
    found = guessed_matters(RULES, replace(BOTH, text=text))

    assert ["transport", "water"] == [matter.department for matter in found]
    assert "還有就是家裏自來水停水三天了，水壓也低。" == found[1].text


def test_a_matter_alone_keeps_nothing_that_joined_it_to_the_next() -> None:
    """Inside a matter it stays."""
    text = "公交车末班车太早；希望公交线路延长运营时间；另外家里自来水停水三天了，水压也低;"
    found = guessed_matters(RULES, replace(BOTH, text=text))

    assert "公交车末班车太早；希望公交线路延长运营时间" == found[0].text
    assert "另外家里自来水停水三天了，水压也低" == found[1].text


def test_one_matter_is_none_to_split() -> None:
    """Nor is what is protected, nor a unit that may not have it."""
    assert () == guessed_matters(RULES, replace(BOTH, text="公交车末班车太早。希望公交线路延长运营时间。"))
    assert () == guessed_matters(RULES, replace(BOTH, protected=True))
    assert () == guessed_matters(RULES, replace(BOTH, accused=(DepartmentCode("water"),)))
