"""How good the classification is, against labelled messages: figures only, no text."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from routing.core.classify import Classification
from schemas.city import City
from schemas.errors import HuiyinError
from schemas.simplified import as_read

#: The precision at which coverage is reported (project choice: of a hundred cases that go out unseen five come back; the
#: interface names the figure `coverage_at_95_precision`).
_PRECISION = 0.95
#: Bins of the calibration: Guo et al., On Calibration of Modern Neural Networks, 2017, use as many.
_BINS = 15


class NoRows(HuiyinError, ValueError):
    """There are no messages to measure the classification on."""

    zh = "文件里没有来件。"
    en = "There are no rows."


class NoCategories(HuiyinError, ValueError):
    """Labels that the city has no categories for."""

    zh = "这些标签不是本市的类别：{labels}。"
    en = "These labels are no categories: {labels}."


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """What was thought of one message: labels, the likeliest first, and the probability of the first."""

    labels: tuple[str, ...]
    probability: float
    #: No person would look.
    is_automatic: bool

    @property
    def first(self) -> str:
        """The likeliest label; none where nothing spoke for any."""
        return self.labels[0] if self.labels else ""


class ClassFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Precision, recall and F1 (0–1) of one label, and how many rows have it."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """The rows whose probability is in one fifteenth of 0–1: what was said of them, and what was right."""

    rows: int
    said: float
    right: float


class EvaluationFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All labels together; shares are 0–1."""

    rows: int
    macro_f1: float
    #: The same if only labels that the rows have could be guessed: a list of seven labels knows no eighth.
    macro_f1_among_labels: float
    accuracy: float
    top3_accuracy: float
    per_class: tuple[ClassFigures, ...]
    #: Rows by label and guess; labels of no row last.
    confusion: Mapping[str, Mapping[str, int]]
    #: The largest share of rows, the surest first, of which 95 % are right.
    coverage_at_95_precision: float
    #: Precision of the surest rows: of so many hundredths of all, this share is right.
    coverage_curve: tuple[float, ...]
    calibration_error: float
    calibration: tuple[Bin, ...]
    #: Share that goes to a department without a person, and how much of that has the right category.
    auto_dispatch_share: float
    auto_dispatch_precision: float


def figures(city: City, labels: Sequence[str], opinions: Sequence[Classification]) -> EvaluationFigures:
    """The figures of `opinions` against `labels`: category names in Chinese, or codes.

    Raises:
        NoCategories: a label is no category of the city.
        NoRows: there are none.
    """
    wanted = codes_of(city, labels)
    names = {str(entry.code): entry.zh for entry in city.categories}
    return figures_of(wanted, [_guess(opinion) for opinion in opinions], names)


def are_categories(city: City, labels: Sequence[str]) -> bool:
    """Whether every label is a category's name or code."""
    return set(known_codes(city, labels)) <= set(city.category)


def known_codes(city: City, labels: Sequence[str]) -> list[str]:
    """The codes of those that are categories, by whatever name, in whichever characters and case; the others as they are."""
    by_name = {
        as_read(name).casefold(): str(entry.code)
        for entry in city.categories
        for name in (entry.zh, entry.en, entry.code)
    }
    return [by_name.get(as_read(label).casefold(), label) for label in labels]


def codes_of(city: City, labels: Sequence[str]) -> list[str]:
    """The categories' codes.

    Raises:
        NoCategories: a label is no category of the city.
        NoRows: there are none.
    """
    if not labels:
        raise NoRows
    codes = known_codes(city, labels)
    if unknown := sorted(set(codes) - set(city.category)):
        raise NoCategories(labels=", ".join(unknown[:5]))
    return codes


def _guess(opinion: Classification) -> Guess:
    return Guess(
        labels=tuple(each.category for each in opinion.candidates),
        probability=opinion.probability,
        is_automatic=not opinion.doubts,
    )


