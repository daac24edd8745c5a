"""Positions: back from what Chinese maps draw."""

import pytest
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


#: Position and where a map draws it, all over the country: what is stored today must lie there tomorrow.
DRAWN = [
    (112.97, 28.19, 112.9755337464712, 28.18656158364201),
    (87.6, 43.8, 87.60283897227161, 43.80121203029208),
    (104.1, 30.6, 104.1025393533374, 30.597578262157516),
    (126.6, 45.7, 126.60590230013104, 45.70192625937869),
    (105.3, 34.2, 105.30365348292563, 34.19851772517152),
]


@pytest.mark.parametrize(("longitude", "latitude", "east", "north"), DRAWN)
def test_places_all_over_the_country_are_drawn_where_they_always_were(
    longitude: float, latitude: float, east: float, north: float
) -> None:
    """To a tenth of a millimetre, and back to seven digits: no term of the formula may change unseen."""
    drawn = gcj02_of_wgs84(Point(longitude=longitude, latitude=latitude))

    assert pytest.approx(east, abs=1e-9) == drawn.longitude
    assert pytest.approx(north, abs=1e-9) == drawn.latitude
    assert Point(longitude=longitude, latitude=latitude) == wgs84_of_gcj02(drawn)


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(72.004, 30.0), (137.8347, 30.0), (105.0, 0.8293), (105.0, 55.8271)]
)
def test_the_box_ends_where_every_implementation_ends_it(longitude: float, latitude: float) -> None:
    """Its edge is drawn elsewhere, a metre beyond is not."""
    edge = Point(longitude=longitude, latitude=latitude)
    away = 1e-5 if longitude > 105 or latitude > 50 else -1e-5
    beyond = (
        Point(longitude=longitude + away, latitude=latitude)
        if longitude != 105
        else Point(longitude=longitude, latitude=latitude + away)
    )

    assert edge != gcj02_of_wgs84(edge)
    assert beyond == gcj02_of_wgs84(beyond)
