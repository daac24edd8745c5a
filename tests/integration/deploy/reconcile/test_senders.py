"""Of commands that Kafka has and nobody handled, those that their department signed are told from all others."""

from msgspec import structs

from deploy import clock, composition
from deploy.accounts import tokens
from deploy.accounts.token_secrets import sha256_of, token_secrets
from deploy.composition import changing_by_command
from deploy.database.pool import Pool
from deploy.reconcile.deeds import LostDeed, with_senders
from deploy.reconcile.fates import fate_of
from deploy.settings import Settings
from handlers.core.commands import signature
from schemas.city import load_city
from schemas.event import Event
from schemas.events.commands import SignCase
from schemas.events.handlers import CaseSigned
from schemas.ids import EventId
from schemas.words import Role
from tests.unit.deploy.records import case
from tests.unit.handlers.making import HOUSING


def _lost(name: str, event: Event) -> LostDeed:
    return LostDeed(event_id=EventId(name), event=event, record=None, fate=fate_of(event))


async def test_who_signed_nothing_is_not_believed(settings: Settings, pool: Pool) -> None:
    """Anybody with a user of Kafka may write a command in a department's name; what our slices say is signed otherwise."""
    async with pool.acquire() as db:
        token = await tokens.create_token(
            db, token_secrets(settings), load_city(), changing_by_command(settings),
            name="bureau", role=Role.DEPARTMENT, department=HOUSING,
        )  # fmt: skip
    forged = SignCase(
        case_id=case(1), version=3, at=clock.now(), command_id="1", department=HOUSING, signature="0" * 64
    )
    signed = structs.replace(forged, signature=signature(forged, sha256_of(token)))
    said = CaseSigned(case_id=case(1), version=4, at=clock.now(), department=HOUSING, signed_by="wang")
    deeds = [_lost("forged", forged), _lost("signed", signed), _lost("said", said)]
    subscriptions = await composition.subscriptions(settings, pool, ("handlers",))

    told = await with_senders(settings, pool, subscriptions, deeds)
    assert {"forged": False, "signed": True, "said": True} == {
        each.event_id: each.is_believed for each in told
    }
