"""A city's rules as its files have them: words by their strength, and the numbers of settings.toml."""

import re
from math import inf, isnan

import msgspec

from routing.core.accusations.misconduct_rules import Misconduct
from routing.core.danger.perils import PerilWords
from routing.core.danger.pressing import Nearby
from routing.core.text.company import CompanyWords
from schemas.errors import Unusable
from schemas.ids import DepartmentCode
from schemas.words import Kind


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the rules; settings.toml gives the reason of each."""

    decisive: float
    strong: float
    leaning: float
    title: float
    direct_from: float
    probability_scale: float
    probability_unseen: float
    review_below: float
    company_adds: float = 2.0
    company_keeps: float = 0.5
    danger_emergency_from: float = 0.5
    danger_look_from: float = -1.0
    danger_look_from_in_english: float = -0.5

    def check(self) -> None:
        """Limits of danger that mean something: whoever sounds like an emergency is looked at, too, unless nobody is.

        Raises:
            Unusable: one is no number, or they are the wrong way round.
        """
        emergency, look = self.danger_emergency_from, self.danger_look_from
        if isnan(emergency) or isnan(look) or emergency < look != inf:
            raise Unusable(
                zh=f"settings.toml 的 [danger] 不成立：look_from（{look}）与 emergency_from（{emergency}）须为数字，"
                "前者不高于后者，或为 inf",
                en=f"[danger] of settings.toml: look_from ({look}) and emergency_from ({emergency}) must be numbers, "
                "the first no higher than the second, or inf",
            )
        if isnan(self.danger_look_from_in_english):
            raise Unusable(
                zh="settings.toml 的 [danger] 不成立：look_from_in_english 须为数字",
                en="[danger] of settings.toml: look_from_in_english must be a number",
            )


class WordsByStrength(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that speak for one thing, by how much they say; settings.toml has the weight of each strength."""

    decisive: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    leaning: tuple[str, ...] = ()


class CategoryWords(WordsByStrength, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that speak for a category."""

    code: str


class DepartmentWords(WordsByStrength, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that name a department's own business, and what people call it; departments.toml says how each counts."""

    code: DepartmentCode
    called: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    loosely: tuple[str, ...] = ()


class KindWords(WordsByStrength, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that tell what the citizen wants: the cues of one kind of message."""

    kind: Kind


class Outside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the city may not handle, and where the citizen can turn instead."""

    name: str
    words: tuple[str, ...]
    legal_route: str


class Transfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What another line answers at once (110, 119, 120, 122)."""

    number: str
    words: tuple[str, ...]


class Near(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that are pressing where one of `near`, a pattern each, stands close to them, and none of `unless` does.

    Where one of `lower` does they are urgent, so that somebody looks. Whatever is `despite` outweighs both.
    `{somebody}` in `near` stands for whoever it may befall, as the city lists it once.
    """

    words: tuple[str, ...]
    near: tuple[str, ...]
    unless: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()

    def nearby(self, somebody: str) -> Nearby:
        """What stands near them, ready to be looked for."""
        unless, lower, despite = (
            re.compile("|".join(patterns)) if patterns else None
            for patterns in (self.unless, self.lower, self.despite)
        )
        near = "|".join(self.near).replace("{somebody}", somebody)
        return Nearby(re.compile(near), unless, lower, despite)


class RuleFiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All files of one city's rules, read into one value and not yet checked against the city."""

    category: tuple[CategoryWords, ...]
    company: tuple[CompanyWords, ...] = ()
    department: tuple[DepartmentWords, ...]
    kind: tuple[KindWords, ...]
    otherwise: Kind
    emergency: tuple[str, ...]
    urgent: tuple[str, ...]
    #: Whoever something may befall, as a pattern that ends where it does.
    somebody: str = "(?!)"
    near: tuple[Near, ...] = ()
    perils: PerilWords
    outside: tuple[Outside, ...]
    transfer: tuple[Transfer, ...]
    misconduct: Misconduct
    settings: RuleSettings
