"""Rulings (认定): "such matters go to X", written by whoever decided a return or an objection; the catalogue keeps them."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from routing.core.classify import Classification, Read
from routing.core.decisions.catalogue import NewRuling, Ruling, RulingMade
from routing.core.decisions.outcome import Dispatch, Outcome, Verdict
from routing.core.decisions.review import Item, RoutingCase
from routing.core.decisions.rulings_in_force import Rulings
from routing.core.departments import specialist
from routing.core.doubts import Doubt
from routing.core.evidence import Evidence, read
from routing.core.rules import RoutingRules
from schemas.city import City
from schemas.errors import BadInput, named_wrong
from schemas.ids import CategoryCode, DepartmentCode, RegionCode
from schemas.masking import for_public
from schemas.masking.spellings import unstyled
from schemas.reasons import Because
from schemas.simplified import as_read
from schemas.values import Candidate, Reason
from schemas.wording import says_something
from schemas.words import ReviewKind

#: One character stands in too many sentences. Project choice, as with the word lists.
_SHORTEST = 2
#: Digits from which on they may be somebody's number, in however many words: a landline has seven (project choice).
_NUMBER = 7
#: Words that are suggested (project choice: two narrow it enough, three name one case alone).
_SUGGESTED = 2
#: Of the machine's own reasons, beside the ruling (project choice: one line on the page).
_REASONS = 7
#: What is decided when such a word is given.
RULED = frozenset({ReviewKind.RETURN, ReviewKind.OBJECTION})
_WEAK = frozenset({Doubt.UNSURE, Doubt.NO_WORDS})


def ruled(
    rules: RoutingRules, rulings: Rulings | None, read_before: Read, opinion: Classification
) -> Classification:
    """The opinion, as rulings have it: before the word lists, and special lines (专业直派) whose every word was ruled on.

    Whatever else a person must look at, they still do. Where two rulings that fit alike say otherwise, a person decides.
    """
    if rulings is None or not rulings.every or opinion.protected or opinion.accused:
        return opinion
    message = read_before.message
    found = rulings.closest(f"{message.title}\n{message.text}", opinion.region)
    if not found or _line_beside(rules, read_before.found, found) is not None:
        return opinion
    if len({(one.category or opinion.category, one.department) for one in found}) > 1:
        reasons = (*map(rulings.reason, found), *opinion.reasons)[: _REASONS + 1]
        return replace(opinion, doubts=(*opinion.doubts, Doubt.RULINGS), reasons=reasons)
    return _as_ruled(opinion, found[0], rulings.reason(found[0]))


def _line_beside(rules: RoutingRules, evidence: Evidence, found: Sequence[Ruling]) -> DepartmentCode | None:
    """Whose own business words name that these rulings do not: of the others somebody ruled otherwise, and knew it."""
    ruled_on = {word for one in found if one.over_special for word in one.words}
    votes: dict[str, float] = {}
    for words, times in ((evidence.title, rules.settings.title), (evidence.body, 1.0)):
        for word in words - ruled_on:
            for code, weight in rules.lexicon.specialists.get(word, ()):
                votes[code] = votes.get(code, 0.0) + weight * times
    return specialist(rules, votes)


def _as_ruled(opinion: Classification, ruling: Ruling, reason: Reason) -> Classification:
    category = ruling.category or opinion.category
    lead = ruling.department
    stays = category == opinion.category
    beside = opinion.reasons[opinion.basis is not None :][:_REASONS]
    own = beside if stays else tuple(one for one in beside if one.code == Because.SOUND)
    return replace(
        opinion,
        category=category,
        lead=lead,
        supporting=(),
        probability=1.0,
        lead_probability=1.0,
        candidates=(Candidate(category=category, probability=1.0, lead=lead),),
        reasons=(reason, *own),
        item=opinion.item if stays else None,
        basis=reason,
        doubts=tuple(doubt for doubt in opinion.doubts if doubt not in _WEAK),
    )


def check_may_rule(item: Item, case: RoutingCase) -> None:
    """Refuse a ruling (where such matters go from now on) beside a decision that may not carry one.

    Raises:
        BadInput: it is about no return and no objection; or the case is confidential or protected.
    """
    if item.kind not in RULED:
        raise ONLY_RULED
    if case.is_private:
        raise named_wrong(
            "ruling",
            "保密件、受保护的件不能写成派单目录。",
            "Nothing of a confidential or protected case goes into the catalogue.",
        )


#: There is nothing that was ruled.
ONLY_RULED = named_wrong(
    "ruling",
    "只有决定退单或异议时可以写入派单目录。",
    "Only who decides a return or an objection may say where such matters go.",
)


def ruling_of(
    city: City, rules: RoutingRules, case: RoutingCase, item: Item, outcome: Outcome, asked: NewRuling
) -> RulingMade:
    """What is to be kept.

    Raises:
        BadInput: see `check_may_rule`; or its words say nothing, or tell of somebody; or it names what does not exist; or
            words of a special line, and nobody says which of the two comes first.
    """
    check_may_rule(item, case)
    words = _words(asked.words)
    if asked.category is not None and asked.category not in city.category:
        raise named_wrong("ruling", "没有这个类别。", "There is no such category.")
    if asked.region is not None and asked.region not in city.region:
        raise named_wrong("ruling", "没有这个区县。", "There is no such district.")
    department = _department(city, case, outcome, asked.department)
    return RulingMade(
        words=words,
        category=CategoryCode(asked.category) if asked.category else None,
        # A district's government answers for no other: what it was given in one case would take everybody's there.
        region=RegionCode(asked.region) if asked.region else city.department[department].region,
        department=department,
        case_id=case.case_id,
        version=item.version,
        over_special=_over_special(rules, words, department, asked.over_special),
    )


def _over_special(
    rules: RoutingRules, words: Sequence[str], department: DepartmentCode, asked: bool | None
) -> bool:
    """As whoever writes it says; a form of before, and a system that knows nothing of it, do not.

    Whose line the words are of may rule on them with nothing said: either way it is the same department.
    """
    lines = rules.lexicon.specialists
    special = [word for word in words if any(code != department for code, _ in lines.get(word, ()))]
    if asked is None and special:
        named = "、".join(special)
        raise named_wrong(
            "ruling",
            f"专业直派的词：{named}。请看过说明再提交一次；系统请写明 over_special（true：认定在先，false：专业直派在先）。",
            f"Words of a special line: {named}. Read what is said of them, and send it again; a system says over_special"
            " (true: the ruling comes first; false: the line does).",
        )
    return bool(asked)


def contradicting(made: RulingMade, holding: Sequence[Ruling]) -> BadInput | None:
    """Why it is refused: one that holds says otherwise of the same matters, or the same; named, to be withdrawn first.

    One of more words, or of a district, is an exception and no contradiction.
    """
    same = [one for one in holding if set(one.words) == set(made.words) and one.region == made.region]
    if not same:
        return None
    one = same[0]
    named = (
        f"第 {one.id} 条（{'、'.join(one.words)} → {one.department}，{one.decided_by}，{one.at:%Y-%m-%d}）"
    )
    if (one.department, one.category) == (made.department, made.category):
        return named_wrong("ruling", f"派单目录里已有：{named}。", f"The catalogue has it: {named}.")
    return named_wrong(
        "ruling", f"与{named}矛盾，请先撤回它。", f"It contradicts ruling {named}: withdraw that first."
    )


def suggested_words(rules: RoutingRules, case: RoutingCase) -> tuple[str, ...]:
    """Words of the case that name its matter, the most telling first; none that tell of somebody."""
    found = read(rules, as_read(case.title), as_read(case.text))
    weights: dict[str, float] = {}
    for word in (*found.title, *found.body):
        votes = (*rules.lexicon.topics.get(word, ()), *rules.lexicon.specialists.get(word, ()))
        louder = rules.settings.title if word in found.title else 1.0
        weights[word] = max([weight for _, weight in votes], default=0.0) * louder
    telling = sorted((word for word in weights if weights[word]), key=lambda word: (-weights[word], word))
    return tuple(word for word in telling if for_public(word) == word)[:_SUGGESTED]


class SpecialLine(NamedTuple):
    """Whose own business some words are (专业直派), and which."""

    department: DepartmentCode
    words: tuple[str, ...]


def special_line(rules: RoutingRules, case: RoutingCase) -> SpecialLine | None:
    """Whose own business the case's words name: what a ruling does not name of them goes there as before."""
    found = read(rules, as_read(case.title), as_read(case.text))
    department = specialist(rules, found.departments)
    if department is None:
        return None
    words = found.title | found.body
    own = [word for word in words if department in dict(rules.lexicon.specialists.get(word, ()))]
    return SpecialLine(department, tuple(sorted(own)))


def _department(city: City, case: RoutingCase, outcome: Outcome, asked: str | None) -> DepartmentCode:
    if asked is not None:
        if asked not in city.department:
            raise named_wrong("ruling", "没有这个单位。", "There is no such department.")
        return DepartmentCode(asked)
    match outcome:
        case Dispatch(lead=lead):
            return lead
        case Verdict():
            return case.lead
        case _:
            raise named_wrong("ruling", "请写明归哪个单位。", "Say which department such matters go to.")


def _words(asked: Sequence[str]) -> tuple[str, ...]:
    words = tuple(sorted({as_read(unstyled(word)).strip() for word in asked} - {""}))
    if not words or any(len(word) < _SHORTEST or not says_something(word) for word in words):
        raise named_wrong(
            "ruling",
            "每个词至少两个字，写明是什么事。",
            "Words of two characters or more that name the matter.",
        )
    # A number in pieces is a number still.
    digits = sum(character.isdigit() for word in words for character in word)
    if digits >= _NUMBER or any(for_public(text) != text for text in (*words, "，".join(words))):
        raise named_wrong(
            "ruling",
            "词语里不能有个人信息：姓名、电话、住址。",
            "No personal data in the words: no name, no number, no address.",
        )
    return words
