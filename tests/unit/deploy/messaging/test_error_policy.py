"""What an error means for a batch."""

import asyncpg
import pytest
from aiokafka.errors import KafkaTimeoutError, UnknownError
from asyncpg.exceptions import _base as client_errors

from deploy.messaging.consuming.error_policy import ErrorKind, dead_letter_reason, error_kind
from schemas.errors import BadInput, DataRefused, Unavailable


@pytest.mark.parametrize(
    ("meaning", "error"),
    [
        (ErrorKind.DATA, DataRefused("no_such_department")),
        (ErrorKind.DATA, asyncpg.CharacterNotInRepertoireError("\\u0000")),
        (ErrorKind.DATA, asyncpg.NumericValueOutOfRangeError("10^30")),
        (ErrorKind.DATA, asyncpg.UniqueViolationError("twice")),
        (ErrorKind.DATA, asyncpg.ForeignKeyViolationError("of nothing")),
        (ErrorKind.DATA, asyncpg.CardinalityViolationError("a row a second time")),
        (ErrorKind.DATA, asyncpg.ProgramLimitExceededError("too long for an index")),
        (ErrorKind.DATA, asyncpg.RaiseError("a trigger refuses")),
        (ErrorKind.DATA, client_errors.DataError("not a uuid")),
        (ErrorKind.DATA, KeyError("a defect")),
        (ErrorKind.DATA, UnicodeEncodeError("utf-8", "\ud800", 0, 1, "half a pair")),
        (ErrorKind.DATA, BadInput([])),
        (ErrorKind.TRANSIENT, asyncpg.ConnectionDoesNotExistError("gone")),
        (ErrorKind.TRANSIENT, asyncpg.CannotConnectNowError("starting up")),
        (ErrorKind.TRANSIENT, asyncpg.AdminShutdownError("shutting down")),
        (ErrorKind.TRANSIENT, asyncpg.DeadlockDetectedError("two")),
        (ErrorKind.TRANSIENT, asyncpg.SerializationError("again")),
        (ErrorKind.TRANSIENT, asyncpg.TooManyConnectionsError("full")),
        (ErrorKind.TRANSIENT, asyncpg.DiskFullError("full")),
        (ErrorKind.TRANSIENT, asyncpg.QueryCanceledError("slow")),
        (ErrorKind.TRANSIENT, asyncpg.InterfaceError("connection is closed")),
        (ErrorKind.TRANSIENT, asyncpg.InternalClientError("on a connection that has just died")),
        (ErrorKind.TRANSIENT, asyncpg.ReadOnlySQLTransactionError("after a failover")),
        (ErrorKind.TRANSIENT, asyncpg.InvalidPasswordError("rotated")),
        (ErrorKind.TRANSIENT, asyncpg.InvalidCatalogNameError("being restored")),
        (ErrorKind.TRANSIENT, asyncpg.InvalidCachedStatementError("migrated meanwhile")),
        (ErrorKind.TRANSIENT, asyncpg.PostgresIOError("disk")),
        (ErrorKind.TRANSIENT, ConnectionRefusedError()),
        (ErrorKind.TRANSIENT, TimeoutError()),
        (ErrorKind.TRANSIENT, KafkaTimeoutError("asked where a partition begins")),
        (ErrorKind.TRANSIENT, UnknownError("a broker that stops")),
        (ErrorKind.TRANSIENT, Unavailable("kafka")),
        (ErrorKind.FATAL, asyncpg.UndefinedTableError("not migrated")),
        (ErrorKind.FATAL, asyncpg.UndefinedColumnError("not migrated")),
        (ErrorKind.FATAL, asyncpg.InsufficientPrivilegeError("not ours")),
        (ErrorKind.FATAL, MemoryError()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_error_means(meaning: ErrorKind, error: Exception) -> None:
    """Only what is about one record makes it a dead letter; what is about Postgres never does."""
    assert meaning == error_kind(error)


#: Of all that Postgres can say, only these classes speak of the data (SQLSTATE, appendix A of its manual).
_ABOUT_DATA = ("21", "22", "23", "54", "P0")


def _server_troubles() -> list[type[asyncpg.PostgresError]]:
    found = [value for value in vars(asyncpg).values() if isinstance(value, type)]
    errors = [error for error in found if issubclass(error, asyncpg.PostgresError) and error.sqlstate]
    return [error for error in errors if error.sqlstate[:2] not in _ABOUT_DATA]


@pytest.mark.parametrize("error", _server_troubles(), ids=lambda error: error.__name__)
def test_no_trouble_of_the_server_makes_dead_letters(error: type[asyncpg.PostgresError]) -> None:
    """Whatever ails Postgres itself, every record stays where it is."""
    assert ErrorKind.DATA != error_kind(error("…"))


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
    assert reason == dead_letter_reason(error)
