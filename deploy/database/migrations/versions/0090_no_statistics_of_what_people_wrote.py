"""Postgres keeps no samples of what people wrote, nor of seals: no query asks by them, and they outlived erasure."""

from collections.abc import Sequence

from alembic import op

revision: str = "0090"
down_revision: str | Sequence[str] | None = "0089"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Of what no query asks by. `ANALYZE` kept up to two hundred values of each column, and took twice as long for it.
_NOT_ASKED_BY = {
    "deploy.outbox": ("body",),
    "deploy.quarantine": ("body",),
    "handlers.case": (
        *("title", "text", "place", "attachments", "files", "asks"),
        *("note", "response", "log_hash", "log_seal", "message_seal", "traceparent"),
    ),
    "handlers.command": ("answer",),
    "handlers.contradiction": ("remarks",),
    "handlers.entry": ("content", "published", "remarks"),
    "handlers.entry_log": ("content", "remarks"),
    "handlers.log": ("detail", "hash"),
    "handlers.supplement": ("text", "said", "attachments"),
    "handlers.withdrawal": ("reason",),
    "intake.attachment": ("name",),
    "intake.case": ("title", "text", "place_address", "content_hash"),
    "intake.entry": ("content",),
    "intake.forgotten": ("reason",),
    "intake.published": ("title", "text", "response"),
    "intake.sealed": ("sealed",),
    "intake.silent_call": ("sealed",),
    "intake.supplement": ("text", "sealed"),
    "intake.view": ("timeline", "response", "rating_comment", "question"),
    "intake.withheld": ("title", "text", "response", "search"),
    "routing.case": (
        *("title", "text", "place", "attachments", "added_files"),
        *("supplement", "response", "response_files", "parts", "before_move", "cleared"),
    ),
    "routing.clearance": ("reason",),
    "routing.reading": ("remarks",),
    "routing.review_item": ("candidates", "reasons", "detail"),
    "routing.told": ("words",),
    "sla.call_back": ("note", "why_not"),
    "sla.counted": ("holders", "measures", "amounts"),
    "sla.exclusion": ("reason", "steps"),
    "sla.history": ("detail",),
    "sla.report": ("body", "reason"),
    "sla.supervision": ("text", "report"),
    "sla.withdrawal": ("why",),
}
_NONE, _AS_USUAL = 0, -1
#: `ANALYZE` passes over such a column from now on, and leaves what it took before: that goes here. Postgres has a function
#: for it since 18; docs/operations.md says what to do with an earlier one.
_CLEAR = """
    DO $$ BEGIN
        IF to_regprocedure('pg_clear_attribute_stats(text, text, text, boolean)') IS NOT NULL THEN
            PERFORM pg_clear_attribute_stats('{schema}', '{name}', '{column}', false);
        END IF;
    END $$
"""


def upgrade() -> None:
    """To this release's schema."""
    _keep_statistics(_NONE)
    for table, columns in _NOT_ASKED_BY.items():
        schema, name = table.split(".")
        for column in columns:
            op.execute(_CLEAR.format(schema=schema, name=name, column=column))


def downgrade() -> None:
    """Back to the schema before."""
    _keep_statistics(_AS_USUAL)


def _keep_statistics(target: int) -> None:
    # Changes the catalogue alone: nobody who reads or writes waits for it.
    for table, columns in _NOT_ASKED_BY.items():
        schema, name = table.split(".")
        changes = ", ".join(f"ALTER COLUMN {column} SET STATISTICS {target}" for column in columns)
        op.execute(f'ALTER TABLE {schema}."{name}" {changes}')
