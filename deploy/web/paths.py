"""Finds the route of a path by its words, instead of comparing it with every route.

Starlette compares a request with one route after the other, and there are some hundreds of them.
"""

from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

#: In place of a word that the path leaves open.
_ANY = "{}"


class Paths(BaseRoute):
    """Many routes as one. Where several fit, it is the one that comes first, as with Starlette's own list."""

    def __init__(self, routes: Sequence[Route]) -> None:
        #: For each number of words: word → word → … → the routes, each with its place in the list.
        self._tree: dict[Any, Any] = {}
        for place, route in enumerate(routes):
            node = self._tree
            for word in _words(route):
                node = node.setdefault(word, {})
            node.setdefault(None, []).append((place, route))
        #: The route for a method and a path that leaves no word open, which most that is sent often goes to.
        self._plain = {
            (method, route.path): route
            for route in routes
            for method in route.methods or ()
            if not route.param_convertors and self._first(method, route.path) is route
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route for the request; else the first whose path alone fits."""
        if scope["type"] != "http":
            return Match.NONE, {}
        plain = self._plain.get((scope["method"], scope["path"]))
        if plain is not None and not scope.get("root_path"):
            return Match.FULL, {"endpoint": plain.endpoint, "path_params": {}, "route": plain}
        partial: tuple[Match, Scope] = Match.NONE, {}
        for route in self._of_words(scope["path"]):
            match, more = route.matches(scope)
            if match is Match.FULL:
                return match, {**more, "route": route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**more, "route": route}
        return partial

    def _of_words(self, path: str) -> Sequence[Route]:
        """The routes that the words of a path lead to, in their order."""
        nodes = [self._tree]
        for word in path.split("/"):
            nodes = [node[key] for node in nodes for key in (word, _ANY) if key in node]
        return [route for _, route in sorted(placed for node in nodes for placed in node.get(None, ()))]

    def _first(self, method: str, path: str) -> Route | None:
        """The route for a request of that method whose path is exactly this."""
        return next((route for route in self._of_words(path) if method in (route.methods or ())), None)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answered by the route that `matches` found."""
        await scope["route"].handle(scope, receive, send)


def _words(route: Route) -> list[str]:
    """The words of its path.

    Raises:
        ValueError: it leaves open how many there are.
    """
    if any(kind.regex != "[^/]+" for kind in route.param_convertors.values()):
        raise ValueError(f"{route.path}: a path names one word at a time")
    return [_ANY if "{" in word else word for word in route.path.split("/")]
