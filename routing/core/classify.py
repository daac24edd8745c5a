"""What a message is about, what its citizen wants, how soon somebody must move, and how sure that is."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from routing.core.accusations.laid_out import lay_out
from routing.core.accusations.misconduct import Accusation, Heard, accusation_in, hear
from routing.core.danger.sounding import Danger, Sound, danger_in, loudest
from routing.core.departments import CategoryChoice, choose, choose_for, specialist
from routing.core.doubts import Doubt
from routing.core.evidence import Evidence, read
from routing.core.judgement import RULES, Judge, Judgement, Judges, by_rules
from routing.core.rules import RoutingRules
from routing.core.several import departments_in
from routing.core.text.lexicon import Aspect
from schemas.city import CatalogueItem
from schemas.ids import CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode
from schemas.reasons import by_catalogue, by_sound
from schemas.values import Candidate, Reason
from schemas.words import Kind, Urgency

#: Candidates shown to a dispatcher. Project choice: of 786 whole public messages, the right category is among five for 97 %.
_CANDIDATES = 5
#: Words shown as reasons. Project choice: one line on the page.
_REASONS = 8


class Wording(NamedTuple):
    """A message as it is classified: Simplified characters, its address, the kind that its citizen chose.

    `beside`: whatever else departments read, such as the names of files; it tells whom the message accuses, no more.
    """

    title: str
    text: str
    place: str = ""
    kind: Kind | None = None
    beside: str = ""


class OtherClassifier(msgspec.Struct, frozen=True, kw_only=True):
    """What a classifier thought, whether it decided or not."""

    model: str
    category: CategoryCode
    lead: DepartmentCode
    #: It would have gone out without a person, if nothing else was the matter.
    sure: bool


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
    #: Those of `accused` that it names without a deed: a dispatcher may find that they are not accused.
    only_named: tuple[DepartmentCode, ...] = ()
    #: Which weights said that it sounds like an accusation, and of which words; empty where a rule or nobody does.
    sounds: tuple[str, ...] = ()
    #: The same of danger to somebody now.
    sounds_dangerous: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    #: Whose its several matters seem to be, in their order; empty where it seems to hold one.
    several: tuple[DepartmentCode, ...] = ()
    #: Names of matters outside the city's remit, as in scope.toml.
    outside: tuple[str, ...] = ()
    #: Where the citizen can turn with them.
    legal_route: str = ""
    #: Lines that answer at once: 110, 119, 120, 122.
    transfer: tuple[str, ...] = ()
    #: Which classifier said so: `rules`, or a learned model's version.
    model: str = RULES
    #: 0–1, of `lead`: what all categories that lead to it have together.
    lead_probability: float = 0.0

    #: The item of the dispatch catalogue (事项) that it names, of `category`; None where none is clear, or it is protected.
    item: ItemCode | None = None
    #: Time, people and nature (标签), as the city lists them; none of what is protected.
    tags: tuple[TagCode, ...] = ()
    #: By which ruling (认定), or which item of the catalogue, it goes there; None where neither decided.
    basis: Reason | None = None
    #: What every classifier that ran thought, this one too; empty where it was the only one and nobody learns.
    beside: tuple[OtherClassifier, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the department is sure; the category need not be."""
        return not {Doubt.UNSURE, Doubt.NO_WORDS, Doubt.SEVERAL}.intersection(self.doubts)

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
    return _opinions(rules, None, read_all(rules, [Wording(title, text, place, kind)]))[0]


class Read(NamedTuple):
    """A message whose words were read once, for every judge that needs them."""

    message: Wording
    found: Evidence
    heard: Heard
    sound: Sound


def read_all(rules: RoutingRules, messages: Sequence[Wording]) -> list[Read]:
    """Each message with everything that its words say."""
    if not messages:
        return []
    texts = lay_out(rules.accusations, [_read(message) for message in messages])
    lines = [message.beside.count("\n") + 1 if message.beside else 0 for message in messages]
    heard, sounds = hear(rules.accusations, texts), loudest(rules, texts, lines)
    return [
        Read(message, read(rules, message.title, message.text), said, sound)
        for message, said, sound in zip(messages, heard, sounds, strict=True)
    ]


def classify_all(
    rules: RoutingRules, judge: Judge | None, messages: Sequence[Wording], *, explain: bool = False
) -> list[Classification]:
    """An opinion of each: its category as the judge sees it, all else as the rules do; without a judge, the rules' alone.

    `explain`: name the words that decided also where nobody has to look; it costs as much as judging.
    """
    return _opinions(rules, judge, read_all(rules, messages), explain=explain)


