"""The viewer's mark over every page of staff: name, unit and minute, so that a photograph says who took it.

A picture and no text: nobody can select it, search it or have it read aloud, and browsers print it.
"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from schemas.city import City
from schemas.http import Principal
from schemas.labels import label
from schemas.words import Language

#: One mark every so many pixels (project choice: several on any part of a page that a telephone can photograph).
_WIDTH, _HEIGHT = 340, 190
#: Project choice: read when one looks for it; the palest text keeps a contrast of 4.5 under it
#: (tests/unit/deploy/web/site/test_watermark.py).
OPACITY = 0.09
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%"><defs>'
    '<pattern id="m" width="{width}" height="{height}" patternUnits="userSpaceOnUse" patternTransform="rotate(-22)">'
    '<g fill="#000" fill-opacity="{opacity}" font-family="sans-serif" font-size="15">'
    '<text x="8" y="60">{who}</text><text x="8" y="82">{when}</text></g></pattern></defs>'
    '<rect width="100%" height="100%" fill="url(#m)"/></svg>'
)


def watermark(
    principal: Principal, *, city: City, zone: ZoneInfo, language: Language, clock: Callable[[], datetime]
) -> str:
    """The address of the picture (`data:`) that lies over what `principal` sees now."""
    known = city.department.get(principal.department) if principal.department else None
    unit = known.name(language) if known else label(principal.role, language)
    picture = _SVG.format(
        width=_WIDTH,
        height=_HEIGHT,
        opacity=OPACITY,
        who=escape(f"{principal.name} · {unit}"),
        when=f"{clock().astimezone(zone):%Y-%m-%d %H:%M}",
    )
    return "data:image/svg+xml," + quote(picture)