def figures_of(
    wanted: Sequence[str], guesses: Sequence[Guess], names: Mapping[str, str] | None = None
) -> EvaluationFigures:
    """The figures of `guesses` against the labels that people gave. `names`: what labels are called, where not as they are.

    Raises:
        NoRows: there are none.
    """
    if not wanted:
        raise NoRows
    pairs = list(zip(wanted, guesses, strict=True))
    right = [guess.first == label for label, guess in pairs]
    automatic = [is_right for is_right, guess in zip(right, guesses, strict=True) if guess.is_automatic]
    per_class = _per_class(wanted, [guess.first for guess in guesses])
    known, called = set(wanted), names or {}
    among = [next((each for each in guess.labels if each in known), "") for guess in guesses]
    bins = _calibration(right, guesses)
    return EvaluationFigures(
        rows=len(wanted),
        macro_f1=_macro(per_class),
        macro_f1_among_labels=_macro(_per_class(wanted, among)),
        accuracy=sum(right) / len(right),
        top3_accuracy=sum(label in guess.labels[:3] for label, guess in pairs) / len(pairs),
        per_class=tuple(
            msgspec.structs.replace(line, label=called.get(line.label, line.label)) for line in per_class
        ),
        confusion=_confusion(pairs, called),
        coverage_at_95_precision=_coverage(right, guesses),
        coverage_curve=_curve(right, guesses),
        calibration_error=sum(each.rows * abs(each.said - each.right) for each in bins) / len(pairs),
        calibration=bins,
        auto_dispatch_share=len(automatic) / len(right),
        auto_dispatch_precision=sum(automatic) / len(automatic) if automatic else 0.0,
    )


def _macro(lines: Sequence[ClassFigures]) -> float:
    return sum(line.f1 for line in lines) / len(lines)


def _per_class(wanted: Sequence[str], firsts: Sequence[str]) -> tuple[ClassFigures, ...]:
    guessed, expected = Counter(firsts), Counter(wanted)
    hit = Counter(label for label, first in zip(wanted, firsts, strict=True) if first == label)
    return tuple(
        ClassFigures(
            label=label,
            rows=expected[label],
            precision=hit[label] / guessed[label] if guessed[label] else 0.0,
            recall=hit[label] / expected[label],
            f1=2 * hit[label] / (guessed[label] + expected[label]),
        )
        for label in sorted(expected)
    )


def _confusion(pairs: Sequence[tuple[str, Guess]], called: Mapping[str, str]) -> dict[str, dict[str, int]]:
    counted = Counter(
        (called.get(label, label), called.get(guess.first, guess.first)) for label, guess in pairs
    )
    found: dict[str, dict[str, int]] = {label: {} for label, _ in sorted(counted)}
    for (label, first), rows in sorted(counted.items()):
        found[label][first] = rows
    return found


def _ranked(right: Sequence[bool], guesses: Sequence[Guess]) -> list[tuple[float, bool]]:
    return sorted(zip([guess.probability for guess in guesses], right, strict=True), reverse=True)


def _coverage(right: Sequence[bool], guesses: Sequence[Guess]) -> float:
    """Rows of one probability count together: no threshold could part them."""
    ranked = _ranked(right, guesses)
    hits, best = 0, 0
    for at, (probability, is_right) in enumerate(ranked, start=1):
        hits += is_right
        is_last = at == len(ranked) or ranked[at][0] < probability
        if is_last and hits / at >= _PRECISION:
            best = at
    return best / len(ranked)


def _curve(right: Sequence[bool], guesses: Sequence[Guess]) -> tuple[float, ...]:
    ranked = [is_right for _, is_right in _ranked(right, guesses)]
    sizes = [max(1, round(len(ranked) * share / 100)) for share in range(1, 101)]
    return tuple(sum(ranked[:size]) / size for size in sizes)


def _calibration(right: Sequence[bool], guesses: Sequence[Guess]) -> tuple[Bin, ...]:
    """The bins that have rows, from the least sure."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for guess, is_right in zip(guesses, right, strict=True):
        bins.setdefault(min(int(guess.probability * _BINS), _BINS - 1), []).append(
            (guess.probability, is_right)
        )
    return tuple(
        Bin(
            rows=len(rows),
            said=sum(said for said, _ in rows) / len(rows),
            right=sum(is_right for _, is_right in rows) / len(rows),
        )
        for _, rows in sorted(bins.items())
    )
