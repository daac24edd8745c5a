"""What single characters speak for: where no listed word stands, 焚 still says less of wages than of smoke."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from math import exp, log

from routing.core.text.lexicon import Votes

#: Words that every character is taken to stand in beside those that it does, spread as all characters are. Project choice.
_UNSEEN = 3.0
#: Characters say again what their neighbours say: so many count as one. Project choice: 2 to 5 do the same.
_ALIKE = 3.0
#: Characters of a text that are read. Project choice: matters stand at the beginning, and all of it tells no more.
_READ = 100
#: Below that share nobody is offered a category that no word speaks for. Project choice.
_LEAST = 0.1


class Characters:
    """The logarithm of how much likelier each character is in a category's listed words than in all of them."""

    def __init__(self, topics: Mapping[str, Votes]) -> None:
        """`topics`: what each listed word says of categories; one made of two would count its characters twice."""
        self._topics = topics

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        return tuple(sorted({code for votes in self._topics.values() for code, _ in votes}))

    @cached_property
    def _odds(self) -> dict[str, tuple[float, ...]]:
        """Reckoned with the first text: most processes judge none."""
        counted: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        for word, votes in self._topics.items():
            loud = sum(weight for _, weight in votes)
            for code, weight in votes:
                for character in set(word):
                    counted[character][code] += weight / loud
        return _odds(counted, self._codes)

    def said(self, text: str) -> dict[str, float]:
        """Categories for which the first characters of `text` speak, the likeliest first; shares of all there are."""
        known = [self._odds[each] for each in set(text[:_READ]) & self._odds.keys()]
        if not known:
            return {}
        sums = list(map(sum, zip(*known, strict=True)))
        loudest = max(sums)
        raised = [exp((said - loudest) / _ALIKE) for said in sums]
        total = sum(raised)
        shares = [(each / total, code) for each, code in zip(raised, self._codes, strict=True)]
        return {
            code: share
            for share, code in sorted([each for each in shares if each[0] >= _LEAST], reverse=True)
        }


def _odds(counted: Mapping[str, Mapping[str, float]], codes: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    everywhere = [sum(votes.get(code, 0.0) for votes in counted.values()) for code in codes]
    usual = [each / sum(everywhere) for each in everywhere]
    return {
        character: tuple(
            log((votes.get(code, 0.0) + _UNSEEN * share) / ((sum(votes.values()) + _UNSEEN) * share))
            for code, share in zip(codes, usual, strict=True)
        )
        for character, votes in counted.items()
    }
