"""Views from before the column get what their citizens could do until then."""

from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

#: State and what was used, and what the citizen may do after the migration.
_VIEWS: tuple[tuple[str | None, str, set[str] | None], ...] = (
    (None, "", None),
    ("in_review", "", None),
    ("assigned", "", {"supplement", "withdrawal"}),
    ("reopened", "objected_at", {"supplement", "withdrawal"}),
    ("in_progress", "withdrawal_at", {"supplement"}),
    ("replied", "", {"supplement"}),
    ("closed", "", {"rating", "objection"}),
    ("closed", "objected_at", {"rating"}),
    ("merged", "", set()),
)
_VIEW = """
INSERT INTO intake.view (case_id, state, objected_at, withdrawal_at)
VALUES ($1, $2, CASE WHEN $3 = 'objected_at' THEN now() END, CASE WHEN $3 = 'withdrawal_at' THEN now() END)
"""


async def test_what_the_citizen_may_do_is_filled_in(postgres_server: EmbeddedPostgres) -> None:
    """By the state that the view shows; nothing is written where no department has the case."""
    settings = await database_of("0002", postgres_server)
    async with connect(settings) as db:
        for number, (state, used, _) in enumerate(_VIEWS):
            await db.execute(_VIEW, f"00000000-0000-0000-0000-{number:012}", state, used)
    await migrate(settings)
    async with connect(settings) as db:
        rows = await db.fetch("SELECT citizen_may FROM intake.view ORDER BY case_id")

    found = [None if row["citizen_may"] is None else set(row["citizen_may"]) for row in rows]
    assert [may for _, _, may in _VIEWS] == found
