"""Cities for `bench pages`: laid out by SQL, counted into the sums by the product, with people who may look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy import clock, composition
from deploy.accounts import sessions
from deploy.bench.alike_sql import alike_loads, alike_seed
from deploy.bench.figures import say
from deploy.bench.preload import LOADING_SECONDS, preload, without_indexes
from deploy.composition import housekeeping
from deploy.composition.acceptance import tally_promises
from deploy.database.pool import PATIENT, Connection, connect, open_pool
from deploy.database.unit_of_work import PostgresUnit
from deploy.settings import Settings
from intake.core.codes import derive
from schemas.words import Role
from sla.core.calendar import china_calendar
from sla.steps.tally import tally

#: The unit whose desk is looked at.
UNIT = "housing"
#: Counted in one transaction: fewer rounds than the sweeper's (project choice).
_AT_ONCE = 20_000
_FOLLOWED, _PUBLISHED = _CODED = ("followed", "published")
#: One in fifty is told in confidence (project choice).
_PRIVATE = "UPDATE sla.case SET private = true WHERE abs(hashtext(case_id::text)) % 50 = 0"
#: Which case stands for which place in a path.
_FIND = {
    "assigned": "SELECT case_id FROM handlers.case WHERE lead = $1 AND state = 'assigned' ORDER BY received_at LIMIT 1",
    "closed": "SELECT case_id FROM handlers.case WHERE lead = $1 AND state = 'closed' ORDER BY closed_at DESC LIMIT 1",
    "in review": "SELECT case_id FROM routing.review_item WHERE state = 'open' AND $1 <> '' ORDER BY opened_at LIMIT 1",
    "to call back": "SELECT case_id FROM sla.call_back WHERE state = 'open' AND $1 <> '' ORDER BY drawn_at LIMIT 1",
    "entry": "SELECT entry_id FROM handlers.entry WHERE owner = $1 AND state = 'live' ORDER BY entry_id LIMIT 1",
    _PUBLISHED: """SELECT tracking_code FROM intake.published WHERE department = $1
        ORDER BY replied_at DESC OFFSET 100 LIMIT 1""",
    _FOLLOWED: """SELECT tracking_code FROM handlers.case WHERE lead = $1 AND state = 'assigned'
        ORDER BY received_at LIMIT 1""",
}
#: Gives a case a code that the site takes for its own.
_CODE = """
    WITH i AS (UPDATE intake.case SET tracking_code = $2 WHERE tracking_code = $1),
         r AS (UPDATE routing.case SET tracking_code = $2 WHERE tracking_code = $1),
         s AS (UPDATE sla.case SET tracking_code = $2 WHERE tracking_code = $1),
         p AS (UPDATE intake.published SET tracking_code = $2 WHERE tracking_code = $1)
    UPDATE handlers.case SET tracking_code = $2 WHERE tracking_code = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOfCity:
    """What is known of a city to whoever asks."""

    tokens: Mapping[Role, str]
    cookies: Mapping[Role, str]
    #: What stands at the places of paths.
    places: Mapping[str, str]
    access_code: str


async def lay_out(settings: Settings, demo: Mapping[str, Any], cases: int) -> KnownOfCity:
    """Put `cases` cases into the empty database, and count them. `demo`: what the demo's file tells."""
    await preload(settings, cases, seed=alike_seed(), loads=alike_loads())
    async with open_pool(settings, size=2) as pool:
        await housekeeping.count_words(settings, pool)
        while await tally_promises(settings, pool):
            pass
    async with connect(settings, PATIENT) as db:
        await db.execute(_PRIVATE, timeout=LOADING_SECONDS)
        await _count(db, settings)
        for table in ('sla."case"', "sla.counted", "sla.tally"):
            await db.execute(f"VACUUM (ANALYZE) {table}", timeout=LOADING_SECONDS)
        return await _known(db, settings, demo)


async def _count(db: Connection, settings: Settings) -> None:
    """Into the sums, as the sweeper does."""
    counted, found = 0, _AT_ONCE
    async with without_indexes(db, ["sla.counted"]):
        while found:
            async with db.transaction():
                unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
                found = await tally(unit, calendar=china_calendar(), limit=_AT_ONCE)
            counted += found
            say(f"counted {counted:,} cases into the sums")


async def _known(db: Connection, settings: Settings, demo: Mapping[str, Any]) -> KnownOfCity:
    roles = {Role(name): token for name, token in demo["tokens"].items() if name != "departments"}
    places = {place: str(await db.fetchval(query, UNIT)) for place, query in _FIND.items()}
    codes = {place: derive(composition.intake_keys(settings).code_secret, place.encode()) for place in _CODED}
    for place, found in codes.items():
        await db.execute(_CODE, places[place], found.tracking_code)
        places[place] = found.tracking_code
    now, keys = clock.now(), composition.sign_in_keys(settings)
    usernames = {
        Role(each["role"]): each["username"]
        for each in demo["accounts"]
        if each.get("department") in (None, UNIT)
    }
    return KnownOfCity(
        tokens=roles | {Role.DEPARTMENT: demo["tokens"]["departments"][UNIT]},
        cookies={role: await sessions.open_session(db, keys, name, now) for role, name in usernames.items()},
        places=places,
        access_code=codes[_FOLLOWED].access_code,
    )
