"""What departments write in forms of several fields."""

import pytest

from handlers.core.actions.reply import Reply, reply
from handlers.core.actions.return_ import Return, return_case
from handlers.core.texts import clean_each
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.words import CaseState
from tests.unit.handlers.making import by_lead, case


def test_every_silent_field_is_named() -> None:
    """Whoever mends one learns of the other at once; what says something is cleaned in its order."""
    with pytest.raises(BadInput) as refused:
        clean_each(("  ", "note"), ("已办", "reason"), ("……", "response"))

    assert ["note", "response"] == [error.field for error in refused.value.errors]
    assert ["a b", "打 139****5678"] == clean_each((" a b ", "x"), ("打 13912345678", "y"), public="y")


def test_replies_and_returns_name_all() -> None:
    """Over the API as at the desk."""
    city, by = load_city(), by_lead()
    with pytest.raises(BadInput) as reply_refused:
        reply(case(), Reply(version=4, note=" ", response="。"), by, CaseState.REPLIED, city)
    with pytest.raises(BadInput) as return_refused:
        return_case(case(), Return(version=4, reason="-", basis=" "), by, CaseState.IN_REVIEW, city)

    assert ["note", "response"] == [error.field for error in reply_refused.value.errors]
    assert ["reason", "basis"] == [error.field for error in return_refused.value.errors]
