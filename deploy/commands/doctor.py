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
import msgspec
from aiokafka.errors import KafkaError
from sqlalchemy import text

from deploy import clock
from deploy.access import AccessDenied
from deploy.accounts.demo import open_to_demos
from deploy.commands.account_checks import check_tokens
from deploy.commands.copy_check import check_copies
from deploy.commands.event_checks import EVENT_CHECKS
from deploy.commands.findings import Finding
from deploy.commands.kafka_checks import check_kafka, check_replicas, check_rights, check_topics
from deploy.commands.mail_check import check_mail, check_notices, check_told
from deploy.commands.time_checks import TIME_CHECKS, check_files
from deploy.database.indexes import missing_indexes
from deploy.database.migrate import SchemaIsNewer, in_database, is_newer, newest_revision, present_revision
from deploy.database.pool import TRANSIENT, connect
from deploy.database.rights import may_rewrite_the_log
from deploy.local.embedded.errors import EmbeddedError
from deploy.local.embedded.jars import jars_directory, verified_jars
from deploy.local.embedded.java import find_java
from deploy.local.running import KEY_FILE, settings_here
from deploy.local.supervisor import read_state
from deploy.observability.disk import ENOUGH_BYTES, free_bytes, places_of, servers_on, unwritable
from deploy.settings import Settings, callers_language, secret_fault
from schemas.errors import Misconfigured
from sla.core.calendar import china_calendar

#: How long a server may take to answer one check (project choice).
_ASK_SECONDS = 10.0
_ABOUT_KAFKA = ("kafka", "topics", "replicas", "rights")
#: Deadlines that are set today reach about this far (project choice: the longest rule with its extensions).
_CALENDAR_HORIZON = timedelta(days=60)


def show(data: Path, *, as_json: bool) -> None:
    """Print the findings; exit status 1 when anything fails."""
    # The findings say what the client would say beside them.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    findings = asyncio.run(examine(data))
    if as_json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(findings), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("".join(_line(finding) for finding in findings))
    if any(finding.state == "fail" for finding in findings):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    mark = {"ok": "✓", "warn": "!", "fail": "✗"}[finding.state]
    remedy = f"\n    → {finding.remedy}" if finding.remedy else ""
    return f"{mark} {finding.check}: {finding.found}{remedy}\n"