def _opinions(
    rules: RoutingRules, judge: Judge | None, every: Sequence[Read], *, explain: bool = False
) -> list[Classification]:
    whole = [_whole(each.message) for each in every]
    if judge is None:
        judged: Sequence[Judgement] = [
            by_rules(rules, each.found.scores, text) for each, text in zip(every, whole, strict=True)
        ]
    else:
        judged = judge.judge(whole, [each.found.scores for each in every])
    opinions = [_opinion(rules, each, judgement) for each, judgement in zip(every, judged, strict=True)]
    if judge is None:
        return opinions
    return [
        _explained(judge, each.message, opinion, explain)
        for each, opinion in zip(every, opinions, strict=True)
    ]


def classify_beside(rules: RoutingRules, judges: Judges, every: Sequence[Read]) -> list[Classification]:
    """An opinion of each, as the active judge sees it, with what the shadow thinks beside it."""
    active, shadow = judges.active, judges.shadow
    opinions = _opinions(rules, active, every)
    if active is None and shadow is None:
        return opinions
    shadows = _opinions(rules, shadow, every) if shadow else opinions
    return [
        msgspec.structs.replace(
            mine, beside=tuple({each.model: each for each in map(_beside, (mine, other))}.values())
        )
        for mine, other in zip(opinions, shadows, strict=True)
    ]


def _beside(opinion: Classification) -> OtherClassifier:
    return OtherClassifier(
        model=opinion.model, category=opinion.category, lead=opinion.lead, sure=opinion.is_sure
    )


def _explained(judge: Judge, message: Wording, opinion: Classification, explain: bool) -> Classification:
    """With the words that decided, where somebody will read them."""
    if not (explain or opinion.doubts or not opinion.reasons):
        return opinion
    words = judge.words(f"{message.title}\n{message.text}", opinion.category, _REASONS)
    return msgspec.structs.replace(
        opinion,
        reasons=(*_told_first(opinion.basis, opinion.sounds_dangerous, opinion.urgency), *words)
        if words
        else opinion.reasons,
    )


def _whole(message: Wording) -> str:
    return f"{message.title}\n{message.text}"


def _read(message: Wording) -> str:
    """All that a department reads of it."""
    return f"{_whole(message)}\n{message.beside}" if message.beside else _whole(message)


def _opinion(rules: RoutingRules, each: Read, judged: Judgement) -> Classification:
    message, found = each.message, each.found
    kind = message.kind
    probabilities = judged.probabilities
    category = next(iter(probabilities), "")
    sounds_like = _kind(rules, found.kinds)
    direct, region = specialist(rules, found.departments), _region(rules, message, found)
    is_report = (kind or sounds_like) is Kind.REPORT
    accusation = accusation_in(rules.accusations, each.heard, region, is_report=is_report)
    protected = is_report or accusation.alleged or bool(accusation.named)
    # Nothing that could tell of whom a protected message complains is kept of it, and danger takes no new way.
    item = None if protected else _item(rules, found, category, kind or sounds_like)
    danger = danger_in(rules, found, each.sound)
    steers = item if danger.urgency is not Urgency.EMERGENCY else None
    choice = choose_for(rules, category, steers, direct, region)
    leads = {code: choose(rules, code, direct, region).lead for code in probabilities}
    if choice.by_catalogue:
        leads[category] = choice.lead
    sure = _sure(probabilities, leads, choice.lead, direct, found)
    basis = by_catalogue(item) if item and choice.by_catalogue else None
    doubts = _doubts(found, judged, sure, accusation, danger)
    goes_out = not (doubts or protected or danger.urgency is Urgency.EMERGENCY)
    several = _several(rules, message, choice) if goes_out else ()
    return Classification(
        category=choice.category,
        probability=_rounded(probabilities.get(category, 0.0)),
        candidates=_candidates(probabilities, leads, accusation.named),
        lead=choice.lead,
        # Nobody more than needed reads what accuses somebody: a dispatcher may add whom it takes.
        supporting=() if protected else choice.supporting,
        region=choice.region,
        kind=kind or sounds_like,
        urgency=danger.urgency,
        reasons=(*_told_first(basis, danger.sounds, danger.urgency), *_reasons(rules, found, category)),
        accused=accusation.named,
        protected=protected,
        only_named=accusation.only_named,
        sounds=(rules.accusations.weights.version, accusation.sounds) if accusation.sounds else (),
        sounds_dangerous=danger.sounds,
        doubts=(Doubt.SEVERAL,) if several else doubts,
        several=several,
        outside=(outside := tuple(sorted(found.outside))),
        legal_route="".join([rules.outside[name].legal_route for name in outside]),
        transfer=tuple(sorted(found.transfer)),
        model=judged.model,
        lead_probability=_rounded(sure),
        item=item.code if item else None,
        tags=() if protected else rules.tags.named(found.whole, kind or sounds_like),
        basis=basis,
    )


