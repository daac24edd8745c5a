"""What was public without anybody's yes is out of sight after the migration, and nothing of it is lost."""

from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

_PUBLISHED = """
INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department, replied_at, search)
VALUES ($1, 'T', '路灯', '坏了', '修好了', 'lighting', 'housing', now(), '')
"""
_CASE = """
INSERT INTO intake.case (case_id, tracking_code, access_code_hash, channel, source, content_hash, language, title, text,
    confidential, publish, received_at, registered_at)
VALUES ($1, 'T', '', 'web', 'web', '', 'zh-Hans', '路灯', '坏了', false, true, now(), now())
"""


async def test_published_answers_wait_for_their_citizens(postgres_server: EmbeddedPostgres) -> None:
    """Kept aside whole; the case says that nobody allowed it."""
    settings = await database_of("0007", postgres_server)
    async with connect(settings) as db:
        for statement in (_PUBLISHED, _CASE):
            await db.execute(statement, "00000000-0000-0000-0000-000000000001")
    await migrate(settings)
    async with connect(settings) as db:
        published = await db.fetchval("SELECT count(*) FROM intake.published")
        withheld = await db.fetchrow("SELECT title, response FROM intake.withheld")
        consent = await db.fetchval("SELECT publish FROM intake.case")

    assert (0, ("路灯", "修好了"), False) == (published, tuple(withheld or ()), consent)
