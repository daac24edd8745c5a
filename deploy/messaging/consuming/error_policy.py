"""What a failure means for a batch: try again, make one record a dead letter, or stop."""

from enum import StrEnum

import asyncpg
from aiokafka.errors import KafkaError
from asyncpg.exceptions import _base as _client_errors

from deploy.database.pool import TRANSIENT
from schemas.errors import DataRefused, Unavailable


class ErrorKind(StrEnum):
    """What to do about an error."""

    #: Nothing wrong with the data: the same again, a little later.
    TRANSIENT = "transient"
    #: One record can never pass: find it, make it a dead letter.
    DATA = "data"
    #: Ours: the schema is not the one this release needs, or memory ran out. Stop and let a person see.
    FATAL = "fatal"


_DATA = (
    DataRefused,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.CardinalityViolationError,
    # Too long for an index or a tsvector.
    asyncpg.ProgramLimitExceededError,
    # A trigger refused the row.
    asyncpg.PLPGSQLError,
    _client_errors.DataError,
)
_FATAL = (asyncpg.SyntaxOrAccessError, MemoryError)
#: Whatever else Postgres says is about Postgres, never about a record: a failover that left it read-only, a
#: changed password, a schema that changes under us. Such a thing must not make dead letters of whole batches.
#: Nor does what Kafka says when it is asked where a partition begins, or to take a dead letter.
_TRANSIENT = (*TRANSIENT, asyncpg.PostgresError, KafkaError, Unavailable)


def error_kind(error: Exception) -> ErrorKind:
    """What `error` means. A defect in a step counts as data: a dead letter, and the cap on those stops a bad release."""
    if isinstance(error, _DATA):
        return ErrorKind.DATA
    if isinstance(error, _FATAL):
        return ErrorKind.FATAL
    if isinstance(error, _TRANSIENT):
        return ErrorKind.TRANSIENT
    return ErrorKind.DATA


def dead_letter_reason(error: Exception) -> str:
    """The short reason that a dead letter carries; never the data itself."""
    if isinstance(error, DataRefused):
        return str(error.facts["reason"])
    if isinstance(error, asyncpg.PostgresError):
        return f"postgres:{error.sqlstate}"
    return f"defect:{type(error).__name__}"
