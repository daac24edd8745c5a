"""What `huiyin doctor` finds about time: whose clock is wrong, and how far deadlines are judged."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

import sla.subscribers
from deploy import clock, composition
from deploy.commands.findings import Finding
from deploy.database.beats import living_clocks
from deploy.database.pool import connect
from deploy.database.progress import reached_by
from deploy.messaging import refused_time
from deploy.processes.runtime import SILENT_SECONDS
from deploy.processes.sweeper import MOST_SKEWED_SECONDS, PATIENT_SECONDS
from deploy.settings import Settings
from schemas.errors import Misconfigured
from sla.core.written import RulesRefused
from sla.store.watching import nobodys_cases

#: Project choice: enough to look at, few enough for a line.
_SHOWN = 5


async def check_clocks(settings: Settings) -> Finding:
    """Whether this machine's clock, every living process's, and the brokers', agree with the database's."""
    async with connect(settings) as db:
        told = await living_clocks(db, SILENT_SECONDS)
    said = {f"{name} on {host}": msgspec.json.decode(health) for name, host, health in told}
    if refused := [who for who, health in said.items() if health.get("time_refused")]:
        return Finding(
            check="clocks",
            state="fail",
            found=f"{', '.join(refused)}: {refused_time.SENTENCE}",
            remedy=refused_time.REMEDY,
        )
    ahead = {"this machine": clock.ahead_seconds()}
    ahead |= {who: float(health.get("clock_ahead", 0.0)) for who, health in said.items()}
    wrong = {who: by for who, by in ahead.items() if abs(by) > MOST_SKEWED_SECONDS}
    if wrong:
        return Finding(
            check="clocks",
            state="fail",
            found="; ".join(f"{who} is {by:+.1f} s from the database's clock" for who, by in wrong.items()),
            remedy="set these clocks (NTP); a sweeper there stands still, the others go on by the database's clock",
        )
    most = max(ahead.values(), key=abs)
    return Finding(
        check="clocks", state="ok", found=f"{len(ahead)} clocks within {abs(most):.1f} s of the database's"
    )


async def check_deadlines(settings: Settings) -> Finding:
    """How far the deadlines' consumer has come: no breach is declared for later moments."""
    async with connect(settings) as db:
        reached = await reached_by(db, sla.subscribers.GROUP)
    if reached is None:
        return Finding(
            check="deadlines",
            state="warn",
            found="no sla consumer has run yet: no breach is declared",
            remedy="start it: huiyin work sla",
        )
    behind = (clock.now() - reached).total_seconds()
    if behind > PATIENT_SECONDS:
        return Finding(
            check="deadlines",
            state="fail",
            found=f"the sla consumer is {behind:,.0f} s behind: no breach is declared for what it has not heard",
            remedy="see that `huiyin work sla` and `huiyin relay` run, and what their logs say",
        )
    return Finding(check="deadlines", state="ok", found=f"judged up to {behind:.1f} s ago")


async def check_rules(settings: Settings) -> Finding:
    """Whether the rules file can be used: where it cannot, the last good one is."""
    try:
        rules = composition.deadline_rules(settings)
    except RulesRefused as refused:
        return Finding(
            check="rules",
            state="fail",
            found=f"the rules file cannot be used, the last good one is: {refused}",
            remedy=f"mend it: huiyin rules check {settings.rules_file}; then start sweep, work and serve anew",
        )
    return Finding(check="rules", state="ok", found=f"version {rules.version}")


async def check_cases(settings: Settings) -> Finding:
    """Whether every open case is somebody's, by a time: at least one of its clocks runs."""
    async with connect(settings) as db:
        settled = clock.now() - timedelta(seconds=PATIENT_SECONDS)
        found = await nobodys_cases(db, settled, _SHOWN + 1)
    if found:
        more = " and more" if len(found) > _SHOWN else ""
        return Finding(
            check="cases",
            state="fail",
            found=f"open cases of which no clock runs: {', '.join(found[:_SHOWN])}{more}",
            remedy="say everything again: huiyin reconcile",
        )
    return Finding(check="cases", state="ok", found="every open case is somebody's, by a time")


async def check_files(settings: Settings) -> Sequence[Finding]:
    """Whether the city's own files can be used, whatever runs: its departments and zone, its words, its deadlines."""
    found = [_usable("city", "CITY_DIRECTORY", lambda: composition.city_of(settings))]
    if found[0].state == "ok":
        found.append(_usable("words", "ROUTING_DIRECTORY", lambda: composition.routing_rules(settings)))
        found.append(await check_rules(settings))
    return found


def _usable(name: str, setting: str, load: Callable[[], object]) -> Finding:
    try:
        load()
    except Misconfigured as error:
        remedy = "mend what it names, then start all processes anew"
        return Finding(check=name, state="fail", found=str(error), remedy=remedy)
    return Finding(check=name, state="ok", found=f"{setting} can be used")


TIME_CHECKS: Mapping[str, Callable[[Settings], Awaitable[Finding]]] = {
    "clocks": check_clocks,
    "deadlines": check_deadlines,
    "cases": check_cases,
}
