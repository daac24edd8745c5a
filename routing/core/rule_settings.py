"""The numbers of a city's rules, as settings.toml has them."""

from math import inf, isnan

import msgspec

from schemas.errors import Unusable


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
