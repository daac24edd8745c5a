"""A text in both languages, for readers whose language is not known yet."""

from collections.abc import Iterable

import msgspec

from schemas.words import Language


class Bilingual(msgspec.Struct, frozen=True):
    """A sentence, or a part of one, in Chinese and in English."""

    zh: str
    en: str

    def message(self, language: Language) -> str:
        """As it is read in that language."""
        return language.choose(self.zh, self.en)


def plain(fact: object) -> Bilingual:
    """What is the same in both: a name, a number, what another program says."""
    return Bilingual(zh=str(fact), en=str(fact))


def joined(sentences: Iterable[Bilingual]) -> Bilingual:
    """One after the other, as each language separates them."""
    every = list(sentences)
    return Bilingual(zh="；".join(each.zh for each in every), en="; ".join(each.en for each in every))
