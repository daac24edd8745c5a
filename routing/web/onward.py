"""The next case of the queue: which part a dispatcher works through, and which cases they put off.

Both travel in addresses and forms: nothing is stored, a case that is put off stays where it waits, and whoever goes to the
queue begins anew.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from routing.steps.read_queue import count_waiting, read_queue
from routing.web.views import Cursor
from schemas.http import Redirect, read
from schemas.ids import UUID_PATTERN, CaseId
from schemas.ports import Unit
from schemas.words import ReviewKind

#: Cases put off at once, before the first comes again (project choice: an address of 2,000 characters passes everywhere).
MOST_PUT_OFF = 50


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """`among`: the part of the queue; None: all of it. `later`: the cases that are put off, with commas.

    `at`: the cursor of the queue's page that the case was opened from; None: its first.
    """

    among: ReviewKind | None = None
    later: Annotated[
        str, msgspec.Meta(pattern=f"^({UUID_PATTERN}(,{UUID_PATTERN}){{0,{MOST_PUT_OFF - 1}}})?$")
    ] = ""
    at: Cursor | None = None

    @property
    def queue(self) -> str:
        """The address of the queue where the dispatcher left it."""
        return _address("/review", self._place)

    @property
    def _place(self) -> dict[str, str]:
        return ({"kind": self.among.value} if self.among else {}) | ({"cursor": self.at} if self.at else {})

    def back(self, told: Mapping[str, str] = MappingProxyType({})) -> Redirect:
        """To the queue where the dispatcher left it, and what it says of what they did."""
        return Redirect(to=_address("/review", dict(told) | self._place))

    @property
    def onto(self) -> str:
        """What an address of one case of that page has behind its path, so that the way goes on."""
        return _address("", _fields(self))

    @property
    def put_off(self) -> tuple[CaseId, ...]:
        """The cases that are put off, the first first."""
        return tuple(CaseId(each) for each in self.later.split(",") if each)


def way_of(form: Mapping[str, str]) -> Way:
    """The way that a form of ours goes on.

    Raises:
        BadInput: a field does not fit.
    """
    return read(Way, {name: form[name] for name in ("among", "later", "at") if form.get(name)})


def putting_off(way: Way, case_id: CaseId) -> Way:
    """The same way, with one case more for later."""
    every = [*(each for each in way.put_off if each != case_id), case_id]
    return replace(way, later=",".join(every[-MOST_PUT_OFF:]))


async def onward(unit: Unit, way: Way, done: str | None = None) -> Redirect:
    """To the first case of that part of the queue that is not put off; to the queue, where none is left.

    `done`: the tracking code of what was decided just now.
    """
    page = await read_queue(unit, way.among, None, 1, without=way.put_off)
    told = {"done": done} if done else {}
    if page.rows:
        return Redirect(to=_address(f"/review/{page.rows[0].case.case_id}", told | _fields(way)))
    left = await count_waiting(unit, way.among, way.put_off) if way.later else 0
    told |= {"kind": way.among.value} if way.among else {}
    return Redirect(to=_address("/review", told | ({"left": str(left)} if left else {})))


def back_to(case_id: CaseId, way: Way, told: Mapping[str, str] = MappingProxyType({})) -> Redirect:
    """To a case that waits for more, or again; the way goes on from there."""
    return Redirect(to=_address(f"/review/{case_id}", dict(told) | _fields(way)))


def _fields(way: Way) -> dict[str, str]:
    told = {"among": way.among and way.among.value, "later": way.later, "at": way.at}
    return {name: each for name, each in told.items() if each}


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe=',')}" if query else path
