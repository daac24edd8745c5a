"""Where each role can go, and the way back: the header's links, and which addresses a redirect may name."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from schemas.http import ANYONE
from schemas.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLink:
    """One link of the main navigation. `zh` is also the key of its translation."""

    path: str
    zh: str
    #: Empty: everyone.
    who: frozenset[Role] = ANYONE

    def holds(self, path: str) -> bool:
        """Whether `path` (with or without a query) belongs under this link."""
        bare = path.partition("?")[0]
        return bare == self.path or (self.path != "/" and bare.startswith(self.path + "/"))


PLACES = (
    NavigationLink(path="/", zh="首页"),
    NavigationLink(path="/submit", zh="提交"),
    NavigationLink(path="/follow", zh="查询"),
    NavigationLink(path="/published", zh="公开答复"),
    NavigationLink(path="/desk", zh="办件台", who=frozenset({Role.DEPARTMENT})),
    NavigationLink(path="/review", zh="派单台", who=frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})),
    NavigationLink(path="/callbacks", zh="回访台", who=frozenset({Role.DISPATCHER})),
    NavigationLink(path="/watch", zh="监督台", who=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})),
    NavigationLink(path="/exclusions", zh="考核剔除", who=frozenset({Role.DEPARTMENT, Role.SUPERVISOR})),
)

_HOME = {
    Role.DEPARTMENT: "/desk",
    Role.DISPATCHER: "/review",
    Role.SUPERVISOR: "/watch",
    Role.ADMINISTRATOR: "/watch",
}


def places(role: Role) -> tuple[NavigationLink, ...]:
    """The links that somebody of this role is shown, their own desk first."""
    shown = (place for place in PLACES if not place.who or role in place.who)
    return tuple(sorted(shown, key=lambda place: not place.who))


def home_of(role: Role) -> str:
    """Where work begins after signing in."""
    return _HOME.get(role, "/")


def same_site_path(text: str, otherwise: str) -> str:
    """`text` where it is a path on this site, or `otherwise`: a redirect never leads to somebody else's.

    Browsers read a backslash as a slash and drop tabs and newlines, so that `/\\evil.example` would leave.
    """
    odd = any(character in text for character in "\\\t\r\n") or not text.isprintable()
    if odd or not text.startswith("/") or text.startswith("//") or len(text) > 2000:
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text
