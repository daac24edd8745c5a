"""What `huiyin doctor` finds about time: whose clock is wrong, and how far deadlines are judged."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

import sla.subscribers
from deploy import clock, composition
from deploy.accounts.accounts import acting_departments
from deploy.commands.checks.findings import Finding, process_at
from deploy.database.beats import living_clocks
from deploy.database.pool import connect
from deploy.database.progress import reached_by
from deploy.messaging.topics import refused_time
from deploy.processes.runtime import SILENT_SECONDS
from deploy.processes.sweeper import MOST_SKEWED_SECONDS, PATIENT_SECONDS
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined
from schemas.errors import Misconfigured
from sla.core.written import RulesRefused
from sla.store.watching import cases_elsewhere, nobodys_cases

#: Project choice: enough to look at, few enough for a line.
_SHOWN = 5


async def check_clocks(settings: Settings) -> Finding:
    """Whether this machine's clock, every living process's, and the brokers', agree with the database's."""
    async with connect(settings) as db:
        told = await living_clocks(db, SILENT_SECONDS)
    said = {process_at(name, host): msgspec.json.decode(health) for name, host, health in told}
    if refused := [who for who, health in said.items() if health.get("time_refused")]:
        who = joined(refused)
        return Finding(
            check="clocks",
            state="fail",
            found=Bilingual(
                zh=f"{who.zh}：{refused_time.SENTENCE.zh}", en=f"{who.en}: {refused_time.SENTENCE.en}"
            ),
            remedy=refused_time.REMEDY,
        )
    ahead = {Bilingual(zh="本机", en="this machine"): clock.ahead_seconds()}
    ahead |= {who: float(health.get("clock_ahead", 0.0)) for who, health in said.items()}
    wrong = [
        Bilingual(
            zh=f"{who.zh} 与数据库时钟相差 {by:+.1f} 秒",
            en=f"{who.en} is {by:+.1f} s from the database's clock",
        )
        for who, by in ahead.items()
        if abs(by) > MOST_SKEWED_SECONDS
    ]
    if wrong:
        return Finding(
            check="clocks",
            state="fail",
            found=joined(wrong),
            remedy=Bilingual(
                zh="请校准这些时钟（NTP）；那里的 sweep 进程会停下，其他进程按数据库时钟继续",
                en="set these clocks (NTP); a sweeper there stands still, the others go on by the database's clock",
            ),
        )
    most = max(map(abs, ahead.values()))
    well = Bilingual(
        zh=f"{len(ahead)} 个时钟与数据库相差不超过 {most:.1f} 秒",
        en=f"{len(ahead)} clocks within {most:.1f} s of the database's",
    )
    return Finding(check="clocks", state="ok", found=well)


async def check_deadlines(settings: Settings) -> Finding:
    """How far the deadlines' consumer has come: no breach is declared for later moments."""
    async with connect(settings) as db:
        reached = await reached_by(db, sla.subscribers.GROUP)
    if reached is None:
        return Finding(
            check="deadlines",
            state="warn",
            found=Bilingual(
                zh="sla 进程尚未运行过：不判定超期", en="no sla consumer has run yet: no breach is declared"
            ),
            remedy=Bilingual(zh="启动：huiyin work sla", en="start it: huiyin work sla"),
        )
    behind = (clock.now() - reached).total_seconds()
    if behind > PATIENT_SECONDS:
        return Finding(
            check="deadlines",
            state="fail",
            found=Bilingual(
                zh=f"sla 进程落后 {behind:,.0f} 秒：对尚未读到的部分不判定超期",
                en=f"the sla consumer is {behind:,.0f} s behind: no breach is declared for what it has not heard",
            ),
            remedy=Bilingual(
                zh="请确认 `huiyin work sla` 和 `huiyin relay` 在运行，并查看其日志",
                en="see that `huiyin work sla` and `huiyin relay` run, and what their logs say",
            ),
        )
    well = Bilingual(zh=f"已判定到 {behind:.1f} 秒之前", en=f"judged up to {behind:.1f} s ago")
    return Finding(check="deadlines", state="ok", found=well)


async def check_rules(settings: Settings) -> Finding:
    """Whether the rules file can be used: where it cannot, the last good one is."""
    try:
        rules = composition.deadline_rules(settings)
    except RulesRefused as refused:
        why, file = refused.in_both(), settings.rules_file
        return Finding(
            check="rules",
            state="fail",
            found=Bilingual(
                zh=f"时限规则文件不可用，沿用上一份可用的：{why.zh}",
                en=f"the rules file cannot be used, the last good one is: {why.en}",
            ),
            remedy=Bilingual(
                zh=f"请修改：huiyin rules check {file}；然后重新启动 sweep、work 和 serve",
                en=f"mend it: huiyin rules check {file}; then start sweep, work and serve anew",
            ),
        )
    version = Bilingual(zh=f"版本 {rules.version}", en=f"version {rules.version}")
    return Finding(check="rules", state="ok", found=version)


