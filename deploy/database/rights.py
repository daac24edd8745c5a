"""What the application's own role may do in the database, where another role owns the tables.

Whoever gets hold of DATABASE_URL, or of a way to put SQL into a statement, can then neither rewrite nor shorten what was
logged, nor switch off what guards it.
"""

from collections.abc import Sequence

from deploy.database.metadata import SCHEMAS
from deploy.database.pool import Connection, connect
from deploy.settings import Settings

#: Only ever added to: no row can be changed or deleted.
APPEND_ONLY = (
    "deploy.account_change",
    "deploy.case_view",
    "deploy.endpoint_change",
    "deploy.operator_deed",
    "deploy.quarantine",
    "handlers.entry_log",
    "handlers.log",
    "handlers.supplement",
    "handlers.withdrawal",
    "intake.attached",
    "intake.case",
    "intake.forgotten",
    "intake.publication_limit",
    "intake.supplement",
    "routing.clearance",
    "routing.clearance_end",
    "routing.precision_wish",
    "routing.ruling",
    "routing.ruling_end",
    "routing.told",
    "sla.alert",
    "sla.deed",
    "sla.history",
    "sla.report",
    "sla.rules_text",
    "sla.withdrawal",
)
#: The only ones whose rows are deleted: queues, sessions, what is pruned by age, and what everybody may read no longer.
DELETABLE = (
    "deploy.inbox",
    "deploy.known_end",
    "deploy.notice",
    "deploy.outbox",
    "deploy.process",
    "deploy.progress",
    "deploy.rate_limit",
    "deploy.session",
    "deploy.sign_in_try",
    "handlers.command",
    "intake.attachment",
    "intake.letter",
    "intake.me_too",
    "intake.nonce",
    "intake.offer",
    "intake.published",
    "intake.settled",
    "intake.unanswered",
    "intake.withheld",
    "intake.word",
    "sla.counted",
)
#: Says which schema there is: for `doctor` to read.
_REVISION = "deploy.alembic_version"
#: Say which copies were brought back, and since when seals are made: the owner's to write.
_RESTORES, _SEALED_SINCE = "deploy.restore", "deploy.sealed_since"


def grants_to(role: str) -> Sequence[str]:
    """The statements, in order, by which the owner gives `role` what it needs and takes away what it had besides."""
    name, schemas = _quoted(role), ", ".join(SCHEMAS)
    return (
        f"GRANT USAGE ON SCHEMA {schemas} TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schemas} FROM {name}",
        f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {schemas} TO {name}",
        f"REVOKE UPDATE ON {', '.join(APPEND_ONLY)} FROM {name}",
        f"REVOKE INSERT, UPDATE ON {_REVISION}, {_RESTORES}, {_SEALED_SINCE} FROM {name}",
        f"GRANT DELETE ON {', '.join(DELETABLE)} TO {name}",
    )


def _quoted(role: str) -> str:
    escaped = role.replace('"', '""')
    return f'"{escaped}"'


async def application_role(settings: Settings) -> str | None:
    """The role that DATABASE_URL logs in as, where it is another than the owner's; None where they are one.

    Raises:
        PostgresAccessDenied: the server refuses one of them.
    """
    if not settings.migration_database_url:
        return None
    async with connect(settings) as db, connect(settings.as_owner) as owner:
        role: str = await db.fetchval("SELECT current_user")
        return None if role == await owner.fetchval("SELECT current_user") else role


# Whether the role that asks could rewrite the log: by a right, as the owner or one of its members, or as a superuser.
_MAY_REWRITE = """
SELECT coalesce(bool_or(has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') OR pg_has_role(c.relowner, 'MEMBER')), false)
FROM pg_class AS c WHERE c.oid = to_regclass('handlers.log')
"""


async def may_rewrite_the_log(db: Connection) -> bool:
    """Whether this connection's role could change or delete rows of the audit log, or remove what guards it."""
    return bool(await db.fetchval(_MAY_REWRITE))
