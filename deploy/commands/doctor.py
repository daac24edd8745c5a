"""`huiyin doctor`: every dependency checked, each finding with its remedy."""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError
from sqlalchemy import text

from deploy import clock
from deploy.access import AccessDenied
from deploy.accounts.demo import open_to_demos
from deploy.commands.checks.accounts import check_tokens
from deploy.commands.checks.copies import check_copies
from deploy.commands.checks.data import check_data
from deploy.commands.checks.dead_letters import check_letters
from deploy.commands.checks.events import EVENT_CHECKS, check_messages
from deploy.commands.checks.files import check_anchors, check_kept_files
from deploy.commands.checks.findings import Finding, denied
from deploy.commands.checks.kafka import check_kafka, check_replicas, check_rights, check_topics
from deploy.commands.checks.mail import check_links, check_mail, check_notices, check_told
from deploy.commands.checks.time import TIME_CHECKS, check_files
from deploy.database.indexes import INDEX_LOCK, missing_indexes
from deploy.database.migrate import (
    MIGRATION_LOCK,
    SchemaIsNewer,
    in_database,
    is_newer,
    newest_revision,
    present_revision,
)
from deploy.database.pool import TRANSIENT, connect
from deploy.database.rights import may_rewrite_the_log
from deploy.database.turns import holder_of
from deploy.local.embedded.errors import EmbeddedError
from deploy.local.embedded.jars import jars_directory, verified_jars
from deploy.local.embedded.java import find_java
from deploy.local.running import KEY_FILE, settings_here
from deploy.local.supervisor import read_state
from deploy.observability.disk import ENOUGH_BYTES, closed, free_bytes, places_of, read_only, servers_on
from deploy.settings import Settings, callers_language, secret_fault
from schemas.bilingual import Bilingual, joined, plain
from schemas.errors import Misconfigured
from schemas.words import Language
from sla.core.calendar import china_calendar

#: How long a server may take to answer one check (project choice).
_ASK_SECONDS = 10.0
_ABOUT_KAFKA = ("kafka", "topics", "replicas", "rights", "messages", "letters")
#: Deadlines that are set today reach about this far (project choice: the longest rule with its extensions).
_CALENDAR_HORIZON = timedelta(days=60)


def show(data: Path, *, as_json: bool) -> None:
    """Print the findings; exit status 1 when anything fails."""
    # The findings say what the client would say beside them.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    findings = asyncio.run(examine(data))
    if as_json:
        every = [_in_english(finding) for finding in findings]
        sys.stdout.write(json.dumps(every, ensure_ascii=False, indent=2) + "\n")
    else:
        language = callers_language()
        sys.stdout.write("".join(_line(finding, language) for finding in findings))
    if any(finding.state == "fail" for finding in findings):
        raise SystemExit(1)


def _in_english(finding: Finding) -> dict[str, str]:
    """As scripts read it, whatever the terminal speaks."""
    said = {"found": finding.found.en, "remedy": finding.remedy.en}
    return {"check": finding.check, "state": finding.state, **said}


def _line(finding: Finding, language: Language) -> str:
    mark, colon = {"ok": "✓", "warn": "!", "fail": "✗"}[finding.state], language.choose("：", ": ")
    remedy = f"\n    → {finding.remedy.message(language)}" if finding.remedy.en else ""
    return f"{mark} {finding.check}{colon}{finding.found.message(language)}{remedy}\n"


async def examine(data: Path) -> Sequence[Finding]:
    """Every check. Servers are those that settings name, or those that run in `data`."""
    settings = _settings_in(data)
    findings = [
        _python(),
        *check_data(settings, data),
        _disk(settings, data),
        _secret(settings, data),
        _calendar(),
        *await check_files(settings),
        *_embedded(settings),
        await _bounded("roles", _roles, settings),
        *await check_mail(settings),
        *await check_notices(settings),
        *check_links(settings),
    ]
    about_servers = [await _bounded(name, check, settings) for name, check in _ABOUT_SERVERS.items()]
    findings += about_servers
    servers = {finding.check: finding.state for finding in about_servers}
    if servers["schema"] == "ok":
        is_shown = settings.shows_demo or _is_shown(data)
        findings.append(await _bounded("demo", lambda here: demo_finding(here, is_shown=is_shown), settings))
        findings.append(await _bounded("tokens", check_tokens, settings))
        findings += [await _bounded(name, check, settings) for name, check in EVENT_CHECKS.items()]
        findings.append(await _bounded("told", check_told, settings))
        findings.append(await _bounded("copies", check_copies, settings))
        findings.append(await _bounded("files", check_kept_files, settings))
        findings.append(await _bounded("anchors", check_anchors, settings))
    if servers["kafka"] == "ok":
        findings.append(await _bounded("replicas", check_replicas, settings))
    if set(servers.values()) == {"ok"}:
        findings.append(await _bounded("rights", check_rights, settings))
        findings.append(await _bounded("messages", check_messages, settings))
        findings.append(await _bounded("letters", check_letters, settings))
    if {servers["postgres"], servers["schema"]} == {"ok"}:
        findings += [await _bounded(name, check, settings) for name, check in TIME_CHECKS.items()]
    return findings


