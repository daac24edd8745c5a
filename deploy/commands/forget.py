"""`huiyin forget`: who wrote messages whose cases have ended, how to reach them, and the files that they sent."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import typer

from deploy import clock
from deploy.accounts.who_runs import who_runs
from deploy.commands.refusals import wrong_option
from deploy.commands.speech import tell
from deploy.composition import changing_by_command, city_of
from deploy.composition.forgetting import (
    Forgetting,
    cases_ended_before,
    forget_ended_before,
    forget_named,
    lock_ended,
)
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import Connection, connect
from deploy.local.running import settings_here
from deploy.settings import Settings
from intake.store import forgetting
from schemas.errors import HuiyinError
from schemas.ids import CaseId, is_uuid

_Cases = Annotated[
    list[str] | None, typer.Argument(metavar="CASE…", help="Tracking codes or ids of cases that have ended.")
]
_Before = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="All in which nothing happened since that day began."),
]
_Reason = Annotated[str, typer.Option(help="Why; it is kept beside who forgot.")]
_KeepFiles = Annotated[bool, typer.Option("--keep-files", help="The files that they sent stay.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say of whom, and forget nobody.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


class CaseUnknown(HuiyinError):
    """A case that was named is not there."""

    zh = "没有这件诉求：{case}；未删除任何内容"
    en = "there is no case {case}; nothing was forgotten"


class CaseIsOpen(HuiyinError):
    """Somebody is still at it, and may have to reach whom they answer."""

    zh = "{case} 尚未办结，或撤回、异议、回访尚无结果，或派单员刚刚作出决定、仍可撤销：请稍后再删除；未删除任何内容"
    en = (
        "{case} has not ended, or awaits what comes of a withdrawal, an objection or a call-back, or a dispatcher may still "
        "undo what ended it: forget it afterwards; nothing was forgotten"
    )


class DayToCome(HuiyinError):
    """A day of which nothing has ended before: a slip of the hand, which would forget everybody."""

    zh = "{day} 尚未到来；未删除任何内容"
    en = "{day} is still to come; nothing was forgotten"


class NotTheTablesOwner(HuiyinError):
    """The application's role may delete nothing that is personal."""

    zh = "只有数据表的所有者可以删除：请设置 MIGRATION_DATABASE_URL，并先运行 huiyin migrate"
    en = "only the tables' owner forgets: set MIGRATION_DATABASE_URL, and run huiyin migrate first"


def register(app: typer.Typer) -> None:
    """Add `huiyin forget` to the command line."""
    app.command("forget")(forget_citizens)


def forget_citizens(
    reason: _Reason,
    cases: _Cases = None,
    ended_before: _Before = None,
    keep_files: _KeepFiles = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Forget who wrote: contact details, the words as they were before masking, files. The masked case stays.

    For good, but for backups, and for a week on Kafka's topic of submissions.
    """
    if bool(cases) == (ended_before is not None):
        raise wrong_option(
            "请给出诉求件，或 --ended-before 之一", "name cases, or give --ended-before: one of them"
        )
    settings = settings_here()
    order = Forgetting(by=who_runs(), reason=reason, keeps_files=keep_files)
    done = asyncio.run(_run(settings.as_owner, cases or (), ended_before, order, dry_run=dry_run))
    if as_json:
        did = "would_forget" if dry_run else "forgotten"
        sys.stdout.write(json.dumps({did: done.cases, "silent_calls": done.silent_calls}) + "\n")
    elif dry_run:
        tell(
            f"将删除 {len(done.cases)} 件诉求、{done.silent_calls} 个无声来电中的个人信息",
            f"of {len(done.cases)} cases and {done.silent_calls} silent calls the citizens would be forgotten",
        )
    else:
        tell(
            f"已删除 {len(done.cases)} 件诉求、{done.silent_calls} 个无声来电中的个人信息",
            f"of {len(done.cases)} cases and {done.silent_calls} silent calls the citizens are forgotten",
        )


class _Done(NamedTuple):
    """Whose citizens were forgotten, or would be."""

    cases: Sequence[CaseId]
    silent_calls: int = 0


async def _run(
    settings: Settings, named: Sequence[str], day: datetime | None, order: Forgetting, *, dry_run: bool
) -> _Done:
    async with connect(settings) as db:
        if not dry_run and not await forgetting.may_forget(db):
            raise NotTheTablesOwner
        if day is None:
            async with db.transaction():
                cases = await _ended(db, named)
                if not dry_run:
                    await forget_named(settings, db, cases, order)
            return _Done(cases)
        moment = day.replace(tzinfo=city_of(settings).zone)
        if moment > clock.now():
            raise DayToCome(day=f"{day:%Y-%m-%d}")
        if dry_run:
            cases = await cases_ended_before(db, moment, keeps_files=order.keeps_files)
            return _Done(cases, await forgetting.count_silent_callers(db, moment))
        # First: it is to be seen who did it, also where it dies half-way.
        async with db.transaction():
            about = f"..{day:%Y-%m-%d}: {order.reason}"
            await note_deed(db, changing_by_command(settings), Operated.FORGOTTEN, about)
        cases = await forget_ended_before(settings, db, moment, order)
        return _Done(cases, await forgetting.forget_silent_callers(db, moment))


async def _ended(db: Connection, named: Sequence[str]) -> Sequence[CaseId]:
    """The cases of those names, all of which have ended, locked until the transaction ends.

    Raises:
        CaseUnknown, CaseIsOpen: one of them is not there, or still under way.
    """
    typed = {name.strip().upper(): name for name in named}
    ids = [CaseId(each.lower()) for each in typed if is_uuid(each.lower())]
    found = await forgetting.find_cases(db, ids, list(typed))
    known = {case.case_id.upper() for case in found} | {case.tracking_code for case in found}
    for code, name in typed.items():
        if code not in known:
            raise CaseUnknown(case=name)
    ended = await lock_ended(db, [case.case_id for case in found])
    for case in found:
        if case.case_id not in ended:
            raise CaseIsOpen(case=case.tracking_code)
    return ended
