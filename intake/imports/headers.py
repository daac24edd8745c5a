"""A header of several lines: what groups of columns are called above, and each of the columns below."""

import re
from collections.abc import Mapping

from intake.imports.cells import MergedCell
from intake.imports.consent import is_answer, is_confidential, is_nameless, is_publishable, is_refusal
from intake.imports.row import word
from intake.imports.worksheet import Line

_BETWEEN_ANSWERS = re.compile(r"[/／|、]|或")

#: By place: the column's name, and what it means.
Names = Mapping[int, tuple[str, str | None]]


def goes_on(upper: Names, above: Line, lower: Names, below: Line) -> bool:
    """Whether the line below a header belongs to it: the name of its text column is merged into that line.

    Not the first message, whose text somebody merged away: a cell of it stands below a name that is no group's, or what
    stands below a group that we know names nothing that we know, and nothing else is merged into that line.
    """
    (_, groups, _), (_, cells, merged) = above, below
    told = {place for place, value in groups.items() if not isinstance(value, MergedCell)}
    told -= {value.first for value in groups.values() if isinstance(value, MergedCell)}
    is_merged = any(meaning == "text" and place in merged for place, (_, meaning) in upper.items())
    are_merged = sum(place in merged for place in upper) > 1
    named = [place for place in cells if place in lower and place not in merged]
    meant = {place: _meaning(upper, above, lower, place) for place in named if place not in told}
    known = [meaning for place, meaning in meant.items() if _group(upper, above, place)]
    return (
        is_merged
        and (are_merged or not known or any(known))
        and all(lower[place][1] or _offers(lower[place][0]) for place in told & set(named))
    )


def joined(upper: Names, above: Line, lower: Names) -> dict[int, tuple[str, str | None]]:
    """The columns of both lines: one that the lower line does not name is called what the upper one calls it.

    Nor does a line name it that says what to choose from, `是/否`.
    """
    is_header = any(meaning == "text" for _, meaning in upper.values())
    names = {place: named for place, named in upper.items() if is_header and named[1]}
    named = {place: name for place, (name, _) in lower.items() if not (place in names and _offers(name))}
    names |= {place: (name, _meaning(upper, above, lower, place)) for place, name in named.items()}
    return dict(sorted(names.items()))


def _meaning(upper: Names, above: Line, lower: Names, place: int) -> str | None:
    """What a column of the lower line holds."""
    name, meaning = lower[place]
    return meaning or _ticked(_group(upper, above, place), name)


def _group(upper: Names, above: Line, place: int) -> str | None:
    """What the name above means that a column stands below."""
    _, cells, _ = above
    covered = cells.get(place)
    return upper.get(covered.first if isinstance(covered, MergedCell) else place, ("", None))[1]


def _offers(name: str) -> bool:
    """Whether these are answers to choose from, as a form prints them below what it asks."""
    answers = _BETWEEN_ANSWERS.split(name)
    return len(answers) > 1 and all(is_answer(answer) or word("preferences", answer) for answer in answers)


def _ticked(group: str | None, answer: str) -> str | None:
    """What a column for one answer means, where the line above asks for one: 保密 over 是 and 否."""
    if group == "preference":
        return "wished" if word("preferences", answer) else None
    if group == "publish":
        return "publish" if is_publishable([answer]) else "unpublished" if is_refusal(answer) else None
    asks = {"confidential": is_confidential, "named": is_nameless}
    return "confidential" if group in asks and asks[group]([answer]) else None
