"""Which matters a message seems to hold, and whose each is: a guess, for a dispatcher who may split it (分项)."""

import re
from collections.abc import Callable, Iterable, Iterator

from routing.core.decisions.review import RoutingCase
from routing.core.decisions.splitting import MOST_PARTS
from routing.core.departments import choose, specialist
from routing.core.evidence import read
from routing.core.judgement import by_rules
from routing.core.rules import RoutingRules
from routing.core.several import clear_lead, joined
from schemas.ids import DepartmentCode
from schemas.simplified import as_read
from schemas.values import MatterPart

#: Where one matter may end and another begin.
_ENDS = re.compile(r"(?<=[。！？!?；;\n])|(?=另外|此外|[还還]有就是|再就是|其次|同[时時][还還])")
#: What joins a matter to the next one says nothing once it stands alone.
_JOINS = "；;"
#: Of a sentence alone: below that it belongs to the one before. Project choice: surer than not.
_SURE = 0.5


def guessed_matters(rules: RoutingRules, case: RoutingCase) -> tuple[MatterPart, ...]:
    """The matters, each once with all its sentences, in their order; none where there seems to be one alone.

    None of a protected case, nor for a unit that may not have it.
    """
    if case.protected:
        return ()
    parts = _parts(case, _joined(case.text), lambda part: clear_lead(rules, as_read(part), case.region))
    return parts or _parts(case, _sentences(case.text), lambda sentence: _lead_of(rules, case, sentence))


def _parts(
    case: RoutingCase, pieces: Iterable[str], lead_of: Callable[[str], DepartmentCode | None]
) -> tuple[MatterPart, ...]:
    texts: dict[DepartmentCode, str] = {}
    last: DepartmentCode | None = None
    for piece in pieces:
        last = lead_of(piece) or last or case.lead
        texts[last] = texts.get(last, "") + piece
    found = [
        MatterPart(department=code, text=text.strip().rstrip(_JOINS))
        for code, text in texts.items()
        if code not in case.accused
    ]
    return tuple(found[: MOST_PARTS + 1]) if len(found) > 1 else ()


def _joined(text: str) -> Iterator[str]:
    """What it joins, as it was written: read as Simplified characters it has as many."""
    at = 0
    for part in joined(as_read(text)):
        yield text[at : at + len(part)]
        at += len(part)


def _sentences(text: str) -> Iterator[str]:
    return (sentence for sentence in _ENDS.split(text) if sentence.strip())


def _lead_of(rules: RoutingRules, case: RoutingCase, sentence: str) -> DepartmentCode | None:
    """Whose matter one sentence is; None where it does not say."""
    found = read(rules, "", as_read(sentence))
    direct = specialist(rules, found.departments)
    category, probability = next(iter(by_rules(rules, found.scores).probabilities.items()), ("", 0.0))
    if direct is None and probability < _SURE:
        return None
    return choose(rules, category, direct, case.region).lead
