"""The emergency numbers on the pages where citizens write, and in every answer about their case."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from intake.core.danger import (
    CLAUSE,
    DENIED,
    LINES,
    NOW,
    OVER,
    SHOWN_BY,
    EmergencyLine,
    LineToCall,
    call_first,
    lines_for,
    lines_to_call,
)
from intake.core.following.asked_back import ANSWERED_BACK
from intake.core.following.view import View
from intake.steps.additions import Additions
from intake.steps.hear_danger import lines_heard
from intake.web.dependencies import Dependencies
from schemas.errors import ActionNotAllowed, HuiyinError
from schemas.http import Call
from schemas.words import Language

#: In each language, with what shows each line.
_SHOWN_LINES: Mapping[Language, Sequence[Mapping[str, str]]] = {
    language: [
        {"number": line, "text": language.choose(*LINES[line]), "words": SHOWN_BY[line]}
        for line in EmergencyLine
    ]
    for language in Language
}
#: How long what was told is danger now (project choice: whoever looks a day later has called, or nobody can help by a call).
_LASTS = timedelta(days=1)
#: Lines of the timeline in which the citizen's own words stand.
_SAID = frozenset({"rated", "objected", "withdrawal", ANSWERED_BACK})
#: The fields of bodies in which somebody writes.
_WRITTEN = ("title", "text", "reason", "comment", "description")
#: The same of the forms on a case's page.
_TYPED = ("comment", "said", "objection", "supplement", "answer", "withdrawal")


class ToldInVain(ActionNotAllowed):
    """What could not be taken tells of danger: whom to call, and where a new message is filed."""

    zh = "{call}现在不能对此件进行这项操作，刚才的话没有收下：请另提交一件新的诉求（{url}）。"
    en = "{call} This cannot be done in the case's present state and was not taken: please send it as a new message ({url})."


async def shown_lines(
    dependencies: Dependencies,
    language: Language,
    *texts: str,
    title: str = "",
    known: Iterable[LineToCall] = (),
) -> Mapping[str, Any]:
    """What `intake/danger.html` needs: every line, and those that these texts ask for.

    `known`: those that are called for whatever stands in a field now; so are all that no word asks for.
    """
    by_words = lines_for(title, *texts)
    told = by_words or await lines_heard(dependencies.reception.ear, [(title, "\n".join(texts))])
    kept = {line.number for line in known} | (set() if by_words else set(told))
    return {
        "lines": _SHOWN_LINES[language],
        "denied": DENIED,
        "clause": CLAUSE,
        "over": OVER,
        "now": NOW,
        "kept": kept,
        "told": [line for line in EmergencyLine if line in told or line in kept],
    }


def typed_in(form: Mapping[str, str]) -> Iterable[str]:
    """Everything that the citizen wrote in a form of their case's page."""
    return (form.get(name, "") for name in _TYPED)


async def lines_of_case(
    case: View, added: Additions, dependencies: Dependencies, language: Language
) -> tuple[LineToCall, ...]:
    """Whom to call about what the citizen of a case told lately; heard here, whether or not routing has heard it yet."""
    since = dependencies.clock() - _LASTS
    lately = [(title, text) for at, title, text in _said(case, added) if at >= since]
    return lines_to_call(await lines_heard(dependencies.reception.ear, lately), language)


def _said(case: View, added: Additions) -> Iterator[tuple[datetime, str, str]]:
    yield case.received_at, case.title, case.text
    yield from ((at, "", words) for at, words in added.said)
    yield from ((line.at, "", line.words) for line in case.timeline if line.event in _SAID and line.words)


async def tell_whom_to_call(call: Call, refusal: HuiyinError, dependencies: Dependencies) -> None:
    """Add whom to call to the refusal of words that tell of danger.

    Raises:
        ToldInVain: they tell of it in what cannot be taken now.
    """
    words = "\n".join(str(getattr(call.body, name, None) or "") for name in _WRITTEN)
    lines = await lines_heard(dependencies.reception.ear, [("", words)])
    if not lines:
        return
    told = lines_to_call(lines, call.language)
    facts = {**refusal.facts, "call_now": [{"number": each.number, "text": each.text} for each in told]}
    if isinstance(refusal, ActionNotAllowed):
        url = f"{dependencies.reception.public_url}/submit"
        raise ToldInVain(call=call_first(told, call.language), url=url, **facts) from refusal
    refusal.facts = facts
