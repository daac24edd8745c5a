"""Danger told in English."""

from typing import Any

import pytest

from routing.core.classify import classify
from routing.core.danger.perils import Perils, PerilWords
from routing.core.danger.perils_in_english import EnglishPeril, EnglishPerils
from schemas.errors import Unusable
from schemas.words import Urgency
from tests.unit.routing.everyday_in_english import EVERYDAY as LIKE_A_DANGER
from tests.unit.routing.more_in_english import MORE
from tests.unit.routing.rare_in_english import UNUSUAL
from tests.unit.routing.rules_alone import rules_alone
from tests.unit.routing.told_in_english import USUAL

RULES = rules_alone()
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
    "There is a smell of gas and my wife can't breathe",
    "I smell gas and can't breathe",
    "I can't breathe, smoke from the fire downstairs",
    "The lift is stuck and crowded, we can't breathe",
    "My baby swallowed paint and cannot breathe",
    "He came at me with a knife",
    "There is a guy with a knife in the school",
    "He is standing outside my door with a knife",
    "buried under the rubble, help",
    "pinned under a car",
    "trapped inside, smoke everywhere",
    "A bus fell into the river",
    "My grandmother fell yesterday and is unconscious",
    "My father is unconscious, he had surgery in May",
    "The house is on fire again, it was put out an hour ago",
    "I want to end my life, thank you for everything",
    "thank you for everything, I am going to kill myself",
    "every day I want to die",
    "insurance refused, I am going to kill myself",
    "no compensation so he took 50 pills",
    "She may kill herself, in May she tried",
    "I lost my job last month and want to kill myself",
    "She tried to kill herself last year and is on the roof again now",
    "Gas leak在3号楼, help",
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
    "There is no fire",
    "The house is not on fire",
    "This queue makes me want to kill myself",
    "A film about a man who wants to kill himself is on in our cinema",
    "Training for teachers whose students want to kill themselves",
    "The bridge of suicide awareness has no lights",
    "My brother tried to kill himself in 2019, can he get an allowance",
    "I wanted to die last year, now the doctors helped me",
    "The nanny took a novel in which he says: I want to die",
    "People jump the queue and I want to jump rope",
    "People are choking on the smoke of the barbecue",
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


def test_what_was_aimed_at_dangers_in_english_holds() -> None:
    """All that are kept, and none of the everyday messages with the same words."""
    assert not [text for text in (*USUAL, *UNUSUAL) if not RULES.perils.tells(text)]
    assert not [text for text in (*LIKE_A_DANGER, *MORE) if RULES.perils.tells(text)]


def _in_english(**peril: Any) -> Perils:
    words = {"KIN": ("sons?", "my mother"), "WHO": ("KIN", "he")}
    english = EnglishPerils(
        words=words, peril=(EnglishPeril(**peril),), never=("last year",), at_once=("again",)
    )
    return Perils(PerilWords(words={}, peril=(), english=english))


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Yes, my mother, 80, has fallen here", True),
        ("My sons have not fallen", False),
        ("A tree has fallen", False),
        ("He has fallen last year", False),
        ("He has fallen last year and fell again", True),
        ("he, says the caller of this morning whom nobody can understand at all, has fallen", False),
        ("He has befallen", False),
    ],
)
def test_it_befalls_whoever_is_named_right_before(text: str, *, is_told: bool) -> None:
    """Some words between, none of which denies it; past, it is over unless it happens again."""
    assert _in_english(beside=("fallen",), says=("WHO … fallen",)).tells(text) == is_told


def test_what_meets_in_one_sentence_is_told_in_either_order() -> None:
    """And not across two."""
    perils = _in_english(beside=("gas",), says=("gas + dizzy",), unless=("laughing",))
    assert perils.tells("Dizzy since noon, the gas is on")
    assert not perils.tells("Dizzy since noon. The gas is on")
    assert not perils.tells("Laughing gas makes dizzy")


def test_an_always_one_is_taken_back_by_its_own_alone() -> None:
    """Who threatens to die speaks of last year, too."""
    perils = _in_english(beside=("die",), says=("want to die",), unless=("film",), always=True)
    assert perils.tells("They fired me last year and I want to die")
    assert not perils.tells("I want to die is a film")


def test_a_vocabulary_that_is_not_listed_is_refused() -> None:
    """Else the phrase would never be found."""
    with pytest.raises(Unusable, match="WHOM"):
        _in_english(beside=("hit",), says=("hit WHOM",))
    with pytest.raises(Unusable, match="no pattern"):
        _in_english(beside=("hit",), says=("(hit",))
