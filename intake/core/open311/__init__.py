"""Messages and published answers as Open311 (GeoReport v2) has them."""
