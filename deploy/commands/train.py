"""`huiyin train`: learns a model from labelled messages, never inside a consumer."""

import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.labelled import LabelColumn, Precision, TextColumns, labelled, taught
from deploy.commands.progress import showing
from deploy.commands.rules import rules_here
from routing.core.learning.stored import to_bytes


def train_command(
    to: Annotated[Path, typer.Option(help="Write the model to this file.")],
    data: Annotated[list[Path], typer.Option(help="CSV of labelled messages; may be repeated.")],
    text_column: TextColumns = None,
    label_column: LabelColumn = "label",
    precision: Precision = 0.95,
) -> None:
    """Learn from labelled messages."""
    rules = rules_here()
    lessons = [lesson for file in data for lesson in labelled(file, text_column, label_column)]
    started = time.perf_counter()
    with showing("learning") as progress:
        model = taught(rules, lessons, precision, progress)
    to.write_bytes(to_bytes(model))
    learned = model.learned
    typer.echo(
        f"{learned.rows:,} messages in {time.perf_counter() - started:.1f} s · macro-F1 {learned.macro_f1:.3f},"
        f" {learned.coverage:.0%} at {learned.precision:.0%} precision on messages held out",
        err=True,
    )


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train")(train_command)
