"""What operators watch, and who may."""

from functools import partial

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.composition import changing_by_command
from deploy.database.beats import forget, known_beats, living_clocks, store_beat
from deploy.database.pool import Pool
from deploy.observability.metrics import SERIES
from deploy.settings import Settings
from schemas.city import load_city
from schemas.words import Role
from tests.stack import eventually


async def test_metrics_are_the_operators(http: aiohttp.ClientSession, pool: Pool, settings: Settings) -> None:
    """This machine and administrators' tokens see them; strangers and other tokens do not, nor who comes by a proxy."""
    async with pool.acquire() as db:
        tokens_of = {
            role: await tokens.create_token(
                db,
                token_secrets(settings),
                load_city(),
                changing_by_command(settings),
                name=role.value,
                role=role,
            )
            for role in (Role.ADMINISTRATOR, Role.SUPERVISOR)
        }
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    statuses = []
    for headers in (
        {},
        elsewhere,
        elsewhere | {"Authorization": f"Bearer {tokens_of[Role.SUPERVISOR]}"},
        elsewhere | {"Authorization": f"Bearer {tokens_of[Role.ADMINISTRATOR]}"},
    ):
        async with http.get("/metrics", headers=headers) as answer:
            statuses.append(answer.status)
            text = await answer.text()

    assert [200, 401, 403, 200] == statuses
    assert 'process="web"' in text


async def test_metrics_are_those_that_are_told_of(http: aiohttp.ClientSession) -> None:
    """No name and no label that the page of metrics lacks."""
    async with http.get("/api/v1/idle"):
        pass
    async with http.get("/metrics") as answer:
        families = [*text_string_to_metric_families(await answer.text())]
    shown = [sample for family in families for sample in family.samples]
    ends = {"histogram": ("_bucket", "_count", "_sum")}
    told = {
        f"{name}{end}": series.labels
        for name, series in SERIES.items()
        for end in ends.get(series.type, ("",))
    }
    named = {sample.name: {*sample.labels} - {"process", "replica", "le"} for sample in shown}

    assert "huiyin_http_seconds_bucket" in named
    assert {} == {
        name: labels
        for name, labels in named.items()
        if labels - {*told.get(name, ("?",))} or name not in told
    }


async def _statuses(http: aiohttp.ClientSession, *paths: str) -> list[int]:
    found = []
    for path in paths:
        async with http.get(path) as answer:
            found.append(answer.status)
    return found


async def test_a_web_is_ready_while_consumers_are_not(http: aiohttp.ClientSession) -> None:
    """No process lives but the web: it takes messages all the same, the city is not whole, and each kind is told apart."""
    paths = (
        "/healthz",
        "/readyz",
        "/readyz/web",
        "/readyz/kafka",
        "/readyz/city",
        "/readyz/sla",
        "/readyz/nobody",
    )

    assert [200, 200, 200, 200, 503, 503, 404] == await _statuses(http, *paths)
    async with http.get("/readyz") as answer:
        found = await answer.json()
    assert ["kafka", "postgres"] == found["needs"]
    assert "silent" == found["checks"]["intake"]["reason"]


async def test_a_web_without_its_database_is_not_ready(without_postgres: aiohttp.ClientSession) -> None:
    """It still answers, for balancers to leave it in: messages are taken."""
    paths = ("/healthz", "/readyz", "/readyz/kafka", "/readyz/sla", "/readyz/city")

    assert [200, 503, 200, 503, 503] == await _statuses(without_postgres, *paths)


async def test_one_of_two_that_is_unwell_is_named(http: aiohttp.ClientSession, pool: Pool) -> None:
    """Two of a kind, on one machine or on two, speak for themselves; both are counted."""
    well = '{"ok": true, "reason": "", "lag": {"sla": 3}}'
    stuck = '{"ok": false, "reason": "no progress: sla", "lag": {"sla": 4}}'
    metric = "# TYPE huiyin_made_up counter\nhuiyin_made_up_total {}\n"
    for replica, health, count in (("a#1", well, 5), ("b#1", stuck, 7)):
        await store_beat(
            pool,
            name="sla",
            replica=replica,
            pid=1,
            health=health,
            metrics=metric.format(count),
            silent_seconds=10.0,
        )
    async with http.get("/readyz/sla") as answer:
        status, found = answer.status, (await answer.json())["checks"]["sla"]
    async with http.get("/metrics") as answer:
        text = await answer.text()
    for replica in ("a#1", "b#1"):
        await forget(pool, name="sla", replica=replica)

    assert 503 == status
    assert "b#1: no progress: sla" == found["reason"]
    assert {"sla": 7} == found["lag"]
    assert [("a#1", True), ("b#1", False)] == sorted(
        (each["replica"], each["ok"]) for each in found["replicas"]
    )
    assert 'huiyin_made_up_total{process="sla",replica="a#1"} 5' in text
    assert 'huiyin_made_up_total{process="sla",replica="b#1"} 7' in text


