"""What a message is about, what its citizen wants, how soon somebody must move, and how sure that is."""

from collections.abc import Mapping
from math import exp

import msgspec

from routing.core.departments import choose, specialist
from routing.core.doubts import Doubt
from routing.core.evidence import LEVELS, Evidence, read
from routing.core.lexicon import Aspect
from routing.core.misconduct import Accusation, accusation_in
from routing.core.rules import RoutingRules
from schemas.ids import CategoryCode, DepartmentCode, RegionCode
from schemas.values import Candidate, Reason
from schemas.words import Kind, Urgency

#: Candidates shown to a dispatcher. Project choice: of 786 whole public messages, the right category is among five for 97 %.
_CANDIDATES = 5
#: Words shown as reasons. Project choice: one line on the page.
_REASONS = 8


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules think of one message."""

    category: CategoryCode
    #: 0–1, of `category`.
    probability: float
    #: The likeliest first; five at most; their probabilities sum to 1 at most.
    candidates: tuple[Candidate, ...]
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...] = ()
    region: RegionCode | None = None
    kind: Kind
    urgency: Urgency
    reasons: tuple[Reason, ...] = ()
    #: Units that the message may not reach: those that it accuses, with their superiors and subordinates.
    accused: tuple[DepartmentCode, ...] = ()
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool = False
    doubts: tuple[Doubt, ...] = ()
    #: Names of matters outside the city's remit, as in scope.toml.
    outside: tuple[str, ...] = ()
    #: Where the citizen can turn with them.
    legal_route: str = ""
    #: Lines that answer at once: 110, 119, 120, 122.
    transfer: tuple[str, ...] = ()

    @property
    def needs_review(self) -> bool:
        """Whether a dispatcher must decide, because at least one doubt was raised."""
        return bool(self.doubts)


def classify(
    rules: RoutingRules, title: str, text: str, *, place: str = "", kind: Kind | None = None
) -> Classification:
    """The rules' opinion of one message in Simplified characters.

    `place`: its address, which beats districts that the text names. `kind`: the citizen's choice; it stands.
    """
    found = read(rules, title, text)
    probabilities = _probabilities(rules, found.scores)
    category = next(iter(probabilities), "")
    sounds_like = _kind(rules, found.kinds)
    direct = specialist(rules, found.departments)
    choice = choose(rules, category, direct, _region(rules, place, found))
    is_report = (kind or sounds_like) is Kind.REPORT
    accusation = accusation_in(rules.accusations, f"{title}\n{text}", choice.region, is_report=is_report)
    protected = is_report or accusation.alleged or bool(accusation.named)
    return Classification(
        category=choice.category,
        probability=_rounded(probabilities.get(category, 0.0)),
        candidates=_candidates(rules, probabilities, direct, choice.region, accusation.named),
        lead=choice.lead,
        # Nobody more than needed reads what accuses somebody: a dispatcher may add whom it takes.
        supporting=() if protected else choice.supporting,
        region=choice.region,
        kind=kind or sounds_like,
        urgency=LEVELS[found.urgency],
        reasons=_reasons(rules, found, category),
        accused=accusation.named,
        protected=protected,
        doubts=_doubts(rules, found, probabilities.get(category, 0.0), accusation),
        outside=tuple(sorted(found.outside)),
        legal_route="".join(rules.outside[name].legal_route for name in sorted(found.outside)),
        transfer=tuple(sorted(found.transfer)),
    )


def _probabilities(rules: RoutingRules, scores: Mapping[str, float]) -> dict[str, float]:
    """The likeliest first; of equals, the one spoken of first."""
    scale, unseen = rules.settings.probability_scale, rules.settings.probability_unseen
    shares = {code: exp(min(score / scale, 50.0)) - 1.0 for code, score in scores.items()}
    total = sum(shares.values()) + unseen
    return {code: share / total for code, share in sorted(shares.items(), key=lambda pair: -pair[1])}


def _rounded(probability: float) -> float:
    """To four places, downwards, so that candidates never sum to more than 1."""
    return int(probability * 10_000) / 10_000


def _kind(rules: RoutingRules, kinds: Mapping[str, float]) -> Kind:
    if not kinds:
        return rules.otherwise
    loudest = max(kinds.values())
    return next((kind for kind in rules.kinds if kinds.get(kind) == loudest), rules.otherwise)


def _region(rules: RoutingRules, place: str, found: Evidence) -> RegionCode | None:
    region = (_most(_regions_in(rules, place)) if place else None) or _most(found.regions)
    return RegionCode(region) if region else None


def _regions_in(rules: RoutingRules, place: str) -> dict[str, float]:
    counted: dict[str, float] = {}
    for _, word in rules.lexicon.scan(place):
        for sense in rules.lexicon.cues.get(word, ()):
            if sense.aspect is Aspect.REGION:
                counted[sense.code] = counted.get(sense.code, 0.0) + 1.0
    return counted


def _most(counted: Mapping[str, float]) -> str | None:
    """The one named most often; None where two are."""
    ranked = sorted(counted.items(), key=lambda pair: -pair[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _doubts(
    rules: RoutingRules, found: Evidence, probability: float, accusation: Accusation
) -> tuple[Doubt, ...]:
    reasons = (
        (bool(found.transfer), Doubt.TRANSFER),
        (bool(found.outside), Doubt.OUTSIDE),
        (bool(accusation.named), Doubt.ACCUSED),
        (accusation.alleged and not accusation.named, Doubt.ACCUSED_UNKNOWN),
        (not found.scores, Doubt.NO_WORDS),
        (bool(found.scores) and probability < rules.settings.review_below, Doubt.UNSURE),
    )
    return tuple(doubt for holds, doubt in reasons if holds)


def _candidates(
    rules: RoutingRules,
    probabilities: Mapping[str, float],
    direct: DepartmentCode | None,
    region: RegionCode | None,
    accused: tuple[DepartmentCode, ...],
) -> tuple[Candidate, ...]:
    shown: list[Candidate] = []
    for code, probability in list(probabilities.items())[:_CANDIDATES]:
        lead = choose(rules, code, direct, region).lead
        shown.append(
            Candidate(
                category=code, probability=_rounded(probability), lead=None if lead in accused else lead
            )
        )
    return tuple(shown)


def _reasons(rules: RoutingRules, found: Evidence, category: str) -> tuple[Reason, ...]:
    weights: dict[str, float] = {}
    for words, times in ((found.title, rules.settings.title), (found.body, 1.0)):
        for word in words:
            for code, weight in rules.lexicon.topics[word]:
                if code == category:
                    weights[word] = weights.get(word, 0.0) + weight * times
    loudest = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_REASONS]
    return tuple(Reason(words=word, weight=weight) for word, weight in loudest)
