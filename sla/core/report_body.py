"""What a report holds for good: figures with what they meant when it was made."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from schemas.bilingual import Bilingual
from sla.core.figure_kinds import Rate, Spread, figure_kinds
from sla.core.measures import Sums
from sla.core.reports import Days
from sla.core.tiers import TierRule, TierStanding


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one group in one span, by code."""

    counts: Mapping[str, int]
    rates: Mapping[str, Rate]
    times: Mapping[str, Spread]


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure was when the report was made."""

    code: str
    label: Bilingual
    definition: Bilingual


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of all cases in some days."""

    first: date
    last: date
    total: Numbers


class ReportBody(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is shown of a report."""

    total: Numbers
    #: By department; the empty code: cases that nobody leads.
    departments: Mapping[str, Numbers]
    before: Beside
    year_ago: Beside
    meanings: Sequence[Meaning]
    #: By rate: departments in bands (分档), and how they were banded then; of a report made before there were any, none.
    tiers: Mapping[str, Sequence[TierStanding]] = {}
    tier_rule: TierRule | None = None


def numbers_of(sums: Sums) -> Numbers:
    """Every figure of these sums; what is so only for now, as open cases are, is left out."""
    kinds = figure_kinds()
    return Numbers(
        counts={kind.code.value: sums.n(kind.code) for kind in kinds.count if kind.code not in _PASSING},
        rates={kind.code: kind.of_sums(sums) for kind in kinds.rate},
        times={kind.code: kind.of_sums(sums) for kind in kinds.time},
    )


#: These say how it is at the moment of asking, not how it was in the span.
_PASSING = frozenset({"open", "overdue_open", "awaiting_review"})


def meanings() -> Sequence[Meaning]:
    """Of every figure that a report holds, in the order in which they are shown."""
    kinds = figure_kinds()
    every = [(each.code, each.label, each.definition) for each in kinds.count if each.code not in _PASSING]
    every += [(each.code, each.label, each.definition) for each in kinds.rate]  # type: ignore[misc]  # codes of rates are texts
    every += [(each.code, each.label, each.definition) for each in kinds.time]  # type: ignore[misc]  # as above
    return [Meaning(code=str(code), label=label, definition=text) for code, label, text in every]


def beside(days: Days, sums: Sums) -> Beside:
    """The figures of all cases in these days."""
    return Beside(first=days.first, last=days.last, total=numbers_of(sums))


def changed_codes(old: ReportBody, new: ReportBody) -> Sequence[str]:
    """The figures that are not what they were: of all cases, of a department, of the days that stand beside, or in bands."""
    was, now = _groups(old), _groups(new)
    figures = {code for group in was | now for code in _differing(was.get(group), now.get(group))}
    return sorted(figures | set(_banded_anew(old, new)))


def _banded_anew(old: ReportBody, new: ReportBody) -> Iterator[str]:
    """Nothing where the former report was made before there were bands: that they are there now changes no figure."""
    if old.tier_rule is not None:
        yield from (code for code in new.tiers if new.tiers[code] != old.tiers.get(code))


def _groups(body: ReportBody) -> dict[tuple[str, str], Numbers]:
    departments = {("department", key): numbers for key, numbers in body.departments.items()}
    every = {"total": body.total, "before": body.before.total, "year_ago": body.year_ago.total}
    return departments | {(name, ""): numbers for name, numbers in every.items()}


def _differing(old: Numbers | None, new: Numbers | None) -> Iterator[str]:
    """None: the group was not there, and neither was any figure of it."""
    was, now = _by_code(old), _by_code(new)
    return (code for code in was | now if was.get(code) != now.get(code))


def _by_code(numbers: Numbers | None) -> dict[str, Any]:
    kinds = msgspec.to_builtins(numbers) if numbers is not None else {}
    return {code: value for kind in kinds.values() for code, value in kind.items()}