async def examine(data: Path) -> Sequence[Finding]:
    """Every check. Servers are those that settings name, or those that run in `data`."""
    settings = settings_here(data)
    findings = [
        _python(),
        _disk(settings, data),
        _secret(settings, data),
        _calendar(),
        *await check_files(settings),
        *_embedded(settings),
        await _bounded("roles", _roles, settings),
        *await check_mail(settings),
        *await check_notices(settings),
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
    if servers["kafka"] == "ok":
        findings.append(await _bounded("replicas", check_replicas, settings))
    if set(servers.values()) == {"ok"}:
        findings.append(await _bounded("rights", check_rights, settings))
    if {servers["postgres"], servers["schema"]} == {"ok"}:
        findings += [await _bounded(name, check, settings) for name, check in TIME_CHECKS.items()]
    return findings


async def _bounded(name: str, check: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    needs_kafka = name in _ABOUT_KAFKA
    if not (settings.kafka_bootstrap_servers if needs_kafka else settings.database_url):
        return Finding(check=name, state="warn", found="not running", remedy="start it: huiyin up")
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            return await check(settings)
    except AccessDenied as error:
        said = callers_language()
        return Finding(check=name, state="fail", found=error.found(said), remedy=error.remedy(said))
    except Misconfigured as error:
        return Finding(
            check=name, state="fail", found=str(error), remedy="mend that setting, or the file that it names"
        )
    except (KafkaError, asyncpg.PostgresError, *TRANSIENT) as error:
        found = f"{type(error).__name__}: {str(error) or f'nothing within {_ASK_SECONDS:.0f} s'}"
        return Finding(check=name, state="fail", found=found, remedy=_remedy(name, settings))


def _remedy(name: str, settings: Settings) -> str:
    if name in _ABOUT_KAFKA:
        return f"see that a broker answers at {settings.kafka_bootstrap_servers} (KAFKA_BOOTSTRAP_SERVERS)"
    return "see that Postgres answers at DATABASE_URL, and that its user may create schemas"


def _python() -> Finding:
    return Finding(check="python", state="ok", found=sys.version.split()[0])


def _disk(settings: Settings, data: Path) -> Finding:
    here = settings.model_copy(update={"data": data})
    places = places_of(here)
    free = {name: free_bytes(place) for name, place in places.items()}
    found = "; ".join(
        f"{free[name] / 1024**3:.1f} GiB free at {at.absolute()}" for name, at in places.items()
    )
    if closed := unwritable(here):
        where = ", ".join(str(places[name].absolute()) for name in closed)
        remedy = "see that its disk is well and mounted for writing, and that it belongs to our user"
        return Finding(check="disk", state="fail", found=f"nothing can be written at {where}", remedy=remedy)
    short = [name for name, left in free.items() if left < ENOUGH_BYTES]
    if short:
        remedies = "; ".join(f"at {places[name].absolute()}: {_without_room(here, name)}" for name in short)
        return Finding(check="disk", state="fail", found=found, remedy=f"make room {remedies}")
    return Finding(check="disk", state="ok", found=found)


def _without_room(settings: Settings, name: str) -> str:
    """What comes of it where nobody makes room at that one of our places."""
    if servers := " and ".join(server.capitalize() for server in servers_on(settings, name)):
        return f"below DISK_RESERVE_BYTES no message is taken, and {servers} would stop on a full disk"
    if name == "attachments":
        return "files that come with messages are refused once it is full"
    return "what our processes write there, as lines of their logs, is lost once it is full"


def _secret(settings: Settings, data: Path) -> Finding:
    secret = settings.secret_key.get_secret_value()
    fault = secret_fault(secret)
    if secret and fault:
        return Finding(
            check="secret", state="fail", found=f"HUIYIN_SECRET_KEY {fault}",
            remedy="set another before anything is accepted under this one: `openssl rand -hex 32` makes one",
        )  # fmt: skip
    if not fault or (data / KEY_FILE).exists():
        return Finding(check="secret", state="ok", found="set")
    return Finding(
        check="secret", state="warn", found="HUIYIN_SECRET_KEY is not set",
        remedy="`huiyin up` makes one in its data directory; for single processes set one of at least 32 characters",
    )  # fmt: skip


def _calendar() -> Finding:
    now = clock.now()
    horizon = now + _CALENDAR_HORIZON
    if china_calendar().is_provisional(now, horizon):
        return Finding(
            check="calendar",
            state="warn",
            found=f"the working days of {horizon.year} are not announced in this release",
            remedy="when the notice is out: huiyin calendar import FILE; open deadlines are recomputed",
        )
    return Finding(check="calendar", state="ok", found=f"known to {horizon:%Y-%m-%d}")


def _embedded(settings: Settings) -> Sequence[Finding]:
    if settings.kafka_bootstrap_servers:
        return ()
    findings: list[Finding] = []
    for name, probe in (("java", find_java), ("kafka jars", lambda: verified_jars(jars_directory()))):
        try:
            probe()
        except EmbeddedError as error:
            findings.append(Finding(check=name, state="fail", found=str(error), remedy="run: make setup"))
        else:
            findings.append(Finding(check=name, state="ok", found="present"))
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
            found=f"{version}, fsync off",
            remedy="turn fsync on: a crash loses cases",
        )
    return Finding(check="postgres", state="ok", found=f"{version}, {tls or 'not encrypted'}")


async def _roles(settings: Settings) -> Finding:
    async with connect(settings) as db:
        role = await db.fetchval("SELECT current_user")
        if await may_rewrite_the_log(db):
            return Finding(
                check="roles",
                state="warn",
                found=f"{role}, the role of DATABASE_URL, could rewrite the audit log",
                remedy="let another role own the tables: MIGRATION_DATABASE_URL (docs/operations.md, Two roles)",
            )
    return Finding(
        check="roles", state="ok", found=f"{role} can add to the audit log and change nothing in it"
    )


def _is_shown(data: Path) -> bool:
    """Whether what runs in `data`, or ran there last, was started with `--demo`."""
    state = read_state(data.absolute() / "state.json")
    return state is not None and bool(state.facts.get("demo"))


async def demo_finding(settings: Settings, *, is_shown: bool) -> Finding:
    """Whether what a demo left lets somebody in. `is_shown`: that is what it is for."""
    async with connect(settings) as db:
        found = await open_to_demos(db)
    said = f"{found.accounts} accounts and {found.tokens} tokens of a demo let people in"
    if found and not is_shown:
        return Finding(
            check="demo", state="fail", found=f"{said}, without --demo",
            remedy="their passwords stood in a file: start once with `huiyin up` without --demo, which shuts them out",
        )  # fmt: skip
    return Finding(check="demo", state="ok", found=said if found else "nothing of a demo lets anybody in")


async def _schema(settings: Settings) -> Finding:
    def look(connection: Any) -> tuple[str | None, str | None]:
        exists = connection.execute(text("SELECT to_regclass('deploy.alembic_version') IS NOT NULL")).scalar()
        return (present_revision(connection) if exists else None), newest_revision()

    present, newest = await in_database(settings, look)
    if is_newer(present):
        newer = SchemaIsNewer(found=present, known=newest)
        return Finding(check="schema", state="fail", found=f"{present}, known {newest}", remedy=str(newer))
    if present != newest:
        return Finding(
            check="schema", state="fail", found=f"{present}, needs {newest}", remedy="run: huiyin migrate"
        )
    return await _indexes(settings, str(present))


async def _indexes(settings: Settings, present: str) -> Finding:
    """Whether a migration that was interrupted left lists slow."""
    async with connect(settings) as db:
        missing = ", ".join(await missing_indexes(db))
    if missing:
        return Finding(
            check="schema",
            state="warn",
            found=f"{present}; not built: {missing}",
            remedy="run: huiyin migrate",
        )
    return Finding(check="schema", state="ok", found=present)


_ABOUT_SERVERS = {"postgres": _postgres, "schema": _schema, "kafka": check_kafka, "topics": check_topics}