async def test_a_beat_of_the_future_is_no_life(pool: Pool) -> None:
    """The clock was ahead when it died, and was set back since: it speaks for nobody, whoever lives does."""
    for replica in ("dead#1", "living#1"):
        await store_beat(
            pool, name="sla", replica=replica, pid=1, health="{}", metrics=None, silent_seconds=10.0
        )
    ahead = "UPDATE deploy.process SET beat_at = now() + interval '4 days' WHERE host = 'dead#1'"
    await pool.execute(ahead)
    known = [row["replica"] for row in await known_beats(pool, 10.0) if row["name"] == "sla"]
    living = [replica for name, replica, _ in await living_clocks(pool, 10.0) if name == "sla"]
    for replica in ("dead#1", "living#1"):
        await forget(pool, name="sla", replica=replica)

    assert ["living#1"] == known == living


async def test_none_comes_to_life_when_the_clock_gets_there_again(pool: Pool) -> None:
    """It was set back after one had died: the next beat of anybody puts that where no later moment finds it alive."""
    beat = partial(
        store_beat, pool, name="sla", pid=1, health="{}", metrics="huiyin_made_up 5", silent_seconds=10.0
    )
    for replica in ("dead#1", "near#1", "living#1"):
        await beat(replica=replica)
    ahead = "UPDATE deploy.process SET beat_at = now() + make_interval(secs => $1) WHERE host = $2"
    for seconds, replica in ((3600.0, "dead#1"), (5.0, "near#1"), (3600.0, "living#1")):
        await pool.execute(ahead, seconds, replica)
    await beat(replica="living#1")
    found = await pool.fetch(
        "SELECT host, extract(epoch FROM now() - beat_at)::float8 AS age FROM deploy.process"
    )
    ages = {row["host"]: row["age"] for row in found}
    for replica in ("dead#1", "near#1", "living#1"):
        await forget(pool, name="sla", replica=replica)

    assert 3000 < ages["dead#1"]
    assert ages["living#1"] < 600
    assert ages["near#1"] < 600


async def test_a_beat_without_metrics_leaves_those_that_were_told(pool: Pool) -> None:
    """They are told seldom, and a beat that waits for no disk changes that for nobody else."""
    async with pool.acquire() as db, db.transaction():
        told = [
            await store_beat(
                db, name="sla", replica="c#1", pid=1, health="{}", metrics=metrics, silent_seconds=10.0
            )
            for metrics in ("huiyin_made_up 5", None)
        ]
        within = await db.fetchval("SHOW synchronous_commit")
        kept = await db.fetchval("SELECT metrics FROM deploy.process WHERE host = 'c#1'")
        await forget(db, name="sla", replica="c#1")
    async with pool.acquire() as db:
        after = await db.fetchval("SHOW synchronous_commit")

    assert "huiyin_made_up 5" == kept
    assert sorted(told) == told
    assert ["off", "on"] == [within, after]


async def test_a_folder_of_files_that_is_another_one_is_told(
    http: aiohttp.ClientSession, settings: Settings
) -> None:
    """The web takes messages, and no file: the city is not well until the folder is back, and it is said why."""
    data, elsewhere = settings.data, settings.data.with_name(f"{settings.data.name}-elsewhere")
    assert [200] == await _statuses(http, "/readyz/files")
    data.rename(elsewhere)
    data.mkdir()

    async def is_told() -> bool:
        return [503, 503, 200] == await _statuses(http, "/readyz/files", "/readyz/city", "/readyz")

    await eventually(is_told)
    async with http.get("/readyz/files") as answer:
        told = (await answer.json())["checks"]["files"]
    data.rmdir()
    elsewhere.rename(data)

    async def is_well() -> bool:
        return [200] == await _statuses(http, "/readyz/files")

    await eventually(is_well)
    assert f"{data}/attachments is not the folder of files any more" in told["reason"]
    assert f"附件目录 {data}/attachments 已不是各进程启动时的目录" in told["reason_zh"]
