"""How Alembic runs here: over a connection that `deploy.database.migrate` opened, all slices' schemas at once."""

from alembic import context

from deploy.database.metadata import SCHEMAS, metadata

connection = context.config.attributes["connection"]
# Each revision commits by itself: what one locks, the next, which may sum for long, holds from nobody.
connection.commit()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in SCHEMAS


context.configure(
    connection=connection,
    target_metadata=metadata(),
    include_schemas=True,
    include_name=_is_ours,
    version_table_schema="deploy",
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
