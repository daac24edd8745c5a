"""Danger told in English."""

import pytest

from routing.core.classify import classify
from routing.core.perils import Perils, PerilWords
from routing.core.rules import load_rules
from schemas.words import Urgency

RULES = load_rules()
#: Invented, as what follows is; without phrases of English all were ordinary.
DANGERS = (
    "there is a fire, my father is inside",
    "There's a big fire on the third floor",
    "My kitchen is on fire!",
    "Gas leak in the hallway",
    "I smell gas in my apartment",
    "my child fell into the river",
    "Someone is drowning in the lake",
    "I want to kill myself",
    "She is going to jump off the bridge",
    "Someone is trapped in the elevator",
    "We are stuck in the lift, please hurry",
    "A wall collapsed on a worker",
    "Two men are buried under the bricks",
    "My mother cannot breathe",
    "my mother can’t breathe",
    "My husband is not breathing",
    "Help! My grandfather has a heart attack",
    "An old man is lying unconscious on the street",
    "A man with a knife is chasing people",
    "My neighbor is beating his wife, she is screaming",
    "The baby is locked in the car",
    "My son drank pesticide",
    "A child was electrocuted by the street lamp",
    "The caller says his wife took a whole bottle of sleeping pills",
)
EVERYDAY = (
    "Fire safety drill schedule",
    "When is the next fire drill",
    "There was a fire last year and the insurance has not paid",
    "There is a fire station near us with no parking",
    "there is a fire sale at the mall",
    "The lift smells of gas station food",
    "the rent is on fire",
    "My kid fell in the park last week",
    "The fire alarm test is too loud",
    "Gas bill too high",
    "Please publish the rules on gas leak prevention",
    "There is no gas leak, the meter is wrong",
    "The smell of garbage is so bad I cannot breathe",
    "When will the elevator be repaired",
    "I was stuck in the elevator last week and got no apology",
    "The lift is stuck on the ground floor",
    "I am trapped in a contract with my gym",
    "A wall collapsed last month, nobody was hurt, please clear it",
    "Fireworks every night",
    "The rent is killing me",
    "Swimming lessons to prevent drowning",
    "Heart attack prevention lecture",
    "Where can I report a shop that sells knives",
    "The firewall blocks the website",
    "Is there compensation for food poisoning?",
    "The movie about a man with a knife is too violent",
    "My house did not catch fire but almost caught fire years ago",
    "小区有 WIFI 和 KTV 扰民",
)


@pytest.mark.parametrize("text", DANGERS)
def test_danger_in_english_is_found(text: str) -> None:
    """As a title, too."""
    assert classify(RULES, "", text).urgency is Urgency.EMERGENCY
    assert classify(RULES, text, "").urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_english_is_none(text: str) -> None:
    """What was, is rehearsed, paid for, denied, or only a figure of speech."""
    assert classify(RULES, "", text).urgency is not Urgency.EMERGENCY
    assert classify(RULES, text, "").urgency is not Urgency.EMERGENCY


def test_no_phrases_tell_of_nothing() -> None:
    """A city whose own file lists none."""
    assert not Perils(PerilWords(words={}, peril=())).tells("There is a fire")
