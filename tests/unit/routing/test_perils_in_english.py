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
    "I can't breathe",
    "my uncle is trapped under the wall",
    "the lady is drowning",
    "She is about to jump in the river",
    "I am going to jump in front of a train",
    "She is choking on the small toy",
    "My husband is not breathing",
    "Help! My grandfather has a heart attack",
    "An old man is lying unconscious on the street",
    "A man with a knife is chasing people",
    "My neighbor is beating his wife, she is screaming",
    "The baby is locked in the car",
    "My son drank pesticide",
    "A child was electrocuted by the street lamp",
    "The caller says his wife took a whole bottle of sleeping pills",
    "My kitchen is on fire, I called the hotline and nobody answered",
    "My wife cannot breathe, nobody answers at the emergency hotline",
    "My husband is always angry and now he is beating me",
    "He hits me every day, he is beating me now",
    "Three days ago my father fell, now he is unconscious",
    "My father had surgery two weeks ago, now he cannot breathe",
    "the building is on fire, nobody was hurt yet",
    "Good morning, "
    + "I hope that you are well and that this finds whoever may help. " * 4
    + "My kitchen is on fire",
    "There's been an explosion",
    "A fire broke out",
    "My neighbour has been stabbed",
    "Building collapsed, people are trapped",
    "We are trapped on the roof",
    "my daughter has been kidnapped",
    "I took 50 pills",
    "The stairwell is full of smoke, I can't breathe",
    "My father is unconscious since yesterday",
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
    "A tree fell into the river",
    "My bicycle fell into the river",
    "My son's phone fell into the river",
    "My keys fell into a manhole",
    "I cannot breathe because of the smoke from the BBQ restaurant",
    "The air is so dirty I can't breathe",
    "The paint smell is so strong I can't breathe",
    "A street vendor cuts fruit with a knife",
    "The pipe is buried under the road",
    "I was trapped in an elevator yesterday",
    "The kitchen caught fire, it has been put out",
    "My scooter caught fire in March, who pays",
    "Kids want to jump rope",
    "He wants to jump the queue",
    "The smell of gas was reported and fixed, thanks",
    "Thank you for rescuing the girl who fell into the river",
    "The tree is on Fire Street",
    "WIFI is on fire",
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
