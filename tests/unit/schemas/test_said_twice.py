"""Names that stand twice in an object."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


class _Pairs(list[Any]):
    """Names with values, written as an object: a name may come twice."""


_NAMES = st.sampled_from(["a", "b", '"a', "a\\", "路", "__", 'a": 1, "b'])
_VALUES = st.recursive(
    st.sampled_from([0, "a", '"', "\\", '\\"a": {', "{", "a\\"]),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(_NAMES, inner), max_size=4).map(_Pairs),
    max_leaves=12,
)


def _written(value: Any, ascii_only: bool) -> str:
    if isinstance(value, _Pairs):
        pairs = (f"{_written(name, ascii_only)} : {_written(each, ascii_only)}" for name, each in value)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(each, ascii_only) for each in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def _parsed(raw: bytes) -> list[str]:
    """Every name that stands twice in its object, by Python's own parser."""
    twice: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        twice.extend(name for name in names if names.count(name) > 1)

    json.loads(raw, object_pairs_hook=note)
    return twice


@given(value=_VALUES, ascii_only=st.booleans())
def test_it_is_found_where_a_parser_finds_it(value: Any, ascii_only: bool) -> None:
    """Whatever stands in texts: quotation marks, backslashes, braces and colons."""
    raw = _written(value, ascii_only).encode()
    found, twice = said_twice(raw), _parsed(raw)

    assert found in twice if twice else found is None
