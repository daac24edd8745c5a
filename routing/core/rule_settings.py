"""The numbers of a city's rules, as settings.toml has them."""

import msgspec


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
