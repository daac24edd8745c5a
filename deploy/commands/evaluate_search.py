"""`huiyin evaluate search FILE`: how good the ranking of answers is, on questions whose answers were judged."""

from pathlib import Path

import msgspec
import typer

from deploy.commands.refusals import refuse, unreadable, wrong_option
from intake.core.search.judged import NoQuestion, SearchFigures, figures_of, read_judged


def evaluate_search(what: str, file: Path | None, *, as_json: bool) -> None:
    """Print the figures, and which questions missed their answer."""
    if what != "search" or file is None:
        raise nothing_given()
    try:
        with file.open(encoding="utf-8") as lines:
            figures = figures_of(read_judged(lines))
    except NoQuestion as error:
        refuse(error)
    except (OSError, UnicodeDecodeError) as error:
        refuse(unreadable(file, error))
    typer.echo(msgspec.json.encode(figures).decode() if as_json else _table(figures))


def nothing_given() -> typer.BadParameter:
    """What `huiyin evaluate` needs, one or the other."""
    return wrong_option(
        "请给出 --data 和 --label-column，或 `search FILE`",
        "give --data and --label-column, or `search FILE`",
    )


def _table(figures: SearchFigures) -> str:
    return "\n".join(
        [
            f"{figures.questions} questions, {figures.answers} answers",
            f"@1 {figures.at_1:.3f}  @3 {figures.at_3:.3f}  @5 {figures.at_5:.3f}  MRR {figures.mrr:.3f}",
            f"offered before filing: {figures.offered:.3f}",
            f"something else, where its answer is not there: {figures.offered_wrongly:.3f}",
            f"found nothing: {figures.nothing}",
            *(f"  missed: {question}" for question in figures.missed),
        ]
    )
