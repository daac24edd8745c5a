"""The first schema"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


#: Refuses every change of the log but an added row.
APPEND_ONLY_LOG: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION handlers.refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'handlers.log is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE ON handlers.log
    FOR EACH ROW EXECUTE FUNCTION handlers.refuse_log_change()""",
    """CREATE OR REPLACE TRIGGER log_is_not_truncated BEFORE TRUNCATE ON handlers.log
    FOR EACH STATEMENT EXECUTE FUNCTION handlers.refuse_log_change()""",
)


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("(role = 'department') = (department IS NOT NULL)", name="account_department"),
        sa.PrimaryKeyConstraint("username"),
        schema="deploy",
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
        schema="deploy",
    )
    op.create_index(
        "inbox_handled_at", "inbox", ["handled_at"], unique=False, schema="deploy", postgresql_using="brin"
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("event_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="deploy",
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "20000",
            "toast_tuple_target": "8160",
        },
    )
    op.create_table(
        "process",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("health", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "host"),
        schema="deploy",
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("event_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="deploy",
    )
    op.create_table(
        "token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(role = 'department') = (department IS NOT NULL)", name="token_department"),
        sa.PrimaryKeyConstraint("token_hash"),
        schema="deploy",
    )
    op.create_index(
        "token_department_living",
        "token",
        ["department"],
        unique=False,
        schema="deploy",
        postgresql_where="revoked_at IS NULL",
    )
    op.create_table(
        "case",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("supporting", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("has_contact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("publish", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_before_review", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sign_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("overdue", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("return_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("return_barred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("extension_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("extension_days", sa.Integer(), nullable=True),
        sa.Column("reopened_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("urged_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("supervised", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("log_seq", sa.Integer(), nullable=False),
        sa.Column("log_hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="handlers",
        postgresql_with={"fillfactor": "80", "toast_tuple_target": "4096"},
    )
    op.create_index(
        "case_ended_by_lead",
        "case",
        ["lead", "closed_at", "case_id"],
        unique=False,
        schema="handlers",
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "case_open_by_lead",
        "case",
        ["lead", sa.literal_column("coalesce(due_at, 'infinity')"), "case_id"],
        unique=False,
        schema="handlers",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "case_open_by_supporting",
        "case",
        ["supporting"],
        unique=False,
        schema="handlers",
        postgresql_using="gin",
        postgresql_where=sa.text("closed_at IS NULL AND supporting <> '{}'"),
    )
    op.create_table(
        "command",
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("department", "command_id"),
        schema="handlers",
    )
    op.create_index("command_at", "command", ["at"], unique=False, schema="handlers", postgresql_using="brin")
    op.create_table(
        "log",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq"),
        schema="handlers",
    )
    op.create_table(
        "supplement",
        sa.Column("supplement_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("supplement_id"),
        schema="handlers",
    )
    op.create_index(
        "supplement_by_case", "supplement", ["case_id", "supplement_id"], unique=False, schema="handlers"
    )
    op.create_table(
        "withdrawal",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="handlers",
    )
    op.create_table(
        "case",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("access_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_hash", sa.LargeBinary(), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place_address", sa.Text(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole_text", sa.BigInteger(), nullable=True),
        sa.Column("first_clause", sa.BigInteger(), nullable=True),
        sa.Column("second_clause", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
        postgresql_with={"toast_tuple_target": "4096"},
    )
    op.create_index(
        "case_external_hash",
        "case",
        ["external_hash"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("external_hash IS NOT NULL"),
    )
    op.create_index(
        "case_external_id",
        "case",
        ["channel", "source", "external_id"],
        unique=True,
        schema="intake",
        postgresql_where=sa.text("external_id IS NOT NULL AND source <> 'web'"),
    )
    op.create_index(
        "case_first_clause",
        "case",
        ["first_clause", "received_at"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("first_clause IS NOT NULL"),
    )
    op.create_index(
        "case_key_hash",
        "case",
        ["key_hash"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("key_hash IS NOT NULL"),
    )
    op.create_index(
        "case_second_clause",
        "case",
        ["second_clause", "received_at"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("second_clause IS NOT NULL"),
    )
    op.create_index("case_tracking_code", "case", ["tracking_code"], unique=True, schema="intake")
    op.create_table(
        "nonce",
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app", "nonce"),
        schema="intake",
    )
    op.create_index("nonce_at", "nonce", ["at"], unique=False, schema="intake")
    op.create_table(
        "published",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
    )
    op.create_index(
        "published_category",
        "published",
        ["category", sa.literal_column("replied_at DESC"), sa.literal_column("case_id DESC")],
        unique=False,
        schema="intake",
    )
    op.create_index(
        "published_department",
        "published",
        ["department", sa.literal_column("replied_at DESC"), sa.literal_column("case_id DESC")],
        unique=False,
        schema="intake",
    )
    op.create_index(
        "published_newest",
        "published",
        [sa.literal_column("replied_at DESC"), sa.literal_column("case_id DESC")],
        unique=False,
        schema="intake",
    )
    op.create_index(
        "published_region",
        "published",
        ["region", sa.literal_column("replied_at DESC"), sa.literal_column("case_id DESC")],
        unique=False,
        schema="intake",
    )
    op.create_index(
        "published_search", "published", ["search"], unique=False, schema="intake", postgresql_using="gin"
    )
    op.create_index("published_tracking_code", "published", ["tracking_code"], unique=True, schema="intake")
    op.create_table(
        "sealed",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
    )
    op.create_index(
        "sealed_phone",
        "sealed",
        ["phone_index"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("phone_index IS NOT NULL"),
    )
    op.create_table(
        "supplement",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "content_hash"),
        schema="intake",
    )
    op.create_table(
        "view",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("rating_comment", sa.Text(), nullable=True),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timeline", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "case",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("supporting", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("supplement", sa.Text(), server_default="", nullable=False),
        sa.Column("place", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("has_contact", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("accused", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("suspected_duplicate", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("merged_into", sa.UUID(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
        schema="routing",
        postgresql_with={"toast_tuple_target": "4096"},
    )
    op.create_index(
        "case_merged_into",
        "case",
        ["merged_into"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index("case_tracking_code", "case", ["tracking_code"], unique=True, schema="routing")
    op.create_table(
        "review_item",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("case_id", "kind", "version"),
        schema="routing",
    )
    op.create_index(
        "review_item_open",
        "review_item",
        ["opened_at", "case_id", "kind", "version"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "alert",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("deadline_version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("raised_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "clock", "level", "deadline_version"),
        schema="sla",
    )
    op.create_index("alert_department", "alert", ["department", "seq"], unique=False, schema="sla")
    op.create_index("alert_seq", "alert", ["seq"], unique=True, schema="sla")
    op.create_table(
        "calendar_day",
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("calendar", "day"),
        schema="sla",
    )
    op.create_table(
        "case",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("replied_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reply_workdays", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("urged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("supervised", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="sla",
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("case_received_at", "case", ["received_at"], unique=False, schema="sla")
    op.create_table(
        "clock",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("near_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("escalate_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("next_alert_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("next_level", sa.Text(), nullable=True),
        sa.Column("deadline_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("allow", sa.Text(), nullable=False),
        sa.Column("near", sa.Text(), nullable=True),
        sa.Column("escalate_after", sa.Text(), nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("missed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("missed_version", sa.Integer(), nullable=True),
        sa.Column("stopped_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "clock"),
        schema="sla",
        postgresql_with={"fillfactor": "90"},
    )
    op.create_index(
        "clock_next_alert_at",
        "clock",
        ["next_alert_at"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("next_alert_at IS NOT NULL"),
    )
    op.create_index(
        "clock_pressing",
        "clock",
        ["due_at"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("state = 'running' AND next_level IS DISTINCT FROM 'near'"),
    )
    op.create_index(
        "clock_provisional",
        "clock",
        ["case_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("provisional AND state <> 'stopped'"),
    )
    op.create_table(
        "history",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.PrimaryKeyConstraint("seq"),
        schema="sla",
    )
    op.create_index("history_case", "history", ["case_id", "seq"], unique=False, schema="sla")
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["deploy.account.username"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
        schema="deploy",
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("session_expires_at", "session", ["expires_at"], unique=False, schema="deploy")
    op.create_index("session_username", "session", ["username"], unique=False, schema="deploy")
    for statement in APPEND_ONLY_LOG:
        op.execute(statement)


def downgrade() -> None:
    """Back."""
    op.drop_index("session_username", table_name="session", schema="deploy")
    op.drop_index("session_expires_at", table_name="session", schema="deploy")
    op.drop_table("session", schema="deploy")
    op.drop_index("history_case", table_name="history", schema="sla")
    op.drop_table("history", schema="sla")
    op.drop_index(
        "clock_provisional",
        table_name="clock",
        schema="sla",
        postgresql_where=sa.text("provisional AND state <> 'stopped'"),
    )
    op.drop_index(
        "clock_pressing",
        table_name="clock",
        schema="sla",
        postgresql_where=sa.text("state = 'running' AND next_level IS DISTINCT FROM 'near'"),
    )
    op.drop_index(
        "clock_next_alert_at",
        table_name="clock",
        schema="sla",
        postgresql_where=sa.text("next_alert_at IS NOT NULL"),
    )
    op.drop_table("clock", schema="sla")
    op.drop_index("case_received_at", table_name="case", schema="sla")
    op.drop_table("case", schema="sla")
    op.drop_table("calendar_day", schema="sla")
    op.drop_index("alert_seq", table_name="alert", schema="sla")
    op.drop_index("alert_department", table_name="alert", schema="sla")
    op.drop_table("alert", schema="sla")
    op.drop_index(
        "review_item_open",
        table_name="review_item",
        schema="routing",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("review_item", schema="routing")
    op.drop_index("case_tracking_code", table_name="case", schema="routing")
    op.drop_index(
        "case_merged_into",
        table_name="case",
        schema="routing",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.drop_table("case", schema="routing")
    op.drop_table("view", schema="intake")
    op.drop_table("supplement", schema="intake")
    op.drop_index(
        "sealed_phone",
        table_name="sealed",
        schema="intake",
        postgresql_where=sa.text("phone_index IS NOT NULL"),
    )
    op.drop_table("sealed", schema="intake")
    op.drop_index("published_tracking_code", table_name="published", schema="intake")
    op.drop_index("published_search", table_name="published", schema="intake", postgresql_using="gin")
    op.drop_index("published_region", table_name="published", schema="intake")
    op.drop_index("published_newest", table_name="published", schema="intake")
    op.drop_index("published_department", table_name="published", schema="intake")
    op.drop_index("published_category", table_name="published", schema="intake")
    op.drop_table("published", schema="intake")
    op.drop_index("nonce_at", table_name="nonce", schema="intake")
    op.drop_table("nonce", schema="intake")
    op.drop_index("case_tracking_code", table_name="case", schema="intake")
    op.drop_index(
        "case_second_clause",
        table_name="case",
        schema="intake",
        postgresql_where=sa.text("second_clause IS NOT NULL"),
    )
    op.drop_index(
        "case_key_hash", table_name="case", schema="intake", postgresql_where=sa.text("key_hash IS NOT NULL")
    )
    op.drop_index(
        "case_first_clause",
        table_name="case",
        schema="intake",
        postgresql_where=sa.text("first_clause IS NOT NULL"),
    )
    op.drop_index(
        "case_external_id",
        table_name="case",
        schema="intake",
        postgresql_where=sa.text("external_id IS NOT NULL AND source <> 'web'"),
    )
    op.drop_index(
        "case_external_hash",
        table_name="case",
        schema="intake",
        postgresql_where=sa.text("external_hash IS NOT NULL"),
    )
    op.drop_table("case", schema="intake")
    op.drop_table("withdrawal", schema="handlers")
    op.drop_index("supplement_by_case", table_name="supplement", schema="handlers")
    op.drop_table("supplement", schema="handlers")
    op.drop_table("log", schema="handlers")
    op.drop_index("command_at", table_name="command", schema="handlers", postgresql_using="brin")
    op.drop_table("command", schema="handlers")
    op.drop_index(
        "case_open_by_supporting",
        table_name="case",
        schema="handlers",
        postgresql_using="gin",
        postgresql_where=sa.text("closed_at IS NULL AND supporting <> '{}'"),
    )
    op.drop_index(
        "case_open_by_lead",
        table_name="case",
        schema="handlers",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "case_ended_by_lead",
        table_name="case",
        schema="handlers",
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.drop_table("case", schema="handlers")
    op.drop_index(
        "token_department_living", table_name="token", schema="deploy", postgresql_where="revoked_at IS NULL"
    )
    op.drop_table("token", schema="deploy")
    op.drop_table("quarantine", schema="deploy")
    op.drop_table("process", schema="deploy")
    op.drop_table("outbox", schema="deploy")
    op.drop_index("inbox_handled_at", table_name="inbox", schema="deploy", postgresql_using="brin")
    op.drop_table("inbox", schema="deploy")
    op.drop_table("account", schema="deploy")
