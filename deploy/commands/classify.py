"""`huiyin classify`, `evaluate`, `train`: what the router thinks of a message and why, and how good it is."""

import csv
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from deploy.local.running import settings_here
from intake.core.wording import simplified
from routing.core.classify import Classification, classify
from routing.core.evaluation import EvaluationFigures, figures
from routing.core.rules import RoutingRules, load_rules
from schemas.city import load_city
from schemas.values import Candidate, Reason
from schemas.words import Kind, Urgency

_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
_NOT_YET = "Learning from labelled cases is not available yet: this version routes by word lists alone."


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to classify, a line of `--file` where that is JSON."""

    title: str = ""
    text: str = ""


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What the router thinks, as scripts read it."""

    category: str
    #: The category's name in Chinese.
    label: str
    probability: float
    candidates: tuple[Candidate, ...]
    lead: str
    supporting: tuple[str, ...]
    region: str | None
    kind: Kind
    urgency: Urgency
    reasons: tuple[Reason, ...]
    review: bool
    #: Why a person would decide.
    doubts: tuple[str, ...]
    #: Units that it may not reach, as in `case.routed`.
    accused: tuple[str, ...]
    protected: bool


class Evaluation(EvaluationFigures, frozen=True, kw_only=True):
    """The figures, and the speed."""

    messages_per_second: float


def classify_command(
    text: Annotated[str | None, typer.Argument(help="A message.")] = None,
    file: Annotated[
        Path | None, typer.Option(help='One message a line: text, or JSON {"title", "text"}.')
    ] = None,
    as_json: _Json = False,
) -> None:
    """What a message is about, who would answer, and why."""
    if (text is None) == (file is None):
        raise typer.BadParameter("give either a text or --file")
    rules = _rules()
    messages = [Message(text=text)] if text is not None else _lines(file)
    for message in messages:
        opinion = _as_shown(rules, _opinion(rules, message))
        typer.echo(msgspec.json.encode(opinion).decode() if as_json else _sentence(opinion))


def evaluate_command(
    data: Annotated[Path, typer.Option(help="CSV in UTF-8 with a header.")],
    text_column: Annotated[
        list[str], typer.Option(help="May be repeated: of several, the first is the title.")
    ],
    label_column: Annotated[str, typer.Option(help="Categories by their names or codes.")],
    train: Annotated[Path | None, typer.Option(help="Learn from this CSV first. Not available yet.")] = None,
    as_json: _Json = False,
) -> None:
    """How good the router is on labelled messages, as shipped. Figures only."""
    if train is not None:
        _refuse(_NOT_YET)
    rules = _rules()
    rows = list(_rows(data, [*text_column, label_column]))
    messages = [_message(row[:-1]) for row in rows]
    started = time.perf_counter()
    opinions = [_opinion(rules, message) for message in messages]
    seconds = time.perf_counter() - started
    try:
        found = figures(rules.city, [row[-1] for row in rows], opinions)
    except ValueError as error:
        _refuse(str(error))
    shown = Evaluation(**msgspec.structs.asdict(found), messages_per_second=len(rows) / seconds)
    typer.echo(msgspec.json.encode(shown).decode() if as_json else _table(shown))


def train_command(
    data: Annotated[Path | None, typer.Option(help="CSV of labelled messages.")] = None,
) -> None:
    """Learn from labelled cases. Not available yet."""
    _refuse(_NOT_YET)


def register(app: typer.Typer) -> None:
    """Add the three commands to the command line."""
    app.command("classify")(classify_command)
    app.command("evaluate")(evaluate_command)
    app.command("train")(train_command)


def _rules() -> RoutingRules:
    settings = settings_here()
    try:
        return load_rules(settings.routing_directory, load_city(settings.city_directory))
    except (OSError, ValueError) as error:
        _refuse(f"The routing rules cannot be used: {error}")


def _opinion(rules: RoutingRules, message: Message) -> Classification:
    whole = f"{' '.join(message.title.split())}\n{message.text}"
    title, _, text = (simplified(whole) or whole).partition("\n")
    return classify(rules, title, text)


def _as_shown(rules: RoutingRules, opinion: Classification) -> Opinion:
    return Opinion(
        category=opinion.category,
        label=rules.city.category[opinion.category].zh,
        probability=opinion.probability,
        candidates=opinion.candidates,
        lead=opinion.lead,
        supporting=opinion.supporting,
        region=opinion.region,
        kind=opinion.kind,
        urgency=opinion.urgency,
        reasons=opinion.reasons,
        review=opinion.needs_review,
        doubts=opinion.doubts,
        accused=opinion.accused,
        protected=opinion.protected,
    )


def _sentence(opinion: Opinion) -> str:
    words = "、".join(reason.words for reason in opinion.reasons)
    decision = f"review ({', '.join(opinion.doubts)})" if opinion.review else "dispatch"
    return (
        f"{opinion.label} {opinion.probability:.0%} → {opinion.lead}"
        f" · {opinion.kind} · {opinion.urgency} · {decision} · {words}"
    )


def _table(shown: Evaluation) -> str:
    lines = [
        f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in msgspec.structs.asdict(shown).items()
        if name != "per_class"
    ]
    return "\n".join(
        [*lines, *(f"  {line.label}: F1 {line.f1:.3f} of {line.rows} rows" for line in shown.per_class)]
    )


def _lines(file: Path | None) -> Iterator[Message]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines() if file else []
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"The file cannot be read: {error}")
    for number, line in enumerate(lines, start=1):
        if not line.startswith("{"):
            yield Message(text=line)
            continue
        try:
            yield msgspec.json.decode(line, type=Message)
        except msgspec.MsgspecError as error:
            _refuse(f"Line {number}: {error}")


def _rows(file: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if missing := set(columns) - set(reader.fieldnames or ()):
                _refuse(f"The file has no column {', '.join(sorted(missing))}.")
            for row in reader:
                yield [row[column] or "" for column in columns]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        _refuse(f"The file cannot be read: {error}")


def _message(columns: Sequence[str]) -> Message:
    if len(columns) == 1:
        return Message(text=columns[0])
    return Message(title=columns[0], text="\n".join(columns[1:]))


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
