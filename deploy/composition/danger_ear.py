"""Routing's danger rules for the doors by which citizens write, so that they hear danger before any event passes."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any

from intake.core.danger import finder_of
from intake.core.wording import as_said, matchable
from routing.core.danger.sounding import danger_told
from routing.core.rules import RoutingRules
from routing.core.text.lexicon import Aspect

#: Characters that are heard closely (project choice: in so many the clauses begin that routing weighs).
_BEGINNING = 2000
#: Behind them: as many words of danger, the last ones, with so many characters before and behind each. Project choices.
_SPOTS, _AROUND = 8, 60
#: What stands in nearly every short message that the weights hear danger in and no rule does. Project choice, counted with
#: tests/unit/routing/held_out_dangers.txt.
_HINTS = (
    *"血火烟烧烫炸爆塌断砸淹溺潮浪喷压卡摔坠跳刀砍杀救死昏晕吐抽喘哭喊叫疼痛伤毒燃触掉撞困锁丢冒斜裂倒",
    *"孩娃童婴妈爸爷奶蛇扎贼枪跪脉",
    *("不动", "没动", "动静", "没声"),
)
#: Texts of which is known what they tell: a page that is read again asks again (project choice: some kilobytes).
_KNOWN = 256


class RulesEar:
    """`intake.core.danger.DangerEar` by the city's rules, which are read when they are first asked."""

    def __init__(self, load: Callable[[], RoutingRules]) -> None:
        self._load = load
        self._known: dict[bytes, bool] = {}

    @cached_property
    def _rules(self) -> RoutingRules:
        return self._load()

    @cached_property
    def stirs(self) -> Callable[[str], Sequence[Any]]:
        """Finds in a text any word without which no listed one stands there, no peril is met and hardly any danger heard."""
        return finder_of([*self._rules.perils.needed, *_HINTS])

    def hears(self, title: str, text: str, /) -> bool:
        """Whether it would be an emergency in routing, or what a person looks at first."""
        key = blake2b(f"{title}\n{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        heard = self._known.get(key)
        if heard is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            heard = self._known[key] = self._hears(title, text)
        return heard

    def _hears(self, title: str, text: str) -> bool:
        told = "\n".join([matchable(text[:_BEGINNING]), *self._spots(as_said(text[_BEGINNING:]))])
        return danger_told(self._rules, matchable(title), told).is_alarm

    def _spots(self, text: str) -> Iterator[str]:
        """What stands around words of danger; around words that stand close together once."""
        lexicon, end = self._rules.lexicon, 0
        pressing = [
            (max(0, at - _AROUND), end + _AROUND)
            for which, at, end in lexicon.matches(text)
            if any(aspect in (Aspect.URGENCY, Aspect.NEAR) for aspect, _, _ in lexicon.meanings[which][3])
        ]
        for begins, stops in pressing[-_SPOTS:]:
            if stops > end:
                yield text[max(begins, end) : stops]
                end = stops
