"""`huiyin train`: learns a model from labelled messages and dispatchers' decisions, never inside a consumer."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from deploy import clock
from deploy.accounts.who_runs import who_runs
from deploy.commands.labelled import (
    LabelColumn,
    Precision,
    TextColumns,
    labelled,
    price_list,
    said_doubts,
    taught,
    wording,
)
from deploy.commands.progress import showing
from deploy.commands.refusals import refuse_as_asked
from deploy.commands.rules import rules_here
from deploy.commands.speech import told
from deploy.commands.whole_files import write_whole
from deploy.database.pool import connect
from deploy.local.running import settings_here
from routing.core.judgement import ModelOfAnotherCity, check_labels
from routing.core.learning.model import Learned
from routing.core.learning.stored import to_bytes
from routing.core.learning.training import Lesson
from routing.core.rules import RoutingRules
from routing.store import models
from schemas.city import City
from schemas.words import Language


def train_command(
    data: Annotated[
        list[Path] | None, typer.Option(help="CSV of labelled messages; may be repeated.")
    ] = None,
    text_column: TextColumns = None,
    label_column: LabelColumn = "label",
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Learn from what dispatchers decided, too.")
    ] = False,
    precision: Precision = 0.95,
    to: Annotated[
        Path | None, typer.Option(help="Write the model to this file, and not to the database.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Learn from labelled messages. The new version runs in the shadow of the active one: see `huiyin models`."""
    if not data and not decisions:
        refuse_as_asked(
            "没有可学的来件：请给出 --data 或 --decisions。",
            "There is nothing to learn from: give --data or --decisions.",
        )
    rules = rules_here()
    lessons = [lesson for file in data or () for lesson in labelled(file, text_column, label_column)]
    if decisions:
        lessons += asyncio.run(_decided())
    started = time.perf_counter()
    with showing(told("学习中", "learning")) as progress:
        model = taught(rules, lessons, precision, progress)
    seconds = time.perf_counter() - started
    version = _keep(rules, model.learned, to_bytes(model), to)
    typer.echo(
        _json(version, model.learned, seconds, rules.city)
        if as_json
        else _sentence(version, model.learned, seconds)
    )


async def _decided() -> list[Lesson]:
    async with connect(settings_here()) as db:
        found = await models.decided(db)
    return [Lesson(*wording(each.title, each.text)[:2], each.category) for each in found]


def _keep(rules: RoutingRules, learned: Learned, numbers: bytes, to: Path | None) -> str:
    """Where it is kept: the file's name, or its version."""
    if to is not None:
        write_whole(to, numbers)
        return to.name
    try:
        check_labels(learned.labels, rules.city)
    except ModelOfAnotherCity as error:
        refuse_as_asked(
            f"{error.message(Language.ZH)}。这样的模型可以写入文件（--to）。",
            f"{error.message(Language.EN)}. Such a model can be written to a file (--to).",
        )
    return asyncio.run(_store(learned, numbers))


async def _store(learned: Learned, numbers: bytes) -> str:
    known = msgspec.json.encode(learned).decode()
    async with connect(settings_here()) as db, db.transaction():
        return await models.add_shadow(db, known, numbers, who_runs(), clock.now())


def _json(version: str, learned: Learned, seconds: float, city: City) -> str:
    shown = {"version": version, "seconds": round(seconds, 2), **msgspec.structs.asdict(learned)}
    shown["doubts"] = said_doubts((*learned.doubts, *shown.pop("further_doubts")), city)
    return msgspec.json.encode(
        {name: value for name, value in shown.items() if name != "calibration"}
    ).decode()


def _sentence(version: str, learned: Learned, seconds: float) -> str:
    head = told(
        f"{version}：{learned.rows:,} 件来件，用时 {seconds:.1f} 秒 · 在没有学过的来件上 macro-F1 {learned.macro_f1:.3f}，"
        f"准确率 {learned.precision:.0%} 时不经人工派出 {learned.coverage:.0%}",
        f"{version}: {learned.rows:,} texts in {seconds:.1f} s · macro-F1 {learned.macro_f1:.3f},"
        f" {learned.coverage:.0%} at {learned.precision:.0%} precision on messages held out",
    )
    return "\n".join([f"{head}{_worth(learned)}", *_apart(learned), *price_list(learned.curve)])


def _worth(learned: Learned) -> str:
    """Behind figures of labels that could not be held out from themselves."""
    labels = next((len(doubt.labels) for doubt in learned.further_doubts if doubt.code == "few-texts"), 0)
    return (
        told(
            f"（意义不大：{labels} 个标签只有一两段不同的文字）",
            f" (worth little: {labels} labels have one or two texts alone)",
        )
        if labels
        else ""
    )


def _apart(learned: Learned) -> list[str]:
    """Beneath figures of look-alikes held out together: what those that ask what was told would say."""
    if learned.macro_f1_apart is None:
        return []
    return [
        told(
            f"  几乎相同的来件一起留出来考；分开来考，macro-F1 会是 {learned.macro_f1_apart:.3f}，偏高",
            f"  look-alikes held out together; apart they would have macro-F1 {learned.macro_f1_apart:.3f}, too good",
        )
    ]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train")(train_command)
