"""Positions: back from what Chinese maps draw."""

from hypothesis import given
from hypothesis import strategies as st

from intake.core.coordinates import Point, gcj02_of_wgs84, wgs84_of_gcj02

_METRES_PER_DEGREE = 111_320


@given(st.floats(73.5, 135), st.floats(4, 53))
def test_conversion_is_exact_to_a_metre(longitude: float, latitude: float) -> None:
    """Drawn and converted back, a position in China is where it was."""
    point = Point(longitude=longitude, latitude=latitude)
    back = wgs84_of_gcj02(gcj02_of_wgs84(point))

    assert abs(back.longitude - longitude) * _METRES_PER_DEGREE < 1
    assert abs(back.latitude - latitude) * _METRES_PER_DEGREE < 1


def test_a_known_place_moves_as_published() -> None:
    """The offset in Beijing is some 550 metres east and 150 north, as every implementation has it."""
    drawn = gcj02_of_wgs84(Point(longitude=116.391265, latitude=39.907370))

    assert abs(drawn.longitude - 116.397507) < 1e-5
    assert abs(drawn.latitude - 39.908772) < 1e-5


def test_positions_abroad_stay() -> None:
    """Nothing is obfuscated outside China's bounding box."""
    paris = Point(longitude=2.35, latitude=48.85)

    assert paris == wgs84_of_gcj02(paris)
