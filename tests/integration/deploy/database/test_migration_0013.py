"""Hashes from before get their key, so that what they were of is found as before and by nobody else."""

import hashlib

from deploy.composition import intake_keys
from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

_FIRST, _SECOND = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2))
_CONTENT, _KEY, _ADDED = (hashlib.sha256(word).digest() for word in (b"content", b"key", b"added"))
_CASE = """
INSERT INTO intake.case (case_id, tracking_code, access_code_hash, channel, source, key_hash, content_hash, language,
    title, text, confidential, publish, received_at, registered_at)
VALUES ($1, $2, '', 'web', 'web', $3, $4, 'zh-Hans', '路灯', '坏了', false, true, now(), now())
"""
_SUPPLEMENT = "INSERT INTO intake.supplement (case_id, content_hash, at, text) VALUES ($1, $2, now(), 'x')"


async def test_kept_hashes_get_their_key(postgres_server: EmbeddedPostgres) -> None:
    """As intake makes them; a case without a key stays without."""
    settings = await database_of("0012", postgres_server)
    async with connect(settings) as db:
        await db.execute(_CASE, _FIRST, "1", _KEY, _CONTENT)
        await db.execute(_CASE, _SECOND, "2", None, _CONTENT)
        await db.execute(_SUPPLEMENT, _FIRST, _ADDED)
    await migrate(settings)
    async with connect(settings) as db:
        cases = await db.fetch("SELECT content_hash, key_hash FROM intake.case ORDER BY case_id")
        added = await db.fetchval("SELECT content_hash FROM intake.supplement")
    keyed = intake_keys(settings).keyed

    assert [(keyed(_CONTENT), keyed(_KEY)), (keyed(_CONTENT), None)] == [tuple(row) for row in cases]
    assert keyed(_ADDED) == added
