"""What an error means for a batch."""

import asyncpg
import pytest
from asyncpg.exceptions import _base as client_errors

from deploy.messaging.error_policy import Meaning, meaning_of, reason_of
from schemas.errors import BadInput, DataRefused, Unavailable


@pytest.mark.parametrize(
    ("meaning", "error"),
    [
        (Meaning.DATA, DataRefused("no_such_department")),
        (Meaning.DATA, asyncpg.CharacterNotInRepertoireError("\\u0000")),
        (Meaning.DATA, asyncpg.NumericValueOutOfRangeError("10^30")),
        (Meaning.DATA, asyncpg.UniqueViolationError("twice")),
        (Meaning.DATA, asyncpg.ForeignKeyViolationError("of nothing")),
        (Meaning.DATA, asyncpg.CardinalityViolationError("a row a second time")),
        (Meaning.DATA, asyncpg.ProgramLimitExceededError("too long for an index")),
        (Meaning.DATA, asyncpg.RaiseError("a trigger refuses")),
        (Meaning.DATA, client_errors.DataError("not a uuid")),
        (Meaning.DATA, KeyError("a defect")),
        (Meaning.DATA, UnicodeEncodeError("utf-8", "\ud800", 0, 1, "half a pair")),
        (Meaning.DATA, BadInput([])),
        (Meaning.TRANSIENT, asyncpg.ConnectionDoesNotExistError("gone")),
        (Meaning.TRANSIENT, asyncpg.CannotConnectNowError("starting up")),
        (Meaning.TRANSIENT, asyncpg.AdminShutdownError("shutting down")),
        (Meaning.TRANSIENT, asyncpg.DeadlockDetectedError("two")),
        (Meaning.TRANSIENT, asyncpg.SerializationError("again")),
        (Meaning.TRANSIENT, asyncpg.TooManyConnectionsError("full")),
        (Meaning.TRANSIENT, asyncpg.DiskFullError("full")),
        (Meaning.TRANSIENT, asyncpg.QueryCanceledError("slow")),
        (Meaning.TRANSIENT, asyncpg.InterfaceError("connection is closed")),
        (Meaning.TRANSIENT, asyncpg.InternalClientError("on a connection that has just died")),
        (Meaning.TRANSIENT, asyncpg.ReadOnlySQLTransactionError("after a failover")),
        (Meaning.TRANSIENT, asyncpg.InvalidPasswordError("rotated")),
        (Meaning.TRANSIENT, asyncpg.InvalidCatalogNameError("being restored")),
        (Meaning.TRANSIENT, asyncpg.InvalidCachedStatementError("migrated meanwhile")),
        (Meaning.TRANSIENT, asyncpg.PostgresIOError("disk")),
        (Meaning.TRANSIENT, ConnectionRefusedError()),
        (Meaning.TRANSIENT, TimeoutError()),
        (Meaning.TRANSIENT, Unavailable("kafka")),
        (Meaning.FATAL, asyncpg.UndefinedTableError("not migrated")),
        (Meaning.FATAL, asyncpg.UndefinedColumnError("not migrated")),
        (Meaning.FATAL, asyncpg.InsufficientPrivilegeError("not ours")),
        (Meaning.FATAL, MemoryError()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_error_means(meaning: Meaning, error: Exception) -> None:
    """Only what is about one record puts it aside; what is about Postgres never does."""
    assert meaning == meaning_of(error)


def _postgres_errors() -> list[type[asyncpg.PostgresError]]:
    found = [value for value in vars(asyncpg).values() if isinstance(value, type)]
    return [error for error in found if issubclass(error, asyncpg.PostgresError) and error.sqlstate]


@pytest.mark.parametrize("error", _postgres_errors(), ids=lambda error: error.__name__)
def test_no_trouble_of_the_server_puts_records_aside(error: type[asyncpg.PostgresError]) -> None:
    """Of all that Postgres can say, only these classes speak of the data (SQLSTATE, appendix A of its manual)."""
    if error.sqlstate[:2] not in ("21", "22", "23", "54", "P0"):
        assert Meaning.DATA != meaning_of(error("…"))


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("no_such_department", DataRefused("no_such_department")),
        ("postgres:22021", asyncpg.CharacterNotInRepertoireError("张三 13812345678")),
        ("defect:KeyError", KeyError("13812345678")),
    ],
)
def test_reasons_never_hold_the_data(reason: str, error: Exception) -> None:
    """A dead letter's reason is a word that can be filtered by, and safe to log."""
    assert reason == reason_of(error)
