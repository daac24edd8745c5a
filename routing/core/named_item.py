"""Which item (事项) of the dispatch catalogue a message names: the one whose words it says most of, or none."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from routing.core.decisions.splitting import ItemOf
from routing.core.text.lexicon import matches_in
from routing.core.text.negation import BEFORE, is_denied
from schemas.city import CatalogueItem, City
from schemas.ids import DepartmentCode, ItemCode, RegionCode
from schemas.whose_item import departments_of
from schemas.words import Kind

#: The loudest is named if it is so many times as loud as the next one: by half, and that is no toss (project choice).
_CLEAR = 1.5


class NamedItems:
    """The catalogue of one city, ready to be read beside many messages; threads may share it."""

    def __init__(self, city: City) -> None:
        self._item: Mapping[str, CatalogueItem] = city.item
        items: dict[str, list[CatalogueItem]] = {}
        for item in city.items:
            items.setdefault(city.category_of(item).code, []).append(item)
        self._finders = {category: _Finder(each) for category, each in items.items()}

    def named(
        self, whole: str, title_ends: int, category: str, kind: Kind, louder: float
    ) -> CatalogueItem | None:
        """The item of `category` that is clearly meant; None where none is, or two are near.

        `whole`: the title, up to `title_ends`, and the text. `louder`: how many times a word in the title counts.
        """
        finder = self._finders.get(category)
        if finder is None:
            return None
        clearest = finder.clearest(whole, title_ends, kind, louder)
        return self._item[clearest] if clearest else None


def item_of_parts(city: City, region: RegionCode | None, kind: Kind) -> ItemOf:
    """Tells which item the words of a split-off matter (分项) name, of those that its department answers or supports.

    A person has chosen the department, so its items are looked at in every category. `region`, `kind`: of the case.
    """

    def item_of(department: DepartmentCode, text: str) -> ItemCode | None:
        theirs = [item for item in city.items if department in departments_of(city, item, region)]
        clearest = _Finder(theirs).clearest(f"{text}\n", 0, kind, 1.0)
        return ItemCode(clearest) if clearest else None

    return item_of


class _Several(NamedTuple):
    """A word in several parts, each by its number: all of them must be said."""

    parts: frozenset[int]
    code: str
    size: int


class _Finder:
    """The words of one category's items, found left to right, the longest first, without overlap."""

    def __init__(self, items: Sequence[CatalogueItem]) -> None:
        #: Items that messages of one kind alone are of.
        self._kinds = {str(item.code): item.kind for item in items if item.kind is not None}
        words = [
            (tuple(dict.fromkeys(word.lower().split())), item.code) for item in items for word in item.words
        ]
        parts = tuple(dict.fromkeys(part for split, _ in words for part in split))
        self._has_letters = any(part != part.upper() for part in parts)
        number = {part: at for at, part in enumerate(parts)}
        whole = {split[0]: code for split, code in words if len(split) == 1}
        #: By the number of a part: the item that it names by itself and its characters.
        self._alone = tuple((whole.get(part), len(part)) for part in parts)
        #: By the number of its rarest part, or so it is hoped: the last one written.
        self._several: dict[int, list[_Several]] = {}
        for split, code in words:
            if len(split) > 1:
                several = _Several(frozenset(number[part] for part in split), code, sum(map(len, split)))
                self._several.setdefault(number[split[-1]], []).append(several)
        self._automaton = AhoCorasick(
            parts, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
        )

    def clearest(self, whole: str, title_ends: int, kind: Kind, louder: float) -> str | None:
        """The item that is clearly the loudest, of those that messages of that kind may be of."""
        scores = self._scores(whole, title_ends, louder)
        for code in self._kinds.keys() & scores.keys():
            if self._kinds[code] is not kind:
                del scores[code]
        return _clearest(scores)

    def _scores(self, whole: str, title_ends: int, louder: float) -> dict[str, float]:
        """How many characters of each item's words are said, each word once; what is denied (不是路灯) is not."""
        loud: dict[int, float] = {}
        found: dict[str, float] = {}
        alone = self._alone
        whole = whole.lower() if self._has_letters else whole
        for which, at, end in matches_in(self._automaton, whole):
            if which in loud or (whole[at - 1] in BEFORE and is_denied(whole, at, end)):
                continue
            times = loud[which] = louder if at < title_ends else 1.0
            code, size = alone[which]
            if code is not None:
                found[code] = found.get(code, 0.0) + size * times
        if not self._several.keys().isdisjoint(loud):
            self._add_several(found, loud)
        return found

    def _add_several(self, found: dict[str, float], loud: Mapping[int, float]) -> None:
        """Such a word is as loud as its quietest part."""
        for last in self._several.keys() & loud.keys():
            for parts, code, size in self._several[last]:
                if parts <= loud.keys():
                    found[code] = found.get(code, 0.0) + size * min(loud[part] for part in parts)


def _clearest(scores: Mapping[str, float]) -> str | None:
    """The loudest, if no other is near."""
    if len(scores) < 2:
        return next(iter(scores), None)
    second, first = sorted(scores.values())[-2:]
    return max(scores, key=scores.__getitem__) if first >= _CLEAR * second else None
