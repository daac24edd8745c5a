"""`huiyin audit`: whether the cases' histories are as they were written."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import asyncpg
import msgspec
import typer
from aiokafka.errors import KafkaError

from deploy import clock, composition
from deploy.access import AccessDenied
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import Anchor, AnchorFiles
from deploy.audit.differing import Difference, Differing, Entrance
from deploy.audit.pins import Fault, read_pins
from deploy.audit.restores import remember_restore, restores
from deploy.audit.said import LOOKED_BACK, versions_said
from deploy.audit.topic import AnchorTopic, TopicAnchor, read_topic
from deploy.audit.verification import UNASSIGNED, Verified, verify_chains
from deploy.commands.refusals import refuse_as_asked
from deploy.commands.speech import say, tell, told
from deploy.database.operator_deeds import OperatorDeed
from deploy.database.pool import connect, open_pool
from deploy.database.sealed_rows import every_row
from deploy.local.running import settings_here
from deploy.settings import Settings, callers_language
from handlers.store.audit import chains
from schemas.bilingual import Bilingual, plain
from schemas.errors import HuiyinError
from schemas.ids import CaseId
from schemas.words import Language

#: An event is with the next slice in tenths of a second (project choice: of a busy machine, many times that).
_ON_ITS_WAY_SECONDS = 5.0
#: For Kafka's answer, and for reading years of anchors (project choice).
_TOPIC_SECONDS = 120.0
#: Exit status: all that was looked at holds, and Kafka could not be asked (project choice).
_UNASKED = 3
_AWAY = (KafkaError, HuiyinError, OSError, TimeoutError)
#: What is wrong with an anchor, for people.
_CHANGED: Final = Bilingual(
    zh="存证 {number} 与写入时不符（{why}）", en="anchor {number} is not as it was written ({why})"
)
_WRONG: Final = {
    Fault.EPOCH: Bilingual(
        zh="存证 {number} 写于一次恢复之后，而数据库不知道那次恢复",
        en="anchor {number} was written after a restore of which the database knows nothing",
    ),
    Fault.NOT_ON_TOPIC: Bilingual(zh="存证 {number} 不在主题中", en="anchor {number} is not on the topic"),
    Fault.OTHER_ON_TOPIC: Bilingual(
        zh="存证 {number} 在主题中是另一个", en="anchor {number} is another on the topic"
    ),
    Fault.SEAL_ON_TOPIC: Bilingual(
        zh="主题中的存证 {number} 与写入时不符（seal）",
        en="anchor {number} on the topic is not as it was written (seal)",
    ),
    Fault.ENTRIES_ON_TOPIC: Bilingual(
        zh="主题中的存证 {number} 与写入时不符（entries）",
        en="anchor {number} on the topic is not as it was written (entries)",
    ),
    Fault.NOT_IN_FILES: Bilingual(
        zh="存证 {number} 在主题中，而不在文件中", en="anchor {number} is on the topic, and not in the files"
    ),
    Fault.RESTORE: Bilingual(
        zh="数据库中的恢复记录 {number} 与写入时不符",
        en="restore {number} in the database is not as it was written",
    ),
}

audit: Final = typer.Typer(no_args_is_help=True, help="The cases' append-only histories.")


@audit.command("verify")
def verify(
    case: Annotated[UUID | None, typer.Argument(help="One case; all if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Check one hash chain, or all; names each first broken row. Exit status 1 if any is, 3 if Kafka could not be asked."""
    found = asyncio.run(_verify_patiently(None if case is None else CaseId(str(case))))
    if case is not None and not found.cases and found.holds:
        refuse_as_asked(f"没有诉求件 {case}。", f"There is no case {case}.", status=2)
    typer.echo(_as_json(found) if as_json else _as_text(found))
    if not found.holds:
        raise typer.Exit(1)
    if found.topic_unasked.en:
        raise typer.Exit(_UNASKED)


