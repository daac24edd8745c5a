"""What `huiyin doctor` finds about events: whether they leave, whether any was lost, and who signs them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from deploy.commands.checks.entries import check_entries
from deploy.commands.checks.findings import Finding, process_at
from deploy.database import lost_ranges, outbox
from deploy.database.beats import known_beats, living_clocks
from deploy.database.pool import connect
from deploy.messaging.consuming.positions import REMEDY
from deploy.messaging.dead.dead_letter_seal import LetterSealed
from deploy.messaging.dead.dead_letters import StoredLetter, stored_letters
from deploy.messaging.records.signature import EventKeys, event_keys
from deploy.processes.health import LATE_SECONDS, said_by_the_living
from deploy.processes.put_back_told import SERVERS, troubles_of
from deploy.processes.runtime import SILENT_SECONDS
from deploy.settings import Settings, secret_fault
from intake.store.reconciling import known_ids
from schemas.bilingual import Bilingual, joined
from schemas.ids import CaseId, is_uuid
from schemas.topics import SUBMISSIONS, topic_name

#: The reason of what an outsider wrote, and of ours only where processes have different secrets.
_UNSIGNED = "signature"


async def check_outbox(settings: Settings) -> Finding:
    """Whether what was decided gets to Kafka: a relay that stands still says nothing itself."""
    async with connect(settings) as db:
        seconds = await outbox.oldest_seconds(db)
    if seconds > LATE_SECONDS:
        return Finding(
            check="outbox",
            state="fail",
            found=Bilingual(
                zh=f"有事件等待发往 Kafka 已 {seconds:,.0f} 秒",
                en=f"events have waited for Kafka for {seconds:,.0f} s",
            ),
            remedy=Bilingual(
                zh="请确认 `huiyin relay` 在运行，并查看其日志",
                en="see that `huiyin relay` runs, and what its log says",
            ),
        )
    waits = Bilingual(
        zh=f"最早的事件已等待 {seconds:.1f} 秒", en=f"the oldest event waits for {seconds:.1f} s"
    )
    return Finding(check="outbox", state="ok", found=waits)


async def check_records(settings: Settings) -> Finding:
    """Whether Kafka deleted records that a consumer had not read."""
    async with connect(settings) as db:
        ranges = await lost_ranges.open_ranges(db)
    lost = "; ".join(str(each) for each in ranges if each.consumer not in SERVERS)
    if lost:
        found = Bilingual(
            zh=f"Kafka 在读取之前删除了记录：{lost}",
            en=f"Kafka deleted records before they were read: {lost}",
        )
        return Finding(check="records", state="fail", found=found, remedy=REMEDY)
    well = Bilingual(zh="每条记录都在 Kafka 删除之前读取", en="every record was read before Kafka deleted it")
    return Finding(check="records", state="ok", found=well)


async def check_put_back(settings: Settings) -> Finding:
    """Whether Kafka or Postgres came back from before: what it lacks then nobody would miss by themselves."""
    async with connect(settings) as db:
        troubles = await troubles_of(db)
    if troubles:
        founds, remedies = zip(*troubles, strict=True)
        return Finding(check="servers", state="fail", found=joined(founds), remedy=joined(remedies))
    well = Bilingual(
        zh="Kafka 和 Postgres 都有彼此所知的一切", en="Kafka and Postgres have what each knows of the other"
    )
    return Finding(check="servers", state="ok", found=well)


async def check_messages(settings: Settings) -> Finding:
    """Whether each message that a citizen got codes for is a case: of one that is a dead letter nobody tells them.

    What none of our processes signed is most often no message at all, and sets nothing off by itself.
    """
    topic = topic_name(SUBMISSIONS, settings.topic_prefix)
    keys = None if secret_fault(settings.secret_key.get_secret_value()) else event_keys(settings)
    dead = {
        CaseId(key): (letter.fact("reason"), _may_be_ours(letter, keys))
        async for letter in stored_letters(settings)
        if letter.fact("topic") == topic
        and is_uuid(key := (letter.record.key or b"").decode(errors="replace"))
    }
    async with connect(settings) as db:
        known = await known_ids(db, list(dead)) if dead else set()
    waiting = Counter(found for case_id, found in dead.items() if case_id not in known)
    if ours := [found for found in waiting if found[1]]:
        reasons = _reasons(waiting, ours)
        return Finding(
            check="messages",
            state="fail",
            found=Bilingual(
                zh=f"有诉求只在死信中，没有成为件：{reasons}",
                en=f"messages are dead letters and no case: {reasons}",
            ),
            remedy=Bilingual(
                zh=f"查看：huiyin dead-letters list --topic {topic}；修正后在七天内运行：huiyin dead-letters replay",
                en=f"see: huiyin dead-letters list --topic {topic}; mend it, then within seven days: huiyin "
                "dead-letters replay",
            ),
        )
    if waiting:
        reasons = _reasons(waiting, list(waiting))
        return Finding(
            check="messages",
            state="warn",
            found=Bilingual(
                zh=f"死信中有未经我们签名、也没有成为件的诉求：{reasons}",
                en=f"messages that none of ours signed are dead letters and no case: {reasons}",
            ),
            remedy=Bilingual(
                zh=f"多为外人写入：huiyin dead-letters list --topic {topic}；"
                "仅在更换过 HUIYIN_SECRET_KEY 时可能是我们的（见 docs/many-machines.md）",
                en=f"an outsider's, most often: huiyin dead-letters list --topic {topic}; ours only where "
                "HUIYIN_SECRET_KEY was changed (docs/many-machines.md)",
            ),
        )
    well = Bilingual(zh="没有诉求停在死信中", en="no message is left among the dead letters")
    return Finding(check="messages", state="ok", found=well)


def _reasons(waiting: Mapping[tuple[str, bool], int], which: Sequence[tuple[str, bool]]) -> str:
    return ", ".join(f"{found[0]} ({waiting[found]})" for found in sorted(which))


def _may_be_ours(letter: StoredLetter, keys: EventKeys | None) -> bool:
    """Whether one of our processes wrote it, as far as its signature tells; what nobody can open or check may be."""
    if letter.fact("reason") == _UNSIGNED:
        return False
    try:
        return keys is None or letter.is_signed_by(keys)
    except LetterSealed:
        return True


async def check_secrets(settings: Settings) -> Finding:
    """Whether every living process has our master secret: what one signs under another, the others refuse."""
    if secret_fault(settings.secret_key.get_secret_value()):
        nothing = Bilingual(zh="无从比较：此处未设置密钥", en="nothing to compare: no secret is set here")
        return Finding(check="secrets", state="ok", found=nothing)
    async with connect(settings) as db:
        beats = await living_clocks(db, SILENT_SECONDS)
    ours = settings.fingerprint
    others = joined(
        process_at(name, replica)
        for name, replica, health in beats
        if msgspec.json.decode(health).get("secret", ours) != ours
    )
    if others.en:
        return Finding(
            check="secrets",
            state="fail",
            found=Bilingual(
                zh=f"与此处的 HUIYIN_SECRET_KEY 不同：{others.zh}",
                en=f"another HUIYIN_SECRET_KEY than here: {others.en}",
            ),
            remedy=Bilingual(
                zh="让所有进程使用同一个，把原来的写入 HUIYIN_PREVIOUS_SECRET_KEYS，然后重新启动",
                en="give all processes the same one, and the former one as HUIYIN_PREVIOUS_SECRET_KEYS; start them anew",
            ),
        )
    well = Bilingual(
        zh=f"{len(beats)} 个进程使用同一个密钥", en=f"{len(beats)} processes have the same secret"
    )
    return Finding(check="secrets", state="ok", found=well)


async def check_processes(settings: Settings) -> Finding:
    """What living processes say is wrong with themselves, as `/readyz/city` and `huiyin status` say it, too."""
    async with connect(settings) as db:
        said = said_by_the_living(await known_beats(db, SILENT_SECONDS))
    if said:
        found = joined(
            Bilingual(zh=f"{name}：{why.zh}", en=f"{name}: {why.en}") for name, why in said.items()
        )
        return Finding(check="processes", state="fail", found=found, remedy=_SEE_LOGS)
    well = Bilingual(zh="没有进程说自己有问题", en="no process says that anything is wrong with it")
    return Finding(check="processes", state="ok", found=well)


_SEE_LOGS = Bilingual(
    zh="请先处理此处其他各项；若仍如此，查看该进程的日志，并重新启动它",
    en="first what else fails here; where it stays so, see that process's log, and start it anew",
)

EVENT_CHECKS: Mapping[str, Callable[[Settings], Awaitable[Finding]]] = {
    "records": check_records,
    "servers": check_put_back,
    "outbox": check_outbox,
    "secrets": check_secrets,
    "processes": check_processes,
    "entries": check_entries,
}
