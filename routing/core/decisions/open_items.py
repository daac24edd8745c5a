"""Finds the open question that a dispatcher's decision answers, among all that were asked about a case."""

from collections.abc import Sequence

from routing.core.decisions.review import Item, RoutingCase
from schemas.errors import ActionNotAllowed, NotFound, StaleVersion, named_wrong
from schemas.words import ReviewKind

#: In the detail of the pause that was granted: the version of the case with which its department went on.
RESUMED_AT = "resumed_at"


def find_item(case: RoutingCase, items: Sequence[Item], version: int, kind: ReviewKind | None) -> Item:
    """The open item that a decision is about.

    Raises:
        NotFound: nothing was ever asked about this case as it is.
        ActionNotAllowed: decided already, or the case was withdrawn.
        StaleVersion: the case changed since.
        BadInput: two things wait at this version, and the decision does not say which it means.
    """
    asked = [item for item in items if kind is None or item.kind is kind]
    if not asked:
        raise NotFound if items or version >= case.version else StaleVersion(current=case.version)
    if case.state == "withdrawn":
        raise ActionNotAllowed(state=case.state)
    about = [item for item in asked if item.version == version]
    waiting = [item for item in about if item.state == "open"]
    if len(waiting) > 1:
        raise named_wrong("kind", "请说明是哪一项。", "Say which of the open items.")
    if waiting:
        return waiting[0]
    if any(item.state == "decided" for item in about):
        raise ActionNotAllowed(state=case.state)
    raise StaleVersion(current=max(case.version, *(item.version for item in items)))


def granted_pause(items: Sequence[Item]) -> Item | None:
    """The pause that was granted last, where nothing else was asked about the case since, and nobody ended it."""
    newest = max(items, key=lambda item: item.version, default=None)
    if newest is None or newest.kind is not ReviewKind.SUSPENSION or is_resumed(newest):
        return None
    return newest if newest.accepted else None


def is_resumed(item: Item) -> bool:
    """Whether it is a pause that is over."""
    return RESUMED_AT in item.detail
