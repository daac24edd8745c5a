"""Danger as routing hears it, for the doors by which citizens write: the same rules, before any event has passed."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from intake.core.danger import finder_of
from intake.core.wording import matchable
from routing.core.rules import RoutingRules
from routing.core.sounding import danger_told


class RulesEar:
    """`intake.core.danger.DangerEar` by the city's rules, which are read when they are first asked."""

    def __init__(self, load: Callable[[], RoutingRules]) -> None:
        self._load = load

    @cached_property
    def _rules(self) -> RoutingRules:
        return self._load()

    @cached_property
    def stirs(self) -> Callable[[str], Sequence[Any]]:
        """Finds in a text any word without which neither a listed one stands there nor `tells` says so."""
        return finder_of(self._rules.perils.needed)

    def tells(self, text: str, /) -> bool:
        """Whether who or what meets which threat there (perils.toml), without anything that was learned."""
        return self._rules.perils.tells(text)

    def hears(self, title: str, text: str, /) -> bool:
        """Whether it would be an emergency in routing, or what a person looks at first."""
        return danger_told(self._rules, matchable(title), matchable(text)).is_alarm
