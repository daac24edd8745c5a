"""`huiyin models`: the classifier's versions, how often people decided as each thought, and which of them decides."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from deploy import clock
from deploy.accounts.who_runs import who_runs
from deploy.commands.labelled import said_doubts, say_doubts
from deploy.commands.refusals import refuse, refuse_as_asked
from deploy.commands.speech import say, tell, told
from deploy.composition import changing_by_command, city_of
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import connect
from deploy.local.running import settings_here
from deploy.settings import callers_language
from routing.core.judgement import RULES, ModelOfAnotherCity, check_labels
from routing.core.learning.lesson_doubts import LessonDoubt, of_this_city
from routing.core.precision import RECKONED_DAYS, Cost, ModelFigures, NewWish, Wish, check_wish, costs
from routing.store import models as store
from routing.store import precision as precisions
from schemas.city import City
from schemas.errors import BadInput

_Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]

#: Changes that are listed: as many as on the page (project choice).
_SHOWN = 20


class ListedPrecision(msgspec.Struct, frozen=True, kw_only=True):
    """What is wished, what each wish costs, and who changed it."""

    wished: float | None
    received_a_week: int
    costs: Sequence[Cost]
    history: Sequence[Wish]


models = typer.Typer(no_args_is_help=True, help="What the classifier learned, version by version.")


@models.command("list")
def list_(as_json: _Json = False) -> None:
    """List all versions, and how often dispatchers decided as they thought."""
    city, kept = city_of(settings_here()), asyncio.run(_kept())
    if as_json:
        typer.echo(msgspec.json.encode([_shown(each, city) for each in kept]).decode())
        return
    for each in kept:
        typer.echo(_sentence(each, city))
    if not kept:
        say(
            "还没有学过：由词表决定；请看 huiyin train",
            "nothing was learned yet: the word lists decide; see huiyin train",
        )


@models.command()
def promote(
    version: Annotated[int, typer.Argument(min=1)],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    as_json: _Json = False,
) -> None:
    """Let this version decide; workers load it within seconds.

    What it does not know, and what makes its figures worth little, is said first; a terminal is asked whether to go on.
    """
    known = next((each for each in asyncio.run(_kept()) if each.version == str(version)), None)
    if known is None or not known.learned:
        refuse_as_asked(
            f"没有第 {version} 版；请看 huiyin models list。",
            f"There is no version {version}; see huiyin models list.",
        )
    _ensure_wanted(known, city_of(settings_here()), is_asked=not yes and _is_somebody_there())
    asyncio.run(_promote(known.version))
    _say_active(known.version, as_json=as_json)


def _is_somebody_there() -> bool:
    return sys.stdin.isatty()


def _ensure_wanted(known: store.StoredModel, city: City, *, is_asked: bool) -> None:
    """Say what makes one hesitate, and ask whether to go on, if anybody is there."""
    try:
        check_labels(_figures_of(known).labels, city)
    except ModelOfAnotherCity as error:
        refuse(error)
    found = _doubts_of(known, city)
    say_doubts(found, city)
    if found and is_asked:
        question = f"仍让第 {known.version} 版决定？", f"Let version {known.version} decide all the same?"
        typer.confirm(callers_language().choose(*question), abort=True, err=True)


def _figures_of(known: store.StoredModel) -> ModelFigures:
    return msgspec.json.decode(known.learned, type=ModelFigures)


def _doubts_of(known: store.StoredModel, city: City) -> Sequence[LessonDoubt]:
    """None of the word lists, which learned nothing."""
    if not known.learned:
        return ()
    figures = _figures_of(known)
    return of_this_city(figures.labels, (*figures.doubts, *figures.further_doubts), city)


@models.command()
def rollback(as_json: _Json = False) -> None:
    """Back to the version that decided before; before the first, to the word lists."""
    _say_active(asyncio.run(_roll_back()) or RULES, as_json=as_json)


@models.command()
def precision(
    wished: Annotated[float | None, typer.Argument(min=0.5, max=0.999, help="One of those listed.")] = None,
    reason: Annotated[str, typer.Option(help="Why; everybody reads it who may.")] = "",
    as_json: _Json = False,
) -> None:
    """How much of what goes out without a person is to be right: what holds and what each costs, or another one."""
    shown = asyncio.run(_precision(wished, reason))
    if as_json:
        typer.echo(msgspec.json.encode(shown).decode())
        return
    for cost in shown.costs:
        mark, received = "*" if cost.is_chosen else " ", shown.received_a_week
        tell(
            f"{mark} {cost.precision:.0%}：{cost.coverage:.1%} 不经人工派出，"
            f"每周 {received:,} 件中约 {cost.waiting_a_week:,} 件等待人工",
            f"{mark} {cost.precision:.0%}: {cost.coverage:.1%} go out without a person,"
            f" about {cost.waiting_a_week:,} of {received:,} a week wait",
        )
    if not shown.costs:
        say("没有学得的模型在决定：请看 huiyin train", "no learned model decides: see huiyin train")


async def _precision(wished: float | None, reason: str) -> ListedPrecision:
    async with connect(settings_here()) as db, db.transaction():
        model = await precisions.measured(db)
        curve = model.curve if model else ()
        if wished is not None:
            wish = NewWish(precision=wished, reason=reason)
            try:
                check_wish(wish, curve)
            except BadInput as refusal:
                refuse_as_asked(
                    "；".join(error.zh for error in refusal.errors),
                    "; ".join(error.en for error in refusal.errors),
                )
            await precisions.add(db, wish, who_runs(), clock.now())
        held = await precisions.newest(db) or (model.precision if model else None)
        received = await precisions.received(db, clock.now(), RECKONED_DAYS)
        return ListedPrecision(
            wished=held, received_a_week=received, costs=costs(curve, held, received),
            history=await precisions.of(db, _SHOWN),
        )  # fmt: skip


async def _kept() -> list[store.StoredModel]:
    async with connect(settings_here()) as db:
        return await store.kept(db)


async def _promote(version: str) -> bool:
    changing = changing_by_command(settings_here())
    async with connect(settings_here()) as db, db.transaction():
        is_there = await store.promote(db, version, clock.now())
        if is_there:
            await note_deed(db, changing, Operated.MODEL_PROMOTED, version)
        return is_there


async def _roll_back() -> str | None:
    changing = changing_by_command(settings_here())
    async with connect(settings_here()) as db, db.transaction():
        before = await store.deciding(db)
        version = await store.roll_back(db)
        if version != before:
            await note_deed(db, changing, Operated.MODEL_ROLLED_BACK, version or RULES)
        return version


def _shown(kept: store.StoredModel, city: City) -> dict[str, Any]:
    """A version as scripts read it, whatever the terminal speaks."""
    learned = msgspec.json.decode(kept.learned) if kept.learned else {}
    names = (
        "rows",
        "accuracy",
        "macro_f1",
        "coverage",
        "precision",
        "threshold",
        "calibration_error",
        "labels",
    )
    return {
        "version": kept.version,
        "state": kept.state,
        "learned_at": kept.learned_at,
        "learned_by": kept.learned_by,
        "promoted_at": kept.promoted_at,
        **{name: learned[name] for name in names if name in learned},
        "doubts": said_doubts(_doubts_of(kept, city), city),
        "agreement": {
            "decided": kept.decided,
            "department": kept.same_lead,
            "category": kept.same_category,
            "sure_and_overruled": kept.overruled,
        },
    }


def _sentence(kept: store.StoredModel, city: City) -> str:
    shown = _shown(kept, city)
    agreed = shown["agreement"]
    share = f"{agreed['department'] / agreed['decided']:.0%}" if agreed["decided"] else "–"
    measured = told(" · macro-F1 {macro_f1:.3f}，{rows:,} 件", " · macro-F1 {macro_f1:.3f} of {rows:,} rows")
    line = told(
        "{version} {state}{measured} · 人工 {decided:,} 次中 {share} 选了它的单位，{sure_and_overruled:,} 次与它的把握相反",
        "{version} {state}{measured} · people chose its department {share} of"
        " {decided:,} times, {sure_and_overruled:,} times against its certainty",
    )
    facts = shown | agreed | {"share": share, "state": told(_STATES_ZH[shown["state"]], shown["state"])}
    head = line.format(measured=measured.format_map(shown) if "rows" in shown else "", **facts)
    language = callers_language()
    return "\n".join([head, *(f"  {each.message(language, city)}" for each in _doubts_of(kept, city))])


#: In English a state goes by its name in `--json`.
_STATES_ZH = {"active": "决定中", "shadow": "试算中", "retired": "已停用"}


def _say_active(version: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode({"active": version}).decode())
        return
    tell(f"今后由 {version} 决定", f"{version} decides from now on")


def register(app: typer.Typer) -> None:
    """Add `huiyin models …` to the command line."""
    app.add_typer(models, name="models")
