"""What the words of one text add up to."""

from collections import defaultdict

from routing.core.lexicon import Aspect, Sense
from routing.core.negation import AFTER, BEFORE, Said, said
from routing.core.rules import RoutingRules
from schemas.words import Urgency

#: From the least to the most pressing.
LEVELS = (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)
_LEVEL: dict[str, int] = {level: at for at, level in enumerate(LEVELS)}


class Evidence:
    """Sums of one text, each word once in the title and once in the body."""

    __slots__ = (
        "body",
        "departments",
        "kinds",
        "outside",
        "regions",
        "scores",
        "title",
        "transfer",
        "urgency",
    )

    def __init__(self) -> None:
        #: Words that count.
        self.title: set[str] = set()
        self.body: set[str] = set()
        self.scores: defaultdict[str, float] = defaultdict(float)
        self.departments: defaultdict[str, float] = defaultdict(float)
        self.kinds: defaultdict[str, float] = defaultdict(float)
        self.regions: defaultdict[str, float] = defaultdict(float)
        self.outside: set[str] = set()
        self.transfer: set[str] = set()
        #: Index into `LEVELS`.
        self.urgency = 0


def read(rules: RoutingRules, title: str, text: str) -> Evidence:
    """Everything that the listed words in a message say."""
    found = Evidence()
    whole, title_ends, louder = f"{title}\n{text}\n", len(title), rules.settings.title
    topics, specialists, cues = rules.lexicon.topics, rules.lexicon.specialists, rules.lexicon.cues
    scores, departments = found.scores, found.departments
    for at, word in rules.lexicon.scan(whole):
        end = at + len(word)
        stands = Said.PLAINLY
        if whole[at - 1] in BEFORE or whole[end] in AFTER:
            stands = said(whole, at, end)
        if stands is Said.DENIED:
            continue
        words, times = (found.title, louder) if at < title_ends else (found.body, 1.0)
        is_new = word not in words
        if is_new:
            words.add(word)
            for code, weight in topics[word]:
                scores[code] += weight * times
            for code, weight in specialists[word]:
                departments[code] += weight * times
        if word in cues:
            _note(found, cues[word], times if is_new else 0.0, stands)
    return found


def _note(found: Evidence, senses: tuple[Sense, ...], times: float, stands: Said) -> None:
    for aspect, code, weight in senses:
        if aspect is Aspect.REGION:
            found.regions[code] += 1.0
        elif stands is not Said.ABSENT:
            _cue(found, aspect, code, weight * times, stands)


def _cue(found: Evidence, aspect: Aspect, code: str, weight: float, stands: Said) -> None:
    if aspect is Aspect.KIND:
        found.kinds[code] += weight
    elif aspect is Aspect.URGENCY:
        found.urgency = max(found.urgency, _LEVEL[code] - (stands is Said.FEARED))
    elif stands is Said.PLAINLY:
        (found.outside if aspect is Aspect.OUTSIDE else found.transfer).add(code)
