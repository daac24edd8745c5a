"""Names that stand twice in an object."""

import json

import pytest

from schemas import said_twice as module
from schemas.said_twice import said_twice


class _Compared(str):
    """A name that counts how often it is compared with another."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        type(self).times += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def _many(count: int) -> bytes:
    return json.dumps({f"k{number}": number for number in range(count)}).encode()


def test_so_many_names_cost_no_more_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each compared with each, what a stranger sends in one request stops a process for a minute."""
    plain = module._name
    monkeypatch.setattr(module, "_name", lambda raw: _Compared(plain(raw)))

    assert said_twice(_many(2_000)) is None
    assert _Compared.times < 2_000


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (rb'{"a": {"b": 1}, "c": [{"b": 2}, {"b": 3}]}', None),
        (rb'["a", "a"]', None),
        (rb'{"a": "\"b\": 1, \"b\": 2}", "c": "{"}', None),
        (rb'{"a\\": 1, "a": 2}', None),
        (b'{"\xd6": 1, "\xd7": 2}', None),
        (b'{"a": {"b": 1}, "c": 2, "a"\r\n: 3}', "a"),
        (rb'{"a": [{"b": {}, "b": 1}]}', "b"),
        (rb'{"\u8def": 1, "' + "路".encode() + rb'": 2}', "路"),
        (rb'{"\ud800": 1, "\ud800": 2}', "\ufffd"),
        (rb'{"": 1, "": 2}', ""),
    ],
)
def test_a_name_that_stands_twice_is_found_however_it_is_written(raw: bytes, name: str | None) -> None:
    """Only within one object, and only a name."""
    assert said_twice(raw) == name
