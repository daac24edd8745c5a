"""Lists of words are in Simplified characters; what is matched against them is made so first."""

from msgspec.structs import replace

from routing.core.decisions.outcome import choose
from routing.core.decisions.review import Decision
from routing.core.decisions.splitting import NamedMatter
from routing.core.rules import load_rules
from routing.steps.judging import accusing, addition
from schemas.city import load_city
from schemas.ids import DepartmentCode
from schemas.simplified import simplified
from tests.unit.routing.decisions.test_review import CASE


def test_the_characters_of_hong_kong_are_read_too() -> None:
    """As intake reads them where a message is registered."""
    assert "卫生局说这里不归他们管" == simplified("衞生局說這裏不歸他們管")


def test_a_matter_in_traditional_characters_has_its_item() -> None:
    """Its words stay as the dispatcher wrote them."""
    lamp = NamedMatter(department="urban-management", text="門口的路燈也不亮")
    [part] = choose(load_city(), CASE, Decision(version=2, parts=(lamp,))).parts

    assert ("門口的路燈也不亮", "street-light") == (part.text, part.item)


def test_whom_a_message_in_traditional_characters_names_is_accused_with_later_words() -> None:
    """他收了红包 is said later; who that is stands in the message."""
    rules = load_rules()
    case = replace(CASE, title="水務局的人", text="水務局的隊長不開發票。", region=None)
    after = accusing(rules, case, addition(rules, "他收了红包"))

    assert after is not None
    assert DepartmentCode("water") in after.accused
