"""Citizens' messages for measuring with: varied Chinese of about 400 characters, the same for the same seed."""

import random
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec

from schemas.values import Contact, Place

_CLAUSE_END = re.compile(r"[，。]")
_SLOT = re.compile(r"\{(\w+)\}")
#: Of all messages: how many leave a telephone number, and how many say where it is (project choice: no city publishes it).
_WITH_CONTACT = 0.3
_WITH_PLACE = 0.5


class _Matter(msgspec.Struct, frozen=True):
    title: tuple[str, ...]
    text: tuple[str, ...]


class _Shared(msgspec.Struct, frozen=True):
    opening: tuple[str, ...]
    followed: tuple[str, ...]
    demand: tuple[str, ...]


class _Script(msgspec.Struct, frozen=True):
    characters: str
    words: dict[str, tuple[str, ...]]
    shared: _Shared
    matter: tuple[_Matter, ...]


class BenchMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What one made-up citizen writes, with or without contact details and a place."""

    title: str
    text: str
    place: Place | None = None
    contact: Contact | None = None


@cache
def _script() -> _Script:
    text = resources.files("deploy.bench").joinpath("messages.toml").read_text(encoding="utf-8")
    script = msgspec.convert(tomllib.loads(text), _Script)
    return msgspec.structs.replace(script, characters="".join(script.characters.split()))


def messages(seed: int = 1) -> Iterator[BenchMessage]:
    """Messages without end, no two alike."""
    script = _script()
    dice = random.Random(seed)  # noqa: S311  drawn for variety, not secrecy
    while True:
        matter = dice.choice(script.matter)
        yield BenchMessage(
            title=_filled(dice.choice(matter.title), dice),
            text=_text(matter, script.shared, dice),
            place=_place(dice) if dice.random() < _WITH_PLACE else None,
            contact=_contact(dice) if dice.random() < _WITH_CONTACT else None,
        )


def _text(matter: _Matter, shared: _Shared, dice: random.Random) -> str:
    details = dice.sample(matter.text, len(matter.text))
    followed = dice.sample(shared.followed, 3)
    sentences = (dice.choice(shared.opening), *details, *followed, dice.choice(shared.demand))
    return _own("".join(_filled(sentence, dice) for sentence in sentences), dice)


def _own(text: str, dice: random.Random) -> str:
    """Makes each clause this citizen's own."""
    characters = _script().characters
    return _CLAUSE_END.sub(lambda end: "".join(dice.choices(characters, k=3)) + end[0], text)


def _filled(sentence: str, dice: random.Random) -> str:
    words = _script().words

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        return str(dice.randint(2, 29)) if name == "n" else dice.choice(words[name])

    return _SLOT.sub(fill, sentence)


def _place(dice: random.Random) -> Place:
    return Place(
        address=_filled("{district}{street}{n}号{estate}", dice),
        longitude=round(dice.uniform(114.2, 114.5), 6),
        latitude=round(dice.uniform(30.4, 30.7), 6),
    )


def _contact(dice: random.Random) -> Contact:
    return Contact(name=dice.choice("王李张刘陈") + "先生", phone=f"139{dice.randrange(10**8):08d}")
