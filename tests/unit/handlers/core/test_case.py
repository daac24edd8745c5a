"""What the seal of a case covers."""

from typing import Any

import msgspec
import pytest

from handlers.core.case import Case, case_seal
from tests.unit.handlers.making import SEAL, case

#: What comes without a row of the log: deadlines and the trace; and the seal itself.
_UNSEALED = {"due_at", "sign_due_at", "traceparent", "log_seal"}


@pytest.mark.parametrize("name", Case.__struct_fields__)
def test_every_field_that_the_log_leads_to_is_sealed(name: str) -> None:
    """A field that is added later must be decided about here."""
    held = case()
    changed: dict[str, Any] = {name: "something else"}
    differs = case_seal(held, SEAL) != case_seal(msgspec.structs.replace(held, **changed), SEAL)

    assert differs == (name not in _UNSEALED)