@audit.command("anchor")
def anchor(
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Write an anchor now, as the sweeper does every five minutes: what the log is, signed, outside the database."""
    written = asyncio.run(_anchor())
    text = told(
        f"存证 {written.number}：{written.cases} 个件，{written.rows} 行",
        f"anchor {written.number}: {written.cases} cases, {written.rows} rows",
    )
    typer.echo(written.line().decode() if as_json else text)


@audit.command("deeds")
def deeds(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Who changed calendars, models, dead letters and the like by a command, the latest first."""
    for each in asyncio.run(_deeds())[: -limit - 1 : -1]:
        row = {
            "at": each.at.isoformat(timespec="seconds"),
            "what": each.what,
            "about": each.about,
            "by": each.by,
        }
        typer.echo(msgspec.json.encode(row).decode() if as_json else "  ".join(row.values()))


async def _deeds() -> Sequence[OperatorDeed]:
    async with connect(settings_here()) as db:
        return [deed for deed, _ in await every_row(db, OperatorDeed)]


class NoMoment(HuiyinError):
    """What was given is no moment that a database can have been brought back to."""

    en = "not a past moment with its offset from UTC, as in 2026-11-26T14:05:00+08:00: {given}"
    zh = "须为已过去的时刻并带时区，例如 2026-11-26T14:05:00+08:00：{given}"


class NotTheOwner(HuiyinError):
    """Only whoever owns the tables says that a copy took their place."""

    en = "only the tables' owner remembers a recovery: set MIGRATION_DATABASE_URL, and run huiyin migrate first"
    zh = "只有数据表的所有者可以登记恢复：请设置 MIGRATION_DATABASE_URL，并先运行 huiyin migrate"


@audit.command("restored")
def restored(
    moment: Annotated[
        str, typer.Argument(metavar="MOMENT", help="recovery_target_time, with its offset from UTC.")
    ],
) -> None:
    """Remember that your own Postgres was brought back to MOMENT; `huiyin restore` does so itself.

    Anchors that were written since tell of entries that are gone: from now on `audit verify` says so, and does not fail.
    """
    copied_at = _past(moment)
    try:
        asyncio.run(remember_restore(settings_here().as_owner, copied_at))
    except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError) as error:
        raise NotTheOwner from error
    at = copied_at.isoformat()
    tell(f"已登记：恢复到 {at}", f"remembered: restored to {at}")


def _past(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given.strip())
    except ValueError as error:
        raise NoMoment(given=given) from error
    if moment.tzinfo is None or moment > clock.now():
        raise NoMoment(given=given)
    return moment


async def _anchor() -> Anchor:
    settings = settings_here()
    async with open_pool(settings, size=1) as pool:
        written = await write_anchor(settings, pool)
    try:
        topic = AnchorTopic(settings, composition.audit_keys(settings))
        async with asyncio.timeout(_TOPIC_SECONDS):
            await topic.send(AnchorFiles(directory_of(settings)))
    except _AWAY as error:
        say(
            f"尚未写入主题（{_said(error)}）；由 sweep 进程补发",
            f"not on the topic yet ({_said(error)}); the sweeper sends it",
        )
    return written


def register(app: typer.Typer) -> None:
    """Add `audit` to the command line."""
    app.add_typer(audit, name="audit")


async def _verify_patiently(case_id: CaseId | None) -> Verified:
    """As `_verify_all`; what may be on its way is looked for again: a case to a department, an anchor to Kafka."""
    found = await _verify_all(case_id)
    if any(each.why == Fault.NOT_ON_TOPIC for each in found.broken_anchors):
        await asyncio.sleep(_ON_ITS_WAY_SECONDS)
        found = await _verify_all(case_id)
    late = {each.case_id for each in found.broken if each.why == UNASSIGNED}
    if late and await _eventually_assigned(late):
        return await _verify_all(case_id)
    return found


async def _eventually_assigned(late: Collection[CaseId]) -> bool:
    """Whether one of them comes to handlers in the time that an event takes."""
    await asyncio.sleep(_ON_ITS_WAY_SECONDS)
    async with connect(settings_here()) as connection, connection.transaction(readonly=True):
        return bool([chain.case_id async for chain in chains(connection, list(late))])


