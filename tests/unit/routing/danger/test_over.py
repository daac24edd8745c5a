"""What words that come later tell as over, though they name a danger."""

import pytest

from routing.core.danger.over import tells_that_it_is_over
from routing.core.rules import load_rules
from routing.steps.judging import addition
from schemas.words import Urgency
from tests.unit.routing.dangers import UNTOLD
from tests.unit.routing.emergencies import DANGER

RULES = load_rules()


@pytest.mark.parametrize(
    "text",
    [
        "电线已经接好了，不冒火花了。",
        "补充：那次火灾的损失是三千元，请赔偿。",
        "燃气泄漏已处理，不用来了。",
        "墙倒塌砸坏了车，要求赔偿损失。",
        "着火的电箱换好了，可电费没退。",
        "My neighbour apologised for hitting me; I withdraw.",
    ],
)
def test_what_is_over_is_looked_at_and_is_no_emergency(text: str) -> None:
    """Nobody lowers it once a department has the case."""
    danger = addition(RULES, text).danger

    assert (Urgency.URGENT, True) == (danger.urgency, danger.waits)


@pytest.mark.parametrize(
    "text",
    [
        "电线昨天接好了，今天又冒火花了",
        "已经扑灭的火又烧起来了，快来",
        "楼塌了，已经打了119还没来",
        "着火了！已经好几分钟了",
        "邻居持刀在门口，说要我赔偿",
        "爸爸昏迷了，已经叫了急救",
        "煤气漏了，味道很大，上次报过没人管",
        "孩子掉河里了，不用再来电话，快派人",
        "My husband is hitting me, he says it was a joke",
        "My husband is hitting me, he apologised and started again",
    ],
)
def test_what_goes_on_is_an_emergency(text: str) -> None:
    """Whatever was mended, paid or excused before."""
    assert Urgency.EMERGENCY is addition(RULES, text).danger.urgency


def test_no_danger_that_the_rules_are_tested_with_is_told_as_over() -> None:
    """Not one of two hundred."""
    assert [] == [text for text in (*DANGER, *UNTOLD) if tells_that_it_is_over(text)]
