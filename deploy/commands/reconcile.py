"""`huiyin reconcile`: find what one slice knows and another lacks, and have it said again."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError

from deploy import clock
from deploy.accounts.who_runs import who_runs
from deploy.audit.restores import restores
from deploy.commands.progress import show_line
from deploy.commands.speech import told
from deploy.commands.status import groups
from deploy.database import lost_ranges, outbox
from deploy.database.pool import TRANSIENT, Pool, open_pool
from deploy.local.running import settings_here
from deploy.messaging.records.first_signed import first_signed
from deploy.messaging.records.signature import Genuine, event_keys
from deploy.messaging.topics.topics import lag_of
from deploy.processes.sweeper import MOST_SKEWED_SECONDS
from deploy.reconcile.bringing_back import bring_back, settled, without_hope
from deploy.reconcile.deeds import LostDeed, find_lost_deeds
from deploy.reconcile.effects import for_people
from deploy.reconcile.fates import EventFate
from deploy.reconcile.files import LostFile, find_files, keep_again
from deploy.reconcile.gaps import Gaps, find_gaps
from deploy.reconcile.half_heard import HalfHeard, find_half_heard
from deploy.reconcile.mending import mend
from deploy.reconcile.revealing import revealing_entries, stop_revealing_entries
from deploy.reconcile.submissions import Missing, find_missing, send_again
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from schemas.errors import HuiyinError, Unavailable

#: Younger cases are still on their way (project choice: many times what the whole chain takes under load).
_YOUNG_SECONDS = 60
#: A year (project choice: nothing is on its way for so long, and every calendar has a day before it).
_MOST_YOUNG_SECONDS = 366 * 24 * 3600

#: How long what follows from what was brought back is waited for (project choice: many times what the whole chain takes).
_SETTLE_SECONDS = 60.0
#: The fields that say whose deed an event tells of, the person first.
_WHOSE = ("decided_by", "signed_by", "by", "department", "owner")

_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what is missing, and do nothing.")]
_OlderThan = Annotated[
    int,
    typer.Option(
        min=0,
        max=_MOST_YOUNG_SECONDS,
        metavar="SECONDS",
        help="Leave out cases that are younger: they may be on their way.",
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]

#: What each kind of gap is, to a reader.
_WORDS: Mapping[str, Bilingual] = {
    "submissions": Bilingual(
        zh="已接收而未立件的来件：重新发给 intake",
        en="accepted messages that are no case: sent to intake again",
    ),
    "unrouted": Bilingual(
        zh="routing 从未得知的件：重新登记", en="cases that routing never heard of: registered again"
    ),
    "unwatched": Bilingual(
        zh="派单时限无人计时的件：重新登记",
        en="cases whose dispatch nobody counts the time of: registered again",
    ),
    "off_desk": Bilingual(
        zh="已派出而承办单位没有的件：重新派单",
        en="cases routed to a desk that does not have them: routed again",
    ),
    "unclocked": Bilingual(
        zh="在承办单位而无人计时、或仍在计时而不应计时的件：重新分派",
        en="cases at a desk whose time nobody counts, or is counted where it stands still: assigned again",
    ),
    "untold": Bilingual(
        zh="已到承办单位或已答复、市民未被告知现状的件：重新告知",
        en="cases at a desk, or answered, whose citizens were not told so: told again",
    ),
    "unasked": Bilingual(
        zh="单位等待派单员审批、而派单员没有看到的件：重新提交",
        en="cases whose departments wait for a dispatcher that has nothing before them: asked again",
    ),
    "undecided": Bilingual(
        zh="派单员已审批、而单位仍在等待的件：重新告知",
        en="cases decided by a dispatcher whose departments still wait: decided again",
    ),
    "untold_end": Bilingual(
        zh="不予受理、并单、撤回或直接答复而市民未被告知的件：重新告知",
        en="cases declined, merged, withdrawn or answered directly, whose citizens were never told: told again",
    ),
    "unshielded": Bilingual(
        zh="混在总数里的不公开件：不再计入",
        en="private cases that are counted with all others: counted no more",
    ),
    "half_heard": Bilingual(
        zh="备份时正在传递、有业务模块至今不知的办理：重新发送",
        en="things that desks did, under way when the copy was made, and that a slice never heard of: sent again",
    ),
    "deeds": Bilingual(
        zh="市民、派单员或单位系统做过、而数据库已无记录的事：再做一次",
        en="things that citizens, dispatchers or departments' systems did, and the database forgot: done once more",
    ),
    "files": Bilingual(
        zh="随上述内容而来、数据库已无记录的附件：在原处找回",
        en="files that came with any of these, and that the database forgot: found again where they lie",
    ),
    "entries": Bilingual(
        zh="公开内容与负责单位不一致的知识点：重新告知",
        en="knowledge entries that everybody reads otherwise than their departments have them: told again",
    ),
    "revealing": Bilingual(
        zh="说出原件中另行隐去的文字的知识点：暂停公开，等派单员查看",
        en="knowledge entries that say what is hidden in the cases they were made from: held back for a dispatcher",
    ),
}


class ServersAway(HuiyinError):
    """Kafka, Postgres or the file store does not answer."""

    en = (
        "Kafka, Postgres or the file store does not answer ({reason}); see: huiyin doctor. "
        "Run it again: it goes on where it was"
    )
    zh = "Kafka、Postgres 或附件存储没有响应（{reason}）；请看：huiyin doctor。可以再次运行，已补发的不会重复"


def reconcile(
    dry_run: _DryRun = False, older_than: _OlderThan = _YOUNG_SECONDS, as_json: _Json = False
) -> None:
    """Find messages and cases that got lost between two slices, and have whoever knows them say them again.

    With --dry-run exit status 1 where anything is missing.
    """
    found = asyncio.run(reconcile_city(settings_here(), timedelta(seconds=older_than), dry_run=dry_run))
    if abs(ahead := clock.ahead_seconds()) > MOST_SKEWED_SECONDS:
        typer.echo(_skewed(ahead), err=True)
    sys.stdout.write(json.dumps(found) + "\n" if as_json else _as_text(found))
    if dry_run and any(found["missing"].values()):
        raise SystemExit(1)


async def reconcile_city(settings: Settings, young: timedelta, *, dry_run: bool) -> Mapping[str, Any]:
    """What is missing, what was lost for good and who lags; said again unless `dry_run`. Leaves out cases that are `young`.

    Raises:
        ServersAway: Kafka, Postgres or the file store does not answer.
    """
    try:
        async with open_pool(settings, size=2) as pool:
            lag = {
                name: number for name, number in (await lag_of(settings, groups(settings))).items() if number
            }
            missing = await _missing(settings, pool)
            gaps = await find_gaps(pool, clock.now() - young, _tell("已比对的件", "cases compared"))
            revealing = await revealing_entries(settings, pool)
            half_heard = await _half_heard(settings, pool)
            heard_of = {each.event_id for each in half_heard}
            deeds = [each for each in await _lost_deeds(settings, pool) if each.event_id not in heard_of]
            left = without_hope(deeds)
            files, nowhere = await find_files(settings, pool, missing, deeds)
            if not dry_run:
                # Nobody is noted as who did it: all of it was signed before, and a recovered Postgres may take no rows yet.
                # Before what names them: that registers as missing what it does not find.
                await keep_again(settings, pool, files)
                await send_again(
                    settings, [*(each.record for each in missing), *(each.record for each in half_heard)]
                )
                await mend(settings, pool, gaps)
                if revealing:
                    await stop_revealing_entries(settings, pool, revealing)
                left = await _bring_back(settings, pool, deeds, is_waited_for=bool(missing))
                # That was it what a Postgres that was put back waited for; what Kafka lost is for somebody to accept.
                await lost_ranges.accept(pool, lost_ranges.POSTGRES, who_runs())
    except (KafkaError, Unavailable, *TRANSIENT) as error:
        raise ServersAway(reason=type(error).__name__) from error
    back = sum(deed.fate is EventFate.AGAIN for deed in deeds) - len(left)
    return {
        "missing": {
            **_counts(missing, gaps),
            "revealing": len(revealing),
            "half_heard": len(half_heard),
            "deeds": back,
            "files": len(files),
        },
        "said_again": not dry_run,
        "lag": lag,
        "gone": [_told(deed) for deed in for_people(deeds, left)],
        "files_gone": [_told_of_file(lost) for lost in nowhere],
    }


async def _lost_deeds(settings: Settings, pool: Pool) -> Sequence[LostDeed]:
    return await find_lost_deeds(
        settings, pool, await _genuine(settings, pool), _tell("已比对的事件", "events compared")
    )


async def _half_heard(settings: Settings, pool: Pool) -> Sequence[HalfHeard]:
    async with pool.acquire() as db:
        copied_at = [each.copied_at for each in await restores(db)]
    genuine = await _genuine(settings, pool)
    return await find_half_heard(settings, pool, copied_at, genuine, _tell("已比对的事件", "events compared"))


async def _bring_back(
    settings: Settings, pool: Pool, deeds: Sequence[LostDeed], *, is_waited_for: bool
) -> Sequence[LostDeed]:
    """What could not be done. `is_waited_for`: cases come back first, and then what was decided about them."""
    if all(deed.fate is not EventFate.AGAIN for deed in deeds):
        return ()

    async def is_quiet() -> bool:
        async with pool.acquire() as db:
            waiting, _ = await outbox.state(db)
        return not waiting and not any((await lag_of(settings, groups(settings))).values())

    async def settle() -> None:
        await settled(is_quiet, _SETTLE_SECONDS)

    if is_waited_for:
        await settle()
    return await bring_back(settings, pool, deeds, settle)


def _told(deed: LostDeed) -> Mapping[str, Any]:
    """What the deed was, of which case, when and whose: no word of what anybody wrote."""
    event = deed.event
    whose = next((said for name in _WHOSE if (said := getattr(event, name, None))), "")
    return {"event": event.name, "case_id": event.case_id, "at": event.at.isoformat(), "by": str(whose)}


def _told_of_file(lost: LostFile) -> Mapping[str, Any]:
    """Of which case and when; what it was called may say who somebody is."""
    return {"attachment_id": lost.file.attachment_id, "case_id": lost.case_id, "at": lost.at.isoformat()}


async def _genuine(settings: Settings, pool: Pool) -> Genuine:
    return Genuine(event_keys(settings), await first_signed(settings, pool))


async def _missing(settings: Settings, pool: Pool) -> list[Missing]:
    genuine = await _genuine(settings, pool)
    group = f"{settings.topic_prefix}.intake"
    return list(
        await find_missing(settings, pool, group, genuine, _tell("已比对的来件", "messages compared"))
    )


def _counts(missing: list[Missing], gaps: Gaps) -> Mapping[str, int]:
    return {"submissions": len(missing)} | {name: len(getattr(gaps, name)) for name in gaps.__struct_fields__}


def _skewed(ahead: float) -> str:
    return told(
        f"本机时钟与数据库相差 {ahead:+.0f} 秒：刚刚收到的件可能被误报为缺失，请看：huiyin doctor",
        f"this machine's clock is {ahead:+.0f} s from the database's: what came just now may be called missing; "
        "see: huiyin doctor",
    )


def _tell(zh: str, en: str) -> Callable[[int], None]:
    return lambda count: show_line(told(f"{zh}：{count:,}", f"{en}: {count:,}"))


def _as_text(found: Mapping[str, Any]) -> str:
    missing = ((number, _WORDS[name]) for name, number in found["missing"].items() if number)
    lines = [f"{number:>8}  {told(words.zh, words.en)}" for number, words in missing]
    lines = lines or [told("没有缺失", "nothing is missing")]
    if gone := found["gone"]:
        head = told(
            f"备份之后有 {len(gone)} 件事已丢失，须由当事人再做：",
            f"{len(gone)} things that people did since the copy are gone, and theirs to do again:",
        )
        lines += ["", head]
        lines += [f"  {each['at']}  {each['case_id']}  {each['event']}  {each['by']}" for each in gone]
    if files := found["files_gone"]:
        head = told(
            f"备份之后收到的 {len(files)} 个附件已无处可寻，请向当事人索取：",
            f"{len(files)} files that came since the copy lie nowhere any more, and are to be asked for:",
        )
        lines += ["", head]
        lines += [f"  {each['at']}  {each['case_id']}  {each['attachment_id']}" for each in files]
    if found["lag"]:
        behind = ", ".join(f"{group} {number}" for group, number in found["lag"].items())
        lines.append(
            told(
                f"尚待处理，之后请再次运行：{behind}",
                f"still to be handled, and then looked at again: {behind}",
            )
        )
    return "\n".join(lines) + "\n"


def register(app: typer.Typer) -> None:
    """Add `huiyin reconcile` to the command line."""
    app.command()(reconcile)
