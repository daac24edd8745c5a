"""What the seal of a citizen's message covers."""

from datetime import timedelta, timezone
from typing import Any

import msgspec
import pytest

from handlers.core.case import CitizenMessage, message_seal
from handlers.core.chain import KEYED
from schemas.values import Place
from tests.unit.handlers.making import MONDAY, SEAL, fresh_case

MESSAGE = CitizenMessage(
    case_id=fresh_case(), tracking_code="A", channel="web", received_at=MONDAY, title="题", text="文",
    place=Place(address="望江路"), has_contact=True,
)  # fmt: skip


@pytest.mark.parametrize("name", CitizenMessage.__struct_fields__)
def test_every_field_of_the_citizens_message_is_sealed(name: str) -> None:
    """Under the key; and the moment is the same in every time zone."""
    other: dict[str, Any] = {name: MONDAY + timedelta(days=1) if name == "received_at" else "something else"}
    in_china = msgspec.structs.replace(MESSAGE, received_at=MONDAY.astimezone(timezone(timedelta(hours=8))))

    assert message_seal(MESSAGE, SEAL) != message_seal(msgspec.structs.replace(MESSAGE, **other), SEAL)
    assert message_seal(MESSAGE, SEAL) == message_seal(in_china, SEAL)
    assert message_seal(MESSAGE, SEAL).startswith(KEYED)
