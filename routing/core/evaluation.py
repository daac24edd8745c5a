"""How good the classification is, against labelled messages: figures only, no text."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from routing.core.classify import Classification
from schemas.city import City

#: The precision at which coverage is reported (project choice: of a hundred cases that go out unseen five come back; the
#: interface names the figure `coverage_at_95_precision`).
_PRECISION = 0.95


class ClassFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Precision, recall and F1 (0–1) of one label, and how many rows have it."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


class EvaluationFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All labels together; shares are 0–1."""

    rows: int
    macro_f1: float
    accuracy: float
    top3_accuracy: float
    per_class: tuple[ClassFigures, ...]
    #: The largest share of rows, the surest first, of which 95 % are right.
    coverage_at_95_precision: float
    #: Share that goes to a department without a person, and how much of that has the right category.
    auto_dispatch_share: float
    auto_dispatch_precision: float


def figures(city: City, labels: Sequence[str], opinions: Sequence[Classification]) -> EvaluationFigures:
    """The figures of `opinions` against `labels`: category names in Chinese, or codes.

    Raises:
        ValueError: a label that is no category of the city, or no rows at all.
    """
    wanted = _codes(city, labels)
    right = [bool(o.candidates) and o.category == code for code, o in zip(wanted, opinions, strict=True)]
    automatic = [is_right for is_right, opinion in zip(right, opinions, strict=True) if not opinion.doubts]
    per_class = _per_class(city, wanted, opinions)
    return EvaluationFigures(
        rows=len(wanted),
        macro_f1=sum(line.f1 for line in per_class) / len(per_class),
        accuracy=sum(right) / len(right),
        top3_accuracy=_top3(wanted, opinions),
        per_class=per_class,
        coverage_at_95_precision=_coverage(right, opinions),
        auto_dispatch_share=len(automatic) / len(right),
        auto_dispatch_precision=sum(automatic) / len(automatic) if automatic else 0.0,
    )


def _codes(city: City, labels: Sequence[str]) -> list[str]:
    by_name = {name: entry.code for entry in city.categories for name in (entry.zh, entry.en, entry.code)}
    if not labels:
        raise ValueError("there are no rows")
    if unknown := sorted(set(labels) - set(by_name)):
        raise ValueError(f"these labels are no categories: {', '.join(unknown[:5])}")
    return [by_name[label] for label in labels]


def _per_class(
    city: City, wanted: Sequence[str], opinions: Sequence[Classification]
) -> tuple[ClassFigures, ...]:
    guessed = Counter(str(opinion.category) for opinion in opinions if opinion.candidates)
    expected = Counter(wanted)
    hit = Counter(
        code for code, o in zip(wanted, opinions, strict=True) if o.candidates and o.category == code
    )
    return tuple(
        ClassFigures(
            label=city.category[code].zh,
            rows=expected[code],
            precision=hit[code] / guessed[code] if guessed[code] else 0.0,
            recall=hit[code] / expected[code],
            f1=2 * hit[code] / (guessed[code] + expected[code]),
        )
        for code in sorted(expected)
    )


def _top3(wanted: Sequence[str], opinions: Sequence[Classification]) -> float:
    pairs = zip(wanted, opinions, strict=True)
    return sum(code in {c.category for c in o.candidates[:3]} for code, o in pairs) / len(wanted)


def _coverage(right: Sequence[bool], opinions: Sequence[Classification]) -> float:
    """Rows of one probability count together: no threshold could part them."""
    ranked = sorted(zip([o.probability for o in opinions], right, strict=True), reverse=True)
    hits, best = 0, 0
    for at, (probability, is_right) in enumerate(ranked, start=1):
        hits += is_right
        is_last = at == len(ranked) or ranked[at][0] < probability
        if is_last and hits / at >= _PRECISION:
            best = at
    return best / len(ranked)