async def check_cases(settings: Settings) -> Finding:
    """Whether every open case is somebody's, by a time: at least one of its clocks runs."""
    async with connect(settings) as db:
        settled = clock.now() - timedelta(seconds=PATIENT_SECONDS)
        found = await nobodys_cases(db, settled, _SHOWN + 1)
    if found:
        shown, more = ", ".join(found[:_SHOWN]), len(found) > _SHOWN
        return Finding(
            check="cases",
            state="fail",
            found=Bilingual(
                zh=f"未办结而没有计时的件：{shown}{'等' if more else ''}",
                en=f"open cases of which no clock runs: {shown}{' and more' if more else ''}",
            ),
            remedy=Bilingual(zh="全部补发：huiyin reconcile", en="say everything again: huiyin reconcile"),
        )
    well = Bilingual(zh="每个未办结的件都有承办者和时限", en="every open case is somebody's, by a time")
    return Finding(check="cases", state="ok", found=well)


async def check_departments(settings: Settings) -> Finding:
    """Whether every open case is with a department that the city has, and that somebody acts for.

    Of a department that left nobody can be given an account.
    """
    async with connect(settings) as db:
        found = await cases_elsewhere(db, composition.city_of(settings).department)
        nobodys = await cases_elsewhere(db, await acting_departments(db))
    if found:
        zh, en = _counted(found)
        code = next(iter(found))
        return Finding(
            check="departments",
            state="warn",
            found=Bilingual(
                zh=f"未办结的件还在城市里已没有的单位手中：{zh}",
                en=f"open cases are with departments that the city has no more: {en}",
            ),
            remedy=Bilingual(
                zh=f"督办员在 /watch?department={code} 看临近和超期的；派单员在 /review/in-hand 批量改派，"
                "或把单位放回 departments.toml",
                en=f"supervisors see at /watch?department={code} what presses; a dispatcher moves them at "
                "/review/in-hand, or the department goes back into departments.toml",
            ),
        )
    if nobodys:
        zh, en = _counted(nobodys)
        add = f"huiyin user add NAME --role department --department {next(iter(nobodys))}"
        return Finding(
            check="departments",
            state="warn",
            found=Bilingual(
                zh=f"未办结的件在无人能登录、也没有令牌的单位手中：{zh}",
                en=f"open cases are with departments for which nobody can sign in and no system has a token: {en}",
            ),
            remedy=Bilingual(
                zh=f"{add}，或由派单员改派", en=f"{add}, or a dispatcher moves them (/review/in-hand)"
            ),
        )
    well = Bilingual(
        zh="每个未办结的件都在城市现有的、有人能办理的单位手中",
        en="every open case is with a department of the city that somebody acts for",
    )
    return Finding(check="departments", state="ok", found=well)


def _counted(cases: Mapping[str, int]) -> tuple[str, str]:
    """Each department with how many, in Chinese and English."""
    zh = "、".join(f"{code}（{count} 件）" for code, count in cases.items())
    return zh, ", ".join(f"{code} ({count})" for code, count in cases.items())


async def check_files(settings: Settings) -> Sequence[Finding]:
    """Whether the city's own files can be used, whatever runs: its departments and zone, its words, its deadlines."""
    found = [_usable("city", "CITY_DIRECTORY", lambda: composition.city_of(settings))]
    if found[0].state == "ok":
        found.append(_usable("words", "ROUTING_DIRECTORY", lambda: _load_words(settings)))
        found.append(await check_rules(settings))
    return found


def _load_words(settings: Settings) -> None:
    """The city's own, or ours beside its departments: both of the release go together, and cost more than all else."""
    if settings.city_directory is not None or settings.routing_directory is not None:
        composition.routing_rules(settings)


def _usable(name: str, setting: str, load: Callable[[], object]) -> Finding:
    try:
        load()
    except Misconfigured as error:
        remedy = Bilingual(
            zh="请修改所指出之处，然后重新启动所有进程",
            en="mend what it names, then start all processes anew",
        )
        return Finding(check=name, state="fail", found=error.in_both(), remedy=remedy)
    return Finding(check=name, state="ok", found=Bilingual(zh=f"{setting} 可用", en=f"{setting} can be used"))


TIME_CHECKS: Mapping[str, Callable[[Settings], Awaitable[Finding]]] = {
    "clocks": check_clocks,
    "deadlines": check_deadlines,
    "cases": check_cases,
    "departments": check_departments,
}
