"""Positions: from GCJ-02, which Chinese maps and mini-apps use, to WGS-84, which everything here is kept in.

Source: the published reverse-engineered GCJ-02 obfuscation (Krasovsky 1940 ellipsoid); no official text exists.
"""

import math
from dataclasses import dataclass

#: Krasovsky 1940: semi-major axis in metres, and squared eccentricity.
_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
#: Degrees; a hundredth of a metre. Project choice: far below what the obfuscation itself is known to.
_CLOSE_ENOUGH = 1e-7
#: A bound, project choice: a few rounds are enough.
_MAX_ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A position on the earth, in degrees."""

    longitude: float
    latitude: float


def is_inside_earth(point: Point) -> bool:
    """Whether the position is on the earth: within 180 degrees east and west, 90 north and south."""
    return -180 <= point.longitude <= 180 and -90 <= point.latitude <= 90


def gcj02_of_wgs84(point: Point) -> Point:
    """Where a Chinese map draws this WGS-84 position; unchanged outside China's bounding box."""
    if not _is_obfuscated(point):
        return point
    return _shifted(point)


def wgs84_of_gcj02(point: Point) -> Point:
    """The WGS-84 position that a Chinese map draws here, within a centimetre; unchanged outside the bounding box."""
    if not _is_obfuscated(point):
        return point
    guess = point
    for _ in range(_MAX_ROUNDS):
        drawn = _shifted(guess)
        east, north = drawn.longitude - point.longitude, drawn.latitude - point.latitude
        guess = Point(longitude=guess.longitude - east, latitude=guess.latitude - north)
        if abs(east) < _CLOSE_ENOUGH and abs(north) < _CLOSE_ENOUGH:
            break
    return Point(longitude=round(guess.longitude, 7), latitude=round(guess.latitude, 7))


def _is_obfuscated(point: Point) -> bool:
    """The box that the obfuscation is applied in, as every published implementation draws it."""
    return 72.004 <= point.longitude <= 137.8347 and 0.8293 <= point.latitude <= 55.8271


def _shifted(point: Point) -> Point:
    x, y = point.longitude - 105.0, point.latitude - 35.0
    radians = math.radians(point.latitude)
    curve = 1 - _ECCENTRICITY * math.sin(radians) ** 2
    metres_north, metres_east = _north(x, y), _east(x, y)
    per_degree_north = _AXIS * (1 - _ECCENTRICITY) / (curve * math.sqrt(curve)) * math.pi / 180
    per_degree_east = _AXIS / math.sqrt(curve) * math.cos(radians) * math.pi / 180
    return Point(
        longitude=point.longitude + metres_east / per_degree_east,
        latitude=point.latitude + metres_north / per_degree_north,
    )


def _waves(x: float) -> float:
    return (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3


def _north(x: float, y: float) -> float:
    metres = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + _waves(x)
    metres += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    return metres + (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3


def _east(x: float, y: float) -> float:
    metres = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + _waves(x)
    metres += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    return metres + (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
