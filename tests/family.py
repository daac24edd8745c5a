"""The example city with a family: a unit that is accused, one above it and one below, to which nothing else ever goes."""

import shutil
from importlib import resources
from pathlib import Path

SUPERIOR, ACCUSED, SUBORDINATE = "port-commission", "port", "port-inspection"
FAMILY = (SUPERIOR, ACCUSED, SUBORDINATE)

_UNITS = f"""
[[department]]
code = "{SUPERIOR}"
zh = "口岸和航运委员会"
en = "Ports and Shipping Commission"

[[department]]
code = "{ACCUSED}"
zh = "港务局"
en = "Port Authority"
parent = "{SUPERIOR}"

[[department]]
code = "{SUBORDINATE}"
zh = "港务稽查支队"
en = "Port Inspection Brigade"
parent = "{ACCUSED}"
"""


def city_with_a_family(directory: Path) -> Path:
    """A folder for `CITY_DIRECTORY` there."""
    folder = directory / "city-of-a-family"
    with resources.as_file(resources.files("schemas") / "data") as example:
        shutil.copytree(example, folder)
    departments = folder / "departments.toml"
    departments.write_text(departments.read_text(encoding="utf-8") + _UNITS, encoding="utf-8")
    return folder