def _settings_in(data: Path) -> Settings:
    return settings_here(data).model_copy(update={"data": data.absolute()})


async def _bounded(name: str, check: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    needs_kafka = name in _ABOUT_KAFKA
    if not (settings.kafka_bootstrap_servers if needs_kafka else settings.database_url):
        found = Bilingual(zh="未运行", en="not running")
        return Finding(check=name, state="warn", found=found, remedy=_START)
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            return await check(settings)
    except AccessDenied as error:
        return denied(name, error)
    except Misconfigured as error:
        return Finding(check=name, state="fail", found=error.in_both(), remedy=_MEND)
    except (KafkaError, asyncpg.PostgresError, *TRANSIENT) as error:
        kind, said = type(error).__name__, plain(str(error))
        if not said.en:
            said = Bilingual(zh=f"{_ASK_SECONDS:.0f} 秒内没有响应", en=f"nothing within {_ASK_SECONDS:.0f} s")
        found = Bilingual(zh=f"{kind}：{said.zh}", en=f"{kind}: {said.en}")
        return Finding(check=name, state="fail", found=found, remedy=_remedy(name, settings))


_START = Bilingual(zh="启动：huiyin up", en="start it: huiyin up")
_MEND = Bilingual(zh="请修改该设置，或它所指的文件", en="mend that setting, or the file that it names")


def _remedy(name: str, settings: Settings) -> Bilingual:
    if name in _ABOUT_KAFKA:
        at = f"{settings.kafka_bootstrap_servers} (KAFKA_BOOTSTRAP_SERVERS)"
        return Bilingual(zh=f"请确认 Kafka 在此应答：{at}", en=f"see that a broker answers at {at}")
    return Bilingual(
        zh="请确认 Postgres 在 DATABASE_URL 应答，且其用户可以创建 schema",
        en="see that Postgres answers at DATABASE_URL, and that its user may create schemas",
    )


def _python() -> Finding:
    return Finding(check="python", state="ok", found=plain(sys.version.split()[0]))


def _disk(settings: Settings, data: Path) -> Finding:
    here = settings.model_copy(update={"data": data})
    places = places_of(here)
    free = {name: free_bytes(place) for name, place in places.items()}
    found = joined(
        Bilingual(
            zh=f"{at.absolute()} 剩余 {free[name] / 1024**3:.1f} GiB",
            en=f"{free[name] / 1024**3:.1f} GiB free at {at.absolute()}",
        )
        for name, at in places.items()
    )
    if failed := read_only(here):
        where = ", ".join(str(places[name].absolute()) for name in failed)
        shut = Bilingual(zh=f"无法写入 {where}", en=f"nothing can be written at {where}")
        return Finding(check="disk", state="fail", found=joined([found, shut]), remedy=_MOUNT)
    short = [name for name, left in free.items() if left < ENOUGH_BYTES]
    if short:
        remedies = joined(_make_room(places[name], _without_room(here, name)) for name in short)
        remedy = Bilingual(zh=f"请腾出空间：{remedies.zh}", en=f"make room {remedies.en}")
        return Finding(check="disk", state="fail", found=found, remedy=remedy)
    if others := closed(here):
        where = ", ".join(str(places[name].absolute()) for name in others)
        shut = Bilingual(
            zh=f"执行本命令的用户无法写入 {where}", en=f"whoever runs this command cannot write at {where}"
        )
        return Finding(check="disk", state="warn", found=joined([found, shut]), remedy=_OURS)
    return Finding(check="disk", state="ok", found=found)


_MOUNT = Bilingual(
    zh="请确认该磁盘正常，并以可写方式挂载", en="see that its disk is well, and mounted for writing"
)
_OURS = Bilingual(
    zh="请确认这些目录属于运行本系统的用户；如果是，则本项无碍",
    en="see that they belong to the user that our processes run as; if they do, nothing is wrong",
)


def _make_room(at: Path, otherwise: Bilingual) -> Bilingual:
    return Bilingual(zh=f"{at.absolute()}（{otherwise.zh}）", en=f"at {at.absolute()}: {otherwise.en}")


def _without_room(settings: Settings, name: str) -> Bilingual:
    """What comes of it where nobody makes room at that one of our places."""
    if servers := [server.capitalize() for server in servers_on(settings, name)]:
        return Bilingual(
            zh=f"低于 DISK_RESERVE_BYTES 时不再接收来件，磁盘写满时 {' 和 '.join(servers)} 会停止",
            en=f"below DISK_RESERVE_BYTES no message is taken, and {' and '.join(servers)} would stop on a full disk",
        )
    if name == "attachments":
        return Bilingual(
            zh="写满后不再接收随来件的附件", en="files that come with messages are refused once it is full"
        )
    return Bilingual(
        zh="写满后各进程写入该处的内容（如日志）会丢失",
        en="what our processes write there, as lines of their logs, is lost once it is full",
    )


def _secret(settings: Settings, data: Path) -> Finding:
    secret = settings.secret_key.get_secret_value()
    fault = secret_fault(secret)
    if secret and fault:
        return Finding(
            check="secret",
            state="fail",
            found=Bilingual(zh=f"HUIYIN_SECRET_KEY {fault.zh}", en=f"HUIYIN_SECRET_KEY {fault.en}"),
            remedy=Bilingual(
                zh="在此密钥下接收任何来件之前换一个：`openssl rand -hex 32` 可生成",
                en="set another before anything is accepted under this one: `openssl rand -hex 32` makes one",
            ),
        )
    if not fault or (data / KEY_FILE).exists():
        return Finding(check="secret", state="ok", found=Bilingual(zh="已设置", en="set"))
    return Finding(
        check="secret",
        state="warn",
        found=Bilingual(zh="未设置 HUIYIN_SECRET_KEY", en="HUIYIN_SECRET_KEY is not set"),
        remedy=Bilingual(
            zh="`huiyin up` 会在其数据目录中生成；单独启动进程时请设置一个至少 32 个字符的密钥",
            en="`huiyin up` makes one in its data directory; for single processes set one of at least 32 characters",
        ),
    )


def _calendar() -> Finding:
    now = clock.now()
    horizon = now + _CALENDAR_HORIZON
    if china_calendar().is_provisional(now, horizon):
        return Finding(
            check="calendar",
            state="warn",
            found=Bilingual(
                zh=f"本版本不含 {horizon.year} 年的节假日安排",
                en=f"the working days of {horizon.year} are not announced in this release",
            ),
            remedy=Bilingual(
                zh="通知公布后运行：huiyin calendar import FILE；未到的期限会重新计算",
                en="when the notice is out: huiyin calendar import FILE; open deadlines are recomputed",
            ),
        )
    known = Bilingual(zh=f"已知至 {horizon:%Y-%m-%d}", en=f"known to {horizon:%Y-%m-%d}")
    return Finding(check="calendar", state="ok", found=known)


def _embedded(settings: Settings) -> Sequence[Finding]:
    if settings.kafka_bootstrap_servers:
        return ()
    findings: list[Finding] = []
    for name, probe in (("java", find_java), ("kafka jars", lambda: verified_jars(jars_directory()))):
        try:
            probe()
        except EmbeddedError as error:
            remedy = Bilingual(zh="运行：make setup", en="run: make setup")
            findings.append(Finding(check=name, state="fail", found=error.in_both(), remedy=remedy))
        else:
            findings.append(Finding(check=name, state="ok", found=Bilingual(zh="已就绪", en="present")))
    return findings


async def _postgres(settings: Settings) -> Finding:
    async with connect(settings) as db:
        version = await db.fetchval("SHOW server_version")
        fsync = await db.fetchval("SHOW fsync")
        tls = await db.fetchval("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    if fsync != "on":
        return Finding(
            check="postgres",
            state="fail",
            found=Bilingual(zh=f"{version}，fsync 已关闭", en=f"{version}, fsync off"),
            remedy=Bilingual(zh="请打开 fsync：否则崩溃会丢件", en="turn fsync on: a crash loses cases"),
        )
    found = Bilingual(zh=f"{version}，{tls or '未加密'}", en=f"{version}, {tls or 'not encrypted'}")
    return Finding(check="postgres", state="ok", found=found)


async def _roles(settings: Settings) -> Finding:
    async with connect(settings) as db:
        role = await db.fetchval("SELECT current_user")
        if await may_rewrite_the_log(db):
            return Finding(
                check="roles",
                state="warn",
                found=Bilingual(
                    zh=f"DATABASE_URL 的角色 {role} 可以改写审计日志",
                    en=f"{role}, the role of DATABASE_URL, could rewrite the audit log",
                ),
                remedy=Bilingual(
                    zh="让另一个角色拥有数据表：MIGRATION_DATABASE_URL（docs/many-machines.md, Two roles）",
                    en="let another role own the tables: MIGRATION_DATABASE_URL (docs/many-machines.md, Two roles)",
                ),
            )
    well = Bilingual(
        zh=f"{role} 只能追加审计日志，不能改动",
        en=f"{role} can add to the audit log and change nothing in it",
    )
    return Finding(check="roles", state="ok", found=well)


def _is_shown(data: Path) -> bool:
    """Whether what runs in `data`, or ran there last, was started with `--demo`."""
    state = read_state(data.absolute() / "state.json")
    return state is not None and bool(state.facts.get("demo"))


async def demo_finding(settings: Settings, *, is_shown: bool) -> Finding:
    """Whether what a demo left lets somebody in. `is_shown`: that is what it is for."""
    async with connect(settings) as db:
        found = await open_to_demos(db)
    said = Bilingual(
        zh=f"演示的 {found.accounts} 个账户和 {found.tokens} 个令牌可以登录",
        en=f"{found.accounts} accounts and {found.tokens} tokens of a demo let people in",
    )
    if found and not is_shown:
        return Finding(
            check="demo",
            state="fail",
            found=Bilingual(zh=f"{said.zh}，而未加 --demo", en=f"{said.en}, without --demo"),
            remedy=Bilingual(
                zh="其密码曾写在文件中：不加 --demo 运行一次 `huiyin up`，即可将其停用",
                en="their passwords stood in a file: start once with `huiyin up` without --demo, which shuts them out",
            ),
        )
    nothing = Bilingual(zh="没有演示留下的账户或令牌可以登录", en="nothing of a demo lets anybody in")
    return Finding(check="demo", state="ok", found=said if found else nothing)


async def _schema(settings: Settings) -> Finding:
    def look(connection: Any) -> tuple[str | None, str | None]:
        exists = connection.execute(text("SELECT to_regclass('deploy.alembic_version') IS NOT NULL")).scalar()
        return (present_revision(connection) if exists else None), newest_revision()

    present, newest = await in_database(settings, look, on_wait=None)
    if (finding := await _migrating(settings, f"{present}")) is not None:
        return finding
    if is_newer(present):
        newer = SchemaIsNewer(found=present, known=newest)
        found = Bilingual(zh=f"{present}，已知 {newest}", en=f"{present}, known {newest}")
        return Finding(check="schema", state="fail", found=found, remedy=newer.in_both())
    if present != newest:
        found = Bilingual(zh=f"{present or '没有'}，需要 {newest}", en=f"{present}, needs {newest}")
        return Finding(check="schema", state="fail", found=found, remedy=_MIGRATE)
    return await _indexes(settings, str(present))


async def _migrating(settings: Settings, present: str) -> Finding | None:
    """A migration that is under way, or stands still."""
    # Postgres tells no other role since when, nor what it calls itself.
    async with connect(settings.as_owner) as db:
        holder = await holder_of(db, MIGRATION_LOCK) or await holder_of(db, INDEX_LOCK)
    if holder is None:
        return None
    found = Bilingual(zh=f"{present}；迁移正在进行", en=f"{present}; a migration is under way")
    words = holder.words()
    remedy = Bilingual(zh=f"请等待 {words.zh}", en=f"wait for {words.en}")
    return Finding(check="schema", state="warn", found=found, remedy=remedy)


_MIGRATE = Bilingual(zh="运行：huiyin migrate", en="run: huiyin migrate")


async def _indexes(settings: Settings, present: str) -> Finding:
    """Whether a migration that was interrupted left lists slow."""
    async with connect(settings) as db:
        missing = ", ".join(await missing_indexes(db))
    if missing:
        found = Bilingual(zh=f"{present}；未建成的索引：{missing}", en=f"{present}; not built: {missing}")
        return Finding(check="schema", state="warn", found=found, remedy=_MIGRATE)
    return Finding(check="schema", state="ok", found=plain(present))


_ABOUT_SERVERS = {"postgres": _postgres, "schema": _schema, "kafka": check_kafka, "topics": check_topics}
