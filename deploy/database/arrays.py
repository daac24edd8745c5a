"""Arrays go to Postgres without a question of Python for each of their texts.

A statement of ours takes a whole batch, a column an array. The driver asks of each element whether it is an array itself, by
way of abstract classes: 0.4 µs of Python for each value, two thirds of what sending a batch costs. Every text, and every
array, is known for what it is by its type; whatever is neither is asked as before, so that nothing is answered otherwise.
"""

from asyncpg.protocol import protocol

#: What most values are: text, bytes, and the columns themselves.
_PLAIN = (str, bytes, list, tuple)


def know_texts_by_type() -> None:
    """From now on the driver of this process asks so. Twice is the same as once.

    tests/integration/deploy/database/test_arrays.py fails where a new asyncpg no longer looks here.
    """
    for name in ("IterableABC", "SizedABC"):
        asked = getattr(protocol, name)
        if not isinstance(asked, tuple):
            setattr(protocol, name, (*_PLAIN, asked))
