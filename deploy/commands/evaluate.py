"""`huiyin evaluate`: how good the router is on labelled messages. Figures only, no text."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from deploy.commands.evaluate_search import evaluate_search, nothing_given
from deploy.commands.evaluated import BothTold, Evaluation, TrainedFigures
from deploy.commands.evaluation_report import page
from deploy.commands.labelled import Precision, TextColumns, batches, labelled, price_list, taught
from deploy.commands.progress import showing
from deploy.commands.refusals import refuse
from deploy.commands.rules import rules_here
from deploy.commands.speech import told
from deploy.commands.whole_files import write_whole
from routing.core.classify import Wording, classify_all
from routing.core.evaluation import (
    EvaluationFigures,
    Guess,
    NoCategories,
    NoRows,
    are_categories,
    figures,
    figures_of,
    known_codes,
)
from routing.core.evidence import read
from routing.core.judgement import Judge, LearnedJudge
from routing.core.learning.model import Model
from routing.core.learning.training import Lesson
from routing.core.rules import RoutingRules
from schemas.city import City
from schemas.words import Language


def evaluate_command(
    what: Annotated[
        str | None, typer.Argument(help="`search`: how good the search is; otherwise the router.")
    ] = None,
    file: Annotated[
        Path | None, typer.Argument(help="Of `search`: title, answer and questions of a line, between tabs.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="CSV with a header.")] = None,
    label_column: Annotated[str | None, typer.Option(help="Column of the right category.")] = None,
    text_column: TextColumns = None,
    train: Annotated[
        list[Path] | None,
        typer.Option(help="Learn from this CSV first, and from nothing else; may be repeated."),
    ] = None,
    precision: Precision = 0.95,
    report: Annotated[Path | None, typer.Option(help="Also write a page: tables and curves.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """How good the router is on labelled messages, as shipped or after learning. Figures only."""
    if what is not None:
        evaluate_search(what, file, as_json=as_json)
        return
    if data is None or label_column is None:
        raise nothing_given()
    rules = rules_here()
    rows = labelled(data, text_column, label_column)
    lessons = [lesson for file in train or () for lesson in labelled(file, text_column, label_column)]
    shown = _evaluated(rules, rows, lessons if train else None, precision)
    if report is not None:
        write_whole(report, page(shown, data.name).encode())
    typer.echo(msgspec.json.encode(shown).decode() if as_json else _table(shown))


def _evaluated(
    rules: RoutingRules, rows: Sequence[Lesson], lessons: Sequence[Lesson] | None, precision: float
) -> Evaluation:
    started = time.perf_counter()
    model = None
    if lessons is not None:
        with showing(told("学习中", "learning")) as progress:
            model = taught(rules, lessons, precision, progress)
    learned, started = time.perf_counter() - started, time.perf_counter()
    try:
        found, guesses = _figures(rules, model, rows)
    except (NoCategories, NoRows) as error:
        refuse(error)
    seconds = time.perf_counter() - started
    trained = _trained(model, learned, rows, guesses, rules.city) if model else None
    return Evaluation(
        **msgspec.structs.asdict(found), messages_per_second=len(rows) / seconds, trained=trained
    )


def _figures(
    rules: RoutingRules, model: Model | None, rows: Sequence[Lesson]
) -> tuple[EvaluationFigures, Sequence[tuple[float, bool]]]:
    """The figures, and of each row the probability and whether it is right."""
    messages = [Wording(row.title, row.text) for row in rows]
    labels = known_codes(rules.city, [row.label for row in rows])
    if model and not are_categories(rules.city, model.learned.labels):
        guesses = _plain_guesses(rules, model, messages)
        right = [guess.first == label for guess, label in zip(guesses, labels, strict=True)]
        sure = [guess.probability for guess in guesses]
        named = {str(entry.code): entry.zh for entry in rules.city.categories}
        return figures_of(labels, guesses, named), list(zip(sure, right, strict=True))
    judge: Judge | None = LearnedJudge(rules, model, "trained") if model else None
    opinions = [each for part in batches(messages) for each in classify_all(rules, judge, part)]
    found = figures(rules.city, labels, opinions)
    return found, [
        (each.probability, each.category == label) for each, label in zip(opinions, labels, strict=True)
    ]


def _plain_guesses(rules: RoutingRules, model: Model, messages: Sequence[Wording]) -> list[Guess]:
    """For labels that are no categories: departments' names, say."""
    judge, found = LearnedJudge(rules, model, "trained"), []
    for part in batches(messages):
        heard = [read(rules, each.title, each.text).scores for each in part]
        for judged in judge.judge([f"{each.title}\n{each.text}" for each in part], heard):
            ranked = [(label, share) for label, share in judged.probabilities.items() if share > 0]
            sure = ranked[0][1] if ranked else 0.0
            labels = tuple(label for label, _ in ranked[:5])
            found.append(Guess(labels=labels, probability=sure, is_automatic=sure >= judged.sure_from))
    return found


def _trained(
    model: Model, seconds: float, rows: Sequence[Lesson], guesses: Sequence[tuple[float, bool]], city: City
) -> TrainedFigures:
    learned = model.learned
    above = [is_right for sure, is_right in guesses if sure >= learned.threshold]
    return TrainedFigures(
        rows=learned.rows,
        seconds=round(seconds, 2),
        macro_f1=learned.macro_f1,
        calibration_error=learned.calibration_error,
        threshold=learned.threshold,
        coverage=len(above) / len(rows),
        precision=sum(above) / len(above) if above else 0.0,
        curve=learned.curve,
        doubts=tuple(
            BothTold(
                code=doubt.code, zh=doubt.message(Language.ZH, city), en=doubt.message(Language.EN, city)
            )
            for doubt in (*learned.doubts, *learned.further_doubts)
        ),
    )


def _table(shown: Evaluation) -> str:
    lines = [
        f"{told(_ZH[name] + '：', name + ': ')}{f'{value:.3f}' if isinstance(value, float) else value}"
        for name, value in msgspec.structs.asdict(shown).items()
        if isinstance(value, float | int)
    ]
    if shown.trained:
        lines += [*_learned(shown.trained), *price_list(shown.trained.curve)]
    return "\n".join(
        [
            *lines,
            *(
                told(
                    f"  {line.label}：F1 {line.f1:.3f}，共 {line.rows} 件",
                    f"  {line.label}: F1 {line.f1:.3f} of {line.rows} rows",
                )
                for line in shown.per_class
            ),
        ]
    )


#: In English a figure goes by its name in `--json`.
_ZH = {
    "rows": "件数",
    "macro_f1": "macro-F1",
    "macro_f1_among_labels": "macro-F1（只计文件中的类别）",
    "accuracy": "准确率",
    "top3_accuracy": "前三中有正确的",
    "coverage_at_95_precision": "准确率 95% 时的覆盖",
    "calibration_error": "把握的平均误差",
    "auto_dispatch_share": "不经人工派出",
    "auto_dispatch_precision": "其中类别正确",
    "messages_per_second": "每秒件数",
}


def _learned(trained: TrainedFigures) -> list[str]:
    facts = msgspec.structs.asdict(trained)
    lines = (
        ("学了 {rows} 件来件，用时 {seconds:.1f} 秒", "learned from {rows} rows in {seconds:.1f} s"),
        (
            "把握 {threshold:.3f} 起：占 {coverage:.3f}，其中 {precision:.3f} 正确",
            "at its threshold {threshold:.3f}: {coverage:.3f} covered, {precision:.3f} of that right",
        ),
    )
    return [told(*line).format_map(facts) for line in lines]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("evaluate")(evaluate_command)
