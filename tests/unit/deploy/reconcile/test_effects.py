"""A command that is brought back says again what it said: that is nobody's to do again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

import deploy.reconcile.effects as module
from deploy.docgen import golden
from deploy.reconcile.deeds import LostDeed
from deploy.reconcile.effects import effects_of, for_people
from deploy.reconcile.fates import FATES, EventFate, fate_of
from schemas.event import Event, decode
from schemas.events import commands, handlers, parts
from schemas.events.commands import Command
from schemas.ids import EventId
from tests.unit.intake.messages import NOW


def _lost(name: str, kind: type[Event], /, minutes: float = 0, **said: Any) -> LostDeed:
    body = {**golden.sample(kind), "version": 3, "at": (NOW + timedelta(minutes=minutes)).isoformat(), **said}
    event = decode(kind, json.dumps(body).encode())
    return LostDeed(event_id=EventId(name), event=event, record=None, fate=fate_of(event))


def _names(deeds: Any) -> list[str]:
    return [deed.event_id for deed in deeds]


def test_what_a_command_said_is_its_own() -> None:
    """All of one moment, of the case as it stood then or next; what a person did beside it stays theirs."""
    asked = _lost("asked", commands.CoHandleCase)
    said = [_lost(name, parts.PartAsked, 0.1, version=3) for name in ("first", "second")]
    by_hand = _lost("by hand", parts.PartAsked, 9, version=3)
    replied = _lost("replied", handlers.CaseReplied, 9, version=4)
    deeds = [by_hand, asked, *said, replied]

    assert {"asked": ["first", "second"]} == {by: _names(made) for by, made in effects_of(deeds).items()}
    assert ["by hand", "replied"] == _names(for_people(deeds, ()))


def test_what_could_not_be_brought_back_stays_with_what_it_said() -> None:
    """Somebody does it by hand, and reads both."""
    command, said = _lost("command", commands.SignCase), _lost("said", handlers.CaseSigned, 1, version=4)

    assert not for_people([command, said], ())
    assert ["command", "said"] == _names(for_people([command, said], [command]))


def test_a_forged_command_hides_nobodys_deed() -> None:
    """Whoever may write commands may write them in another's name: sent again it is refused, and would say nothing."""
    forged = structs.replace(_lost("forged", commands.SignCase), is_believed=False)
    said = _lost("said", handlers.CaseSigned, 1, version=4)

    assert {"forged": []} == {by: _names(made) for by, made in effects_of([forged, said]).items()}
    assert ["said"] == _names(for_people([forged, said], ()))


def test_two_commands_share_nothing() -> None:
    """Each is what it said itself, of the same case twice, too."""
    told = [_lost(name, commands.TellProgress, at) for name, at in (("one", 0), ("two", 10))]
    said = [_lost(name, handlers.ProgressNoted, at) for name, at in (("second", 10.1), ("first", 0.1))]

    assert {"one": ["first"], "two": ["second"]} == {
        by: _names(made) for by, made in effects_of([*told, *said]).items()
    }


@pytest.mark.parametrize("command", [each for each in FATES if issubclass(each, Command)], ids=str)
def test_every_command_is_known(command: type[Command]) -> None:
    """Whoever adds one says which listed deed it is; these are none: no event of theirs is a person's to do again."""
    says = module._SAYS.get(command)

    assert (says is None) is (
        command
        in (
            commands.AttachFiles,
            commands.NoteOnCase,
            commands.WithdrawReply,
        )
    ), "say what it `says`"
    assert says is None or FATES[says] is EventFate.LISTED
