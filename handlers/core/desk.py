"""What a department may do to its case: API, pages and commands on Kafka all end here."""

import msgspec

from handlers.core import lifecycle
from handlers.core.actions import ACTIONS
from handlers.core.actions.description import Body
from handlers.core.case import By, Case, CaseChange
from handlers.core.rules import IN_HAND, Action, Actor
from handlers.core.texts import Sentence
from schemas.city import City
from schemas.errors import StaleVersion
from schemas.words import CaseState


class ContactReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody in the department needs the citizen's contact details."""

    reason: Sentence


def perform(case: Case, action: Action, body: Body, by: By, city: City) -> CaseChange:
    """The change that an action makes, if it is allowed and meant the version that the case still has.

    Raises:
        StaleVersion: the case changed since `body.version`.
        ActionNotAllowed: not now, or not for this department's part.
        BadInput: a department that does not exist.
    """
    if body.version != case.version:
        raise StaleVersion(current=case.version)
    state = lifecycle.advance(case.state, action, by.role, case.facts(by.now, by.department))
    return ACTIONS[action].perform(case, body, by, state, city)


def may_see_contact(case: Case, role: Actor) -> bool:
    """Whether the citizen's contact details may be shown: never a protected case's; confidential ones to the lead."""
    in_hand = case.state in IN_HAND or case.state == CaseState.REPLIED
    return in_hand and not case.protected and (role is Actor.LEAD or not case.confidential)
