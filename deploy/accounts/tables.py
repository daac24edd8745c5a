"""The site's tables: staff accounts, their sessions, other systems' tokens. Secrets are kept as hashes."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    false,
    func,
)
from sqlmodel import Field, SQLModel

_SCHEMA = {"schema": "deploy"}
#: Refuses every change of what was done to accounts but an added row. Run in this order, after the table exists; idempotent.
_APPEND_ONLY: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION deploy.refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'deploy.account_change is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER account_change_is_append_only BEFORE UPDATE OR DELETE ON deploy.account_change
    FOR EACH ROW EXECUTE FUNCTION deploy.refuse_account_change()""",
    """CREATE OR REPLACE TRIGGER account_change_is_not_truncated BEFORE TRUNCATE ON deploy.account_change
    FOR EACH STATEMENT EXECUTE FUNCTION deploy.refuse_account_change()""",
)


class Account(SQLModel, table=True):
    """Somebody who signs in with a password."""

    __tablename__ = "account"
    __table_args__ = (
        # A department's person without a department would see nothing, or, after a mistake, everything.
        CheckConstraint("(role = 'department') = (department IS NOT NULL)", name="account_department"),
        _SCHEMA,
    )

    username: str = Field(sa_column=Column(Text, primary_key=True))
    #: Argon2id, with its parameters and salt.
    password_hash: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    department: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    disabled: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    #: A demo made it, and its password is no secret; a new password makes it somebody's own.
    demo: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class AccountChangeRow(SQLModel, table=True):
    """Who made an account, gave it a password or a role, disabled it or let it in again; who made or revoked a token.

    Sealed rows, which only grow.
    """

    __tablename__ = "account_change"
    __table_args__ = (_SCHEMA | {"info": {"after_create": _APPEND_ONLY}},)

    #: Without a gap.
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: Its name, or the token's.
    account: str = Field(sa_column=Column(Text, nullable=False))
    #: `deploy.accounts.changes.What`.
    what: str = Field(sa_column=Column(Text, nullable=False))
    #: What it has from then on, and its department.
    role: str = Field(sa_column=Column(Text, nullable=False))
    department: str | None = Field(default=None, sa_column=Column(Text))
    #: The account that was signed in; by command who ran it (`deploy.accounts.who_runs`).
    by: str = Field(sa_column=Column(Text, nullable=False))
    #: SHA-256 of what lets somebody in since (`deploy.accounts.changes.digest_of`); None: an earlier release wrote the row.
    digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    #: HMAC-SHA-256 of the row and of the seal before it, under the audit's key.
    seal: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Session(SQLModel, table=True):
    """One browser that somebody signed in with. Over when idle, when too long, or when signed out."""

    __tablename__ = "session"
    __table_args__ = (
        # Signing in deletes what is over; disabling an account ends its sessions.
        Index("session_expires_at", "expires_at"),
        Index("session_username", "username"),
        # `seen_at` changes once a minute: leave room on the page, so that the indexes stay untouched.
        _SCHEMA | {"postgresql_with": {"fillfactor": "80"}},
    )

    #: SHA-256 of the cookie.
    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    username: str = Field(
        sa_column=Column(Text, ForeignKey("deploy.account.username", ondelete="CASCADE"), nullable=False)
    )
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SignInTry(SQLModel, table=True):
    """How often somebody tried to sign in with one name, or from one known device, since it last went well."""

    __tablename__ = "sign_in_try"
    __table_args__ = (
        # Pruning deletes by age.
        Index("sign_in_try_last_at", "last_at"),
        _SCHEMA,
    )

    #: A keyed hash of the name or the device.
    whose: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    tries: int = Field(sa_column=Column(Integer, nullable=False))
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Token(SQLModel, table=True):
    """What another system shows instead of a password: a department's own, or one for a role."""

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint("(role = 'department') = (department IS NOT NULL)", name="token_department"),
        # Commands on Kafka are checked against the living tokens of the department that they name.
        Index("token_department_living", "department", postgresql_where="revoked_at IS NULL"),
        _SCHEMA,
    )

    #: What it is found by: a keyed hash.
    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    #: What its department signs commands with, sealed; None of a role's.
    command_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    name: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    department: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    #: From then on it opens and signs nothing; None: it has no end.
    expires_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    #: Whether its system may say for which person it asks.
    acts_for_people: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    #: A demo made it, and it is no secret.
    demo: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
