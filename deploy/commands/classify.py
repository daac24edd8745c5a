"""`huiyin classify`: what the router thinks of a message, and why."""

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from deploy.commands.json_line import read_line
from deploy.commands.labelled import wording
from deploy.commands.refusals import refuse, refuse_as_asked, unreadable, wrong_option
from deploy.commands.rules import rules_here
from deploy.commands.speech import told
from deploy.settings import callers_language
from intake.imports.encodings import text_in
from routing.core.classify import Classification, classify_all
from routing.core.judgement import Judge, load_judge
from routing.core.rules import RoutingRules
from routing.web.views import doubt_name
from schemas.city import City
from schemas.errors import HuiyinError, Unusable
from schemas.labels import label
from schemas.reasons import in_words
from schemas.values import Candidate, Reason
from schemas.words import Kind, Language, Urgency

_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


class MessageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One message to classify, a line of `--file` where that is JSON."""

    title: str = ""
    text: str = ""


class PrintedOpinion(msgspec.Struct, frozen=True, kw_only=True):
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
    #: Who judged: `rules`, or a learned model's version.
    model: str


def classify_command(
    text: Annotated[str | None, typer.Argument(help="A message.")] = None,
    file: Annotated[
        Path | None, typer.Option(help='One message a line: text, or JSON {"title", "text"}.')
    ] = None,
    model: Annotated[Path | None, typer.Option(help="A model's file, as `train --to` writes it.")] = None,
    as_json: _Json = False,
) -> None:
    """What a message is about, who would answer, and why."""
    if (text is None) == (file is None):
        raise wrong_option("请给出一段文字或 --file 之一", "give either a text or --file")
    rules = rules_here()
    judge = _judge(rules, model)
    messages = [MessageLine(text=text)] if text is not None else _lines(file)
    for message in messages:
        opinion = _as_shown(rules, _opinion(rules, judge, message))
        typer.echo(msgspec.json.encode(opinion).decode() if as_json else _sentence(opinion, rules.city))


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("classify")(classify_command)


def _judge(rules: RoutingRules, file: Path | None) -> Judge | None:
    """The model in `file`, if one is named."""
    if file is None:
        return None
    try:
        return load_judge(rules, file.read_bytes(), file.name)
    except (OSError, ValueError) as error:
        why = error if isinstance(error, HuiyinError) else unreadable(file, error)
        refuse_as_asked(
            f"模型不可用：{why.message(Language.ZH)}", f"The model cannot be used: {why.message(Language.EN)}"
        )


def _opinion(rules: RoutingRules, judge: Judge | None, message: MessageLine) -> Classification:
    return classify_all(rules, judge, [wording(message.title, message.text)], explain=True)[0]


def _as_shown(rules: RoutingRules, opinion: Classification) -> PrintedOpinion:
    return PrintedOpinion(
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
        model=opinion.model,
    )


def _sentence(opinion: PrintedOpinion, city: City) -> str:
    language = callers_language()
    words = "、".join(in_words(reason, language, city) for reason in opinion.reasons)
    named, codes = (
        "、".join(doubt_name(code, Language.ZH) for code in opinion.doubts),
        ", ".join(opinion.doubts),
    )
    decision = (
        told(f"人工研判（{named}）", f"review ({codes})") if opinion.review else told("派单", "dispatch")
    )
    kind = told(label(opinion.kind, language), opinion.kind.value)
    urgency = told(label(opinion.urgency, language), opinion.urgency.value)
    return f"{opinion.label} {opinion.probability:.0%} → {opinion.lead} · {kind} · {urgency} · {decision} · {words}"


def _lines(file: Path | None) -> Iterator[MessageLine]:
    for number, line in enumerate(_text_lines(file) if file else (), start=1):
        if not line.startswith("{"):
            yield MessageLine(text=line)
            continue
        try:
            yield read_line(line, MessageLine, others=True)
        except Unusable as refusal:
            refuse_as_asked(
                f"第 {number} 行{refusal.message(Language.ZH)}",
                f"Line {number}: {refusal.message(Language.EN)}",
            )
        except msgspec.MsgspecError as error:
            refuse_as_asked(
                f"第 {number} 行不是所需的 JSON：{error}",
                f"Line {number} is no JSON as it is needed: {error}",
            )


def _text_lines(file: Path) -> Sequence[str]:
    try:
        # Not `splitlines`: a message may hold what Unicode calls the end of a line.
        text = StringIO(text_in(file), newline=None).read()
        return text.removesuffix("\n").split("\n") if text else ()
    except (OSError, UnicodeDecodeError) as error:
        refuse(unreadable(file, error))
