"""Sends text arrays to Postgres without asyncpg asking Python of every value whether it is itself an array.

A statement of ours takes a whole batch, a column an array. The driver asks of each element whether it is an array itself, by
way of abstract classes: 0.4 µs of Python for each value, two thirds of what sending a batch costs. Every text, and every
array, is known for what it is by its type, and so is whatever plainly is no array; all else is asked as before, so that
nothing is answered otherwise.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg.protocol import protocol

#: What most values are: text, bytes, and the columns themselves.
_PLAIN = (str, bytes, list, tuple)
#: What the others are, none of which holds anything.
_SINGLE = frozenset({type(None), bool, int, float, datetime, date, UUID})


class _Rest(type):
    """Types that stand for an abstract class, where the value is nothing single."""

    asked: type

    def __instancecheck__(cls, value: Any) -> bool:
        return type(value) not in _SINGLE and isinstance(value, cls.asked)


def know_texts_by_type() -> None:
    """Have asyncpg look at the type of a value, as this module says, in this process. A second call changes nothing.

    tests/integration/deploy/database/test_arrays.py fails where a new asyncpg no longer looks here.
    """
    for name in ("IterableABC", "SizedABC"):
        asked = getattr(protocol, name)
        if not isinstance(asked, tuple):
            setattr(protocol, name, (*_PLAIN, _Rest(name, (), {"asked": asked})))
