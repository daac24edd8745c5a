"""Postgres keeps no samples of what people wrote: they would outlive its erasure."""

import asyncpg

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import migrate
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

#: What columns are called that hold somebody's words, or a document with them.
_SAID = (
    *("text", "title", "response", "note", "remarks", "reason", "why", "why_not", "said", "words", "report"),
    *(
        "rating_comment",
        "place",
        "place_address",
        "detail",
        "timeline",
        "question",
        "asks",
        "content",
        "supplement",
    ),
    *("candidates", "reasons", "answer", "body", "sealed", "attachments"),
)
#: A city's own rules and calendar, learned words, codes of why something waits, and what is called so and is no word.
_NOBODYS = {
    "intake.attached.place",
    "sla.call_back.why",
    "sla.rules_text.text",
    "sla.calendar_change.reason",
    "routing.ruling.words",
    "routing.precision_wish.reason",
    "deploy.notice.reason",
    "deploy.endpoint_change.reason",
    "deploy.quarantine.reason",
}


async def test_what_people_wrote_is_in_no_statistics(migrated: str) -> None:
    """Unless a query asks by it, and then it has an index."""
    db = await asyncpg.connect(migrated)
    rows = await db.fetch(
        """
        SELECT format('%s.%s.%s', n.nspname, c.relname, a.attname) AS name
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND a.attnum > 0 AND n.nspname = ANY ($1::text[]) AND a.attname = ANY ($2::text[])
          AND a.attstattarget IS DISTINCT FROM 0 AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey::int2[]))
        """,
        sorted(SCHEMAS),
        list(_SAID),
    )
    await db.close()

    assert {row["name"] for row in rows} - _NOBODYS == set()


async def test_what_was_taken_before_goes(postgres_server: EmbeddedPostgres) -> None:
    """Nothing would ever replace it."""
    settings = await database_of("0089", postgres_server)
    db = await asyncpg.connect(settings.database_url)
    await db.execute(
        """
        INSERT INTO intake.silent_call (case_id, source, call_id, started_at, received_at, sealed)
        SELECT gen_random_uuid(), 'hotline', n::text, now(), now(), convert_to('王小明 ' || n, 'UTF8')
        FROM generate_series(1, 50) AS n
        """
    )
    await db.execute("ANALYZE intake.silent_call")
    sampled = "SELECT attname FROM pg_stats WHERE schemaname = 'intake' AND tablename = 'silent_call'"
    before = {row[0] for row in await db.fetch(sampled)}

    await migrate(settings)

    assert {row[0] for row in await db.fetch(sampled)} == before - {"sealed"}
    assert "sealed" in before
    await db.close()
