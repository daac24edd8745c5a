"""Whoever imports the events knows all of them."""

from pkgutil import iter_modules

from schemas import events

#: What several events carry; no event.
_CARRIED = {"facts"}


def test_the_package_imports_every_file_of_events() -> None:
    """An event that a process has not heard of is a dead letter there, and missing in the documents."""
    files = {module.name for module in iter_modules(events.__path__)} - _CARRIED

    assert files == set(events.__all__)