def _several(rules: RoutingRules, message: Wording, choice: CategoryChoice) -> tuple[DepartmentCode, ...]:
    """Whose its matters are, unless those who get it anyway are all of them but one."""
    found = departments_in(rules, message.title, message.text, choice.region)
    return found if len({*found} - {*choice.supporting}) > 1 else ()


def _item(rules: RoutingRules, found: Evidence, category: str, kind: Kind) -> CatalogueItem | None:
    return rules.items.named(found.whole, found.title_ends, category, kind, rules.settings.title)


def _told_first(basis: Reason | None, sounds: tuple[str, ...], urgency: Urgency) -> tuple[Reason, ...]:
    """What sends it somewhere that is no word of its own, and what alone makes it an emergency."""
    alarm = by_sound(*sounds) if sounds and urgency is Urgency.EMERGENCY else None
    return tuple(reason for reason in (basis, alarm) if reason)


def _sure(
    probabilities: Mapping[str, float],
    leads: Mapping[str, DepartmentCode],
    lead: DepartmentCode,
    direct: DepartmentCode | None,
    found: Evidence,
) -> float:
    """How likely `lead` is right: its categories together, but no surer than its own words are louder than others'."""
    together = sum([probabilities[code] for code, department in leads.items() if department == lead])
    if direct is not None:
        together = min(together, found.departments[direct] / sum(found.departments.values()))
    return max(together, next(iter(probabilities.values()), 0.0))


def _rounded(probability: float) -> float:
    """To four places, downwards, so that candidates never sum to more than 1."""
    return int(probability * 10_000) / 10_000


def _kind(rules: RoutingRules, kinds: Mapping[str, float]) -> Kind:
    if not kinds:
        return rules.otherwise
    loudest = max(kinds.values())
    return next((kind for kind in rules.kinds if kinds.get(kind) == loudest), rules.otherwise)


def _region(rules: RoutingRules, message: Wording, found: Evidence) -> RegionCode | None:
    """The address before the text, and in each the district that is named before its streets."""
    place = message.place
    named = _most(_regions_in(rules, place)) or rules.streets.district_of(place) if place else None
    region = named or _most(found.regions)
    if region is None and not found.regions:
        region = rules.streets.district_of(message.title, message.text)
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
    if len(counted) < 2:
        return next(iter(counted), None)
    ranked = sorted(counted.items(), key=lambda pair: -pair[1])
    if ranked[0][1] == ranked[1][1]:
        return None
    return ranked[0][0]


def _doubts(
    found: Evidence, judged: Judgement, sure: float, accusation: Accusation, danger: Danger
) -> tuple[Doubt, ...]:
    """`sure`: of the department; which of its categories it is, its own people see."""
    nothing = not judged.probabilities
    is_unsure = not nothing and (sure < judged.sure_from or judged.is_foreign)
    if not (
        nothing or is_unsure or found.transfer or found.outside or accusation.named or accusation.alleged
        or danger.waits
    ):  # fmt: skip
        return ()
    reasons = (
        (danger.waits, Doubt.SOUNDS_DANGEROUS),
        (bool(found.transfer), Doubt.TRANSFER),
        (bool(found.outside), Doubt.OUTSIDE),
        (bool(accusation.named), Doubt.ACCUSED),
        (accusation.alleged and not accusation.named, Doubt.ACCUSED_UNKNOWN),
        (bool(accusation.sounds), Doubt.SOUNDS),
        (nothing, Doubt.NO_WORDS),
        (is_unsure, Doubt.UNSURE),
    )
    return tuple(doubt for holds, doubt in reasons if holds)


def _candidates(
    probabilities: Mapping[str, float],
    leads: Mapping[str, DepartmentCode],
    accused: tuple[DepartmentCode, ...],
) -> tuple[Candidate, ...]:
    return tuple(
        [
            Candidate(
                category=code,
                probability=_rounded(probability),
                lead=None if leads[code] in accused else leads[code],
            )
            for code, probability in islice(probabilities.items(), _CANDIDATES)
        ]
    )


def _reasons(rules: RoutingRules, found: Evidence, category: str) -> tuple[Reason, ...]:
    """The loudest first, of equals by their characters."""
    speaking = rules.lexicon.speaking.get(category)
    if speaking is None:
        return ()
    weights = {word: speaking[word] for word in found.body if word in speaking}
    louder = rules.settings.title
    for word in found.title:
        if word in speaking:
            weights[word] = weights.get(word, 0.0) + speaking[word] * louder
    # Twice by a key that is no Python: a message has a dozen words.
    loudest = sorted(sorted(weights), key=weights.__getitem__, reverse=True)[:_REASONS]
    return tuple([Reason(words=word, weight=weights[word]) for word in loudest])
