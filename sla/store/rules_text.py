"""The rules files that were good when they were read."""

from schemas.ports import Database


async def last_good_rules(db: Database) -> str | None:
    """The text of the newest one; None where there never was one."""
    text: str | None = await db.fetchval("SELECT text FROM sla.rules_text ORDER BY seq DESC LIMIT 1")
    return text


async def rules_texts(db: Database) -> list[str]:
    """Every text that ever was good, the oldest first: open clocks may go by what any of them says."""
    return [row["text"] for row in await db.fetch("SELECT text FROM sla.rules_text ORDER BY seq")]


async def keep_good_rules(db: Database, version: str, text: str) -> None:
    """Keep a text that was checked, unless it is the newest already."""
    await db.execute(
        """
        INSERT INTO sla.rules_text (at, version, text)
        SELECT clock_timestamp(), $1, $2
        WHERE $2 IS DISTINCT FROM (SELECT text FROM sla.rules_text ORDER BY seq DESC LIMIT 1)
        """,
        version,
        text,
    )
