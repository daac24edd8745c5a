"""Danger as routing hears it, for the doors by which citizens write: the same rules, before any event has passed."""

from collections.abc import Callable
from functools import cached_property

from intake.core.wording import matchable
from routing.core.classify import classify
from routing.core.rules import RoutingRules
from schemas.words import Urgency


class RulesEar:
    """`intake.core.danger.DangerEar` by the city's rules, which are read when they are first asked."""

    def __init__(self, load: Callable[[], RoutingRules]) -> None:
        self._load = load

    @cached_property
    def _rules(self) -> RoutingRules:
        return self._load()

    def tells(self, text: str, /) -> bool:
        """Whether who or what meets which threat there (perils.toml), without anything that was learned."""
        return self._rules.perils.tells(text)

    def hears(self, title: str, text: str, /) -> bool:
        """Whether it would be an emergency in routing, or what a person looks at first."""
        found = classify(self._rules, matchable(title), matchable(text))
        return found.urgency is Urgency.EMERGENCY or bool(found.sounds_dangerous)
