"""What a city's files may hold: codes, names, and the words that are looked for in messages."""

import re
from collections.abc import Mapping

#: Characters of a code (project choice: a topic's name has 249 at most, source: Kafka's `Topic.MAX_NAME_LENGTH`).
CODE_LIMIT = 100
#: What a code may be: it is part of topics' names.
CODE = re.compile(rf"(?=.{{1,{CODE_LIMIT}}}$)[a-z0-9]+(-[a-z0-9]+)*")
#: One character stands in too many sentences (project choice, as with the words of rules).
SHORTEST_WORD = 2
#: Characters of an item's name, which a form's field takes (project choice).
ITEM_NAME_LIMIT = 64
#: Lists of words that are looked for in messages, whatever they are of.
WORD_LISTS = ("names", "streets", "words", "provided")
#: Of these each of an item or a tag, which alone it names.
NAMING = ("words", "provided")
#: Files that a city may go without, and the table of each.
OPTIONAL: Mapping[str, str] = {"subcategories": "subcategory", "items": "item", "tags": "tag"}


def has_space(word: str) -> bool:
    """Whether it holds white space: a word that is looked for as it stands has none."""
    return any(letter.isspace() for letter in word)


def parts_of(word: str) -> frozenset[str]:
    """What must be said, in any order and in capitals or not: of one entry a word of the same parts says nothing more."""
    return frozenset(word.lower().split())
