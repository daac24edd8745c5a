"""What `huiyin audit` does, as the tests of its attackers ask for it."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy import composition
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import AnchorFiles
from deploy.audit.pins import read_pins
from deploy.audit.restores import restores
from deploy.audit.verification import Verified, verify_chains
from deploy.database.pool import connect, open_pool
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.client.client import open_admin
from deploy.messaging.topics.topics import wanted_topics
from deploy.settings import Settings
from schemas.city import load_city
from schemas.ids import CaseId
from schemas.topics import topic_name
from tests.stack import fresh_database


async def installed(postgres: EmbeddedPostgres, migrated: str, **more: object) -> Settings:
    """A migrated database of its own with two roles, and a secret. `more`: settings besides."""
    owner = await fresh_database(postgres.url, like=migrated)
    application = postgres.application_url.rpartition("/")[0] + "/" + owner.rpartition("/")[2]
    return Settings.model_validate(
        {
            "database_url": application,
            "migration_database_url": owner,
            "secret_key": "a secret for tests only, long enough",
            **more,
        }
    )


async def with_topic(
    postgres: EmbeddedPostgres, migrated: str, kafka: EmbeddedKafka, data: Path, *shorts: str
) -> Settings:
    """The same with a folder for anchors and these topics, on which nothing is yet."""
    prefix = f"t{secrets.token_hex(4)}"
    settings = (await installed(postgres, migrated, data=data, topic_prefix=prefix)).model_copy(
        update=kafka.client_settings()
    )
    async with open_admin(settings) as admin:
        wanted = wanted_topics(settings, load_city())
        await admin.create_topics([wanted[topic_name(short, prefix)] for short in shorts])
    return settings


async def make_anchor(settings: Settings) -> None:
    """Write one anchor into the folder of the settings."""
    async with open_pool(settings, size=1) as pool:
        await write_anchor(settings, pool)


async def verify(settings: Settings, said: Mapping[CaseId, int] | None = None) -> Verified:
    """What is found of the logs beside the anchors of that folder, and beside what was `said` on Kafka."""
    keys = composition.audit_keys(settings)
    async with connect(settings) as db, db.transaction(isolation="repeatable_read", readonly=True):
        pins = read_pins(AnchorFiles(directory_of(settings)), keys, restores=await restores(db))
        return await verify_chains(db, keys, pins=pins, said=said)


async def case_row(settings: Settings, case_id: CaseId) -> dict[str, Any]:
    """The case's row of now: what a thief of a copy has of it."""
    async with connect(settings.as_owner) as db:
        (row,) = await db.fetch("SELECT * FROM handlers.case WHERE case_id = $1", case_id)
        return dict(row)


async def cut_to(settings: Settings, saved: dict[str, Any]) -> None:
    """The log's tail goes, and the case becomes what it was: a thief of backups can do that without the key."""
    columns = [name for name in saved if name != "case_id"]
    values = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=3))
    async with connect(settings.as_owner) as db, db.transaction():
        await db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
        await db.execute(
            "DELETE FROM handlers.log WHERE case_id = $1 AND seq > $2", saved["case_id"], saved["log_seq"]
        )
        await db.execute(
            f"UPDATE handlers.case SET {values} WHERE case_id = $1 AND $2::int = 0",  # noqa: S608  its own columns
            saved["case_id"], 0, *(saved[name] for name in columns),
        )  # fmt: skip
        await db.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")