async def _verify_all(case_id: CaseId | None) -> Verified:
    settings = settings_here()
    keys = composition.audit_keys(settings)
    files = AnchorFiles(directory_of(settings))
    # Kafka first: what is there was in the files and the database before.
    async with connect(settings) as connection:
        restored = [each.at for each in await restores(connection)]
    topic, said, unasked = await _on_kafka(settings, files, max([clock.now() - LOOKED_BACK, *restored]))
    async with (
        connect(settings) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        pins = read_pins(files, keys, restores=await restores(connection), topic=topic)
        found = await verify_chains(connection, keys, case_id, pins=pins, said=said)
    return msgspec.structs.replace(found, topic_unasked=unasked)


async def _on_kafka(
    settings: Settings, files: AnchorFiles, since: datetime
) -> tuple[Sequence[TopicAnchor] | None, Mapping[CaseId, int], Bilingual]:
    """The anchors on Kafka, and what was told of cases since then; None, or nothing, where it could not be asked, and why.

    `since`: after a restore; what was said before is of another history.
    """
    topic: Sequence[TopicAnchor] | None = None
    try:
        async with asyncio.timeout(_TOPIC_SECONDS):
            topic = await read_topic(settings, set(files.lines()))
        async with asyncio.timeout(_TOPIC_SECONDS):
            return topic, await versions_said(settings, since), plain("")
    except _AWAY as error:
        return topic, {}, _said(error)


def _said(error: BaseException) -> Bilingual:
    if isinstance(error, HuiyinError | AccessDenied):
        return Bilingual(zh=error.message(Language.ZH), en=error.message(Language.EN))
    return plain(type(error).__name__)


def _as_json(found: Verified) -> str:
    """As scripts read it, whatever the terminal speaks."""
    shown = msgspec.to_builtins(found) | {"topic_unasked": found.topic_unasked.en}
    return msgspec.json.encode(shown).decode()


def _as_text(found: Verified) -> str:
    language = callers_language()
    return "\n".join(each.message(language) for each in sentences(found))


def sentences(found: Verified) -> Iterator[Bilingual]:
    """What was found, for people: one sentence each."""
    yield Bilingual(
        zh=f"{found.cases} 个件，{found.rows} 行，{found.anchors} 个存证，{len(found.broken)} 处不符",
        en=f"{found.cases} cases, {found.rows} rows, {found.anchors} anchors, {len(found.broken)} broken",
    )
    for anchor_ in found.broken_anchors:
        wrong, facts = (
            _WRONG.get(Fault(anchor_.why), _CHANGED),
            {"number": anchor_.number, "why": anchor_.why},
        )
        yield Bilingual(zh=wrong.zh.format(**facts), en=wrong.en.format(**facts))
    for each in found.broken:
        yield _changed(plain(each.case_id), each.row, each.why)
    for entry in found.broken_entries:
        named = Bilingual(zh=f"知识点 {entry.entry_id}", en=f"knowledge entry {entry.entry_id}")
        yield _changed(named, entry.row, entry.why)
    if (row := found.broken_account_change) is not None:
        changes = Bilingual(zh="账户和令牌变更记录", en="changes of staff accounts and tokens")
        yield _changed(changes, row, found.account_change_why)
    if (row := found.broken_operator_deed) is not None:
        yield _changed(Bilingual(zh="运维操作记录", en="what operators did"), row, found.operator_deed_why)
    yield from map(_differs, found.differing)
    yield from _remarks(found)


#: How an account or a token differs from its log, for people.
_DIFFERS: Final = {
    Difference.UNLOGGED: Bilingual(zh="现状没有任何记录", en="no row made it as it stands"),
    Difference.GONE: Bilingual(zh="已被删除或替换", en="it is gone, or another took its place"),
    Difference.ROLE: Bilingual(zh="角色或部门与记录不符", en="it has another role or department"),
    Difference.PASSWORD: Bilingual(
        zh="密码或演示标记与记录不符", en="it has another password, or is a demo's no more"
    ),
    Difference.LET_IN: Bilingual(zh="记录为停用，现可登录或使用", en="it was shut out, and lets somebody in"),
    Difference.SHUT_OUT: Bilingual(zh="记录为可用，现已停用", en="it let somebody in, and was shut out"),
}
_ENTRANCES: Final = {
    Entrance.ACCOUNT: Bilingual(zh="账户", en="account"),
    Entrance.TOKEN: Bilingual(zh="令牌", en="token"),
}


def _differs(found: Differing) -> Bilingual:
    kind, how, (after, seen) = (
        _ENTRANCES[found.kind],
        _DIFFERS[found.why],
        map(_at, (found.right_at, found.seen_at)),
    )
    when = Bilingual(
        zh=(f"，{after} 时尚符" if after else "") + (f"，{seen} 的存证已发现" if seen else ""),
        en=(f"; right at {after}" if after else "") + (f"; an anchor saw it at {seen}" if seen else ""),
    )
    return Bilingual(
        zh=f"{kind.zh} {found.name}：{how.zh}（{found.why}）{when.zh}",
        en=f"{kind.en} {found.name}: {how.en} ({found.why}){when.en}",
    )


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def _changed(whose: Bilingual, row: int, why: str) -> Bilingual:
    return Bilingual(
        zh=f"{whose.zh}：第 {row} 行与写入时不符（{why}）",
        en=f"{whose.en}: row {row} is not as it was written ({why})",
    )


def _remarks(found: Verified) -> Iterator[Bilingual]:
    """What is no fault, and true."""
    for each in found.restored:
        copied_at, at = _at(each.copied_at), _at(each.at)
        yield Bilingual(
            zh=f"{at} 恢复了 {copied_at} 的备份：此后的 {each.anchors} 个存证所记的内容已不存在",
            en=f"a copy of {copied_at} was restored at {at}: "
            f"{each.anchors} anchors after it tell of entries that are gone",
        )
    if count := found.elsewhere:
        yield Bilingual(
            zh=f"主题中有 {count} 个存证属于另一个文件夹",
            en=f"{count} anchors on the topic are of a folder that is not this one",
        )
    if (why := found.topic_unasked).en:
        yield Bilingual(zh=f"无法查询主题：{why.zh}", en=f"the topic could not be asked: {why.en}")
