"""The four slices over one transaction: what one says, the others hear, as deploy would carry it."""

from collections.abc import AsyncIterator, Mapping, Sequence

import handlers.subscribers
import intake.subscribers
import routing.subscribers
import sla.subscribers
from handlers.core.commands import CommandKey, CommandKeys
from intake.core.accepting import Accepted
from routing.core.rules import load_rules as routing_rules
from schemas.city import City
from schemas.event import Event
from schemas.events.commands import Command
from schemas.ids import DepartmentCode
from schemas.ports import Handler, Unit
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules as deadline_rules
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.unit.intake.messages import KEYS


class NoKeys(CommandKeys):
    """No department has a system of its own."""

    async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
        """None."""
        return ()


class Slices:
    """All that is said in a unit, carried to whoever hears it."""

    def __init__(self, unit: RecordingUnit, city: City) -> None:
        self.unit = unit
        subscriptions = {
            "intake": intake.subscribers.subscriptions(keys=KEYS, city=city),
            "routing": routing.subscribers.subscriptions(city=city, rules=routing_rules(city=city)),
            "handlers": handlers.subscribers.subscriptions(city=city, command_keys=NoKeys()),
            "sla": sla.subscribers.subscriptions(rules=deadline_rules(), calendar=named_calendar("china")),
        }
        self._lines: Mapping[str, list[Handler]] = {
            name: [line for each in of for line in each.handlers if not issubclass(line.event, Command)]
            for name, of in subscriptions.items()
        }

    async def submit(self, message: Accepted) -> None:
        """A citizen's message, to wherever it leads by itself."""
        await register(self.unit, message)
        await self.carry()

    async def carry(self) -> list[Event]:
        """Carry what was said until nobody says more; returns all of it."""
        carried: list[Event] = []
        while self.unit.emitted:
            event = self.unit.emitted.pop(0)
            carried.append(event)
            for lines in self._lines.values():
                for line in lines:
                    if line.event is type(event):
                        await self._hear(line, event)
        return carried

    async def hops(self, late: str) -> AsyncIterator[Event]:
        """The same, one slice's one event at a time; `late` hears only what is left when all others have heard all."""
        waiting: dict[str, list[Event]] = {name: [] for name in (*(set(self._lines) - {late}), late)}
        while True:
            for queue in waiting.values():
                queue += self.unit.emitted
            self.unit.emitted.clear()
            name = next((name for name, queue in waiting.items() if queue), None)
            if name is None:
                return
            event = waiting[name].pop(0)
            for line in self._lines[name]:
                if line.event is type(event):
                    await self._hear(line, event)
                    yield event

    async def _hear(self, line: Handler, event: Event) -> None:
        prepared = (line.prepare([event]),) if line.prepare else ()
        await line.step(self.unit, [event], *prepared)
