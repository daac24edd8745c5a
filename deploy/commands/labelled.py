"""Messages that a person labelled, from CSV files, as the classifier reads them."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from deploy.commands.refusals import refuse, refuse_as_asked, unreadable
from deploy.commands.speech import say
from deploy.settings import callers_language
from intake.core.wording import simplified
from intake.imports.encodings import text_in
from intake.imports.readers import LONGEST_CELL
from routing.core.classify import Wording
from routing.core.evaluation import known_codes
from routing.core.evidence import read
from routing.core.learning.lesson_check import doubts_of
from routing.core.learning.lesson_doubts import LessonDoubt, parted
from routing.core.learning.model import Model, PrecisionStep
from routing.core.learning.training import Lesson, TooLittle, learn
from routing.core.rules import RoutingRules
from schemas.city import City
from schemas.words import Language

TextColumns = Annotated[
    list[str] | None,
    typer.Option(help="May be repeated: of several, the first is the title.  [default: title, text]"),
]
LabelColumn = Annotated[str, typer.Option(help="Categories by their names or codes, or labels of your own.")]
Precision = Annotated[
    float, typer.Option(min=0.5, max=0.999, help="Of what goes out without a person, so much is to be right.")
]


def wording(title: str, text: str) -> Wording:
    """The message as it is classified: its title on one line, Simplified characters."""
    whole = f"{' '.join(title.split())}\n{text}"
    title, _, text = (simplified(whole) or whole).partition("\n")
    return Wording(title, text)


def rows_in(file: Path, *, strict: bool = False) -> "csv.DictReader[str]":
    """The rows of a CSV file with a header, however it is encoded. `strict`: a stray quotation mark is an error.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read; csv.Error, while it is: it is no such file.
    """
    csv.field_size_limit(LONGEST_CELL)
    return csv.DictReader(StringIO(text_in(file), newline=""), strict=strict)


def labelled(file: Path, text_columns: Sequence[str] | None, label_column: str) -> list[Lesson]:
    """The rows of a CSV file with a header, in what spreadsheet programs write; how many have no label is said.

    Columns that it lacks are empty; one of text at least is needed.
    """
    columns = list(text_columns or ("title", "text"))
    try:
        # A quotation mark that is never closed would make one message of all rows after it.
        reader = rows_in(file, strict=True)
        _check(reader.fieldnames or (), columns, label_column)
        lessons = [_lesson_in(row, reader.line_num, columns, label_column) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        refuse(unreadable(file, error))
    found = [lesson for lesson in lessons if lesson.label]
    if left_out := len(lessons) - len(found):
        say(
            f"注意：{left_out:,} 行没有标签，没有读入。",
            f"warning: {left_out:,} rows have no label and are left out.",
        )
    return found


def taught(
    rules: RoutingRules, lessons: Sequence[Lesson], precision: float, progress: Callable[[float], None]
) -> Model:
    """The model that these messages teach, with what makes its figures worth little; that is said on stderr, too.

    Labels that are categories become their codes. Others are departments' names, say: what they say of themselves is
    learned from, too.
    """
    labels = known_codes(rules.city, [lesson.label for lesson in lessons])
    called = {label: simplified(label) or label for label in labels if label not in rules.city.category}
    lessons = [lesson._replace(label=label) for lesson, label in zip(lessons, labels, strict=True)]
    doubts = doubts_of(lessons, rules.city)
    say_doubts(doubts, rules.city)
    try:
        model = learn(
            lessons,
            lambda title, text: read(rules, title, text).scores,
            precision=precision,
            called=called,
            progress=progress,
        )
    except TooLittle as error:
        refuse(error)
    kept, further = parted(doubts)
    return replace(model, learned=msgspec.structs.replace(model.learned, doubts=kept, further_doubts=further))


def said_doubts(doubts: Sequence[LessonDoubt], city: City) -> list[dict[str, Any]]:
    """As scripts read them: what each is, and its sentence in English, whatever the terminal speaks."""
    return [{**msgspec.structs.asdict(doubt), "said": doubt.message(Language.EN, city)} for doubt in doubts]


def say_doubts(doubts: Sequence[LessonDoubt], city: City) -> None:
    """Each on a line of stderr, in the language of the terminal."""
    language = callers_language()
    for doubt in doubts:
        told = doubt.message(language, city)
        say(f"注意：{told}", f"warning: {told}")


def batches(wordings: Sequence[Wording], size: int = 256) -> Iterator[Sequence[Wording]]:
    """So many at once as a consumer would have."""
    return (wordings[at : at + size] for at in range(0, len(wordings), size))


def _lesson(texts: Sequence[str], label: str) -> Lesson:
    said = wording("", texts[0]) if len(texts) == 1 else wording(texts[0], "\n".join(texts[1:]))
    return Lesson(said.title, said.text, label)


def _lesson_in(row: Mapping[str | None, Any], line: int, columns: Sequence[str], label_column: str) -> Lesson:
    """What a row teaches; a comma that is not quoted would give it another column's label."""
    if any(cell.strip() for cell in row.get(None, ())):
        refuse_as_asked(
            f"第 {line} 行的单元格比表头多：内容中有未加引号的逗号。",
            f"Line {line} has more cells than the header: a comma within its text is not quoted.",
        )
    return _lesson([row.get(name) or "" for name in columns], (row[label_column] or "").strip())


def _check(found: Sequence[str], columns: Sequence[str], label_column: str) -> None:
    if label_column not in found:
        refuse_columns([label_column], found)
    if not set(found) & set(columns):
        refuse_columns(columns, found)
    for name in (label_column, *columns):
        if found.count(name) > 1:
            refuse_as_asked(
                f"文件里有几列都名为 {name}，请只留一列。", f"Several columns are called {name}; keep one."
            )


def refuse_columns(missing: Sequence[str], found: Sequence[str]) -> NoReturn:
    """Say which columns are missing, and which there are instead."""
    named, there = ", ".join(missing), ", ".join(found)
    refuse_as_asked(
        f"文件里没有名为 {named} 的列；{f'有：{there}' if there else '文件是空的'}。",
        f"The file has no column {named}; {f'it has: {there}' if there else 'it is empty'}.",
    )


def price_list(curve: Sequence[PrecisionStep]) -> list[str]:
    """What each precision costs, a line each."""
    line = callers_language().choose(
        "  准确率 {0:.0%}：把握 {1:.3f} 起，{2:.1%} 不经人工派出",
        "  {0:.0%} right: from {1:.3f} on, {2:.1%} go out without a person",
    )
    return [line.format(step.precision, step.threshold, step.coverage) for step in curve]
