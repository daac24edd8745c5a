"""`huiyin evaluate search FILE`: how good the ranking of answers is, on questions whose answers were judged."""

from pathlib import Path

import msgspec
import typer

from deploy.commands.refusals import refuse, unreadable, wrong_option
from deploy.commands.speech import told
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
    facts = msgspec.structs.asdict(figures)
    missed = told("  未找到：{0}", "  missed: {0}")
    return "\n".join(
        [told(*line).format_map(facts) for line in _LINES]
        + [missed.format(question) for question in figures.missed]
    )


_LINES = (
    ("{questions} 个问题，{answers} 条答复", "{questions} questions, {answers} answers"),
    (_RANKS := "@1 {at_1:.3f}  @3 {at_3:.3f}  @5 {at_5:.3f}  MRR {mrr:.3f}", _RANKS),
    ("提交前给出：{offered:.3f}", "offered before filing: {offered:.3f}"),
    (
        "没有其答复时给出了别的：{offered_wrongly:.3f}",
        "something else, where its answer is not there: {offered_wrongly:.3f}",
    ),
    ("什么也没找到：{nothing}", "found nothing: {nothing}"),
)
