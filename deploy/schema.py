"""The whole schema: every slice's tables in one metadata, each slice in its own Postgres schema."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData
from sqlmodel import SQLModel

#: Postgres schemas, one for each slice, and our own.
SCHEMAS = ("deploy", "intake", "routing", "handlers", "sla")
_MODULES = ("deploy.tables", "deploy.site.tables", *(f"{name}.tables" for name in SCHEMAS[1:]))


def metadata() -> MetaData:
    """Every table of ours."""
    for module in _MODULES:
        if find_spec(module) is not None:
            import_module(module)
    return SQLModel.metadata


def schemas() -> Sequence[str]:
    """The Postgres schemas that the tables live in."""
    return SCHEMAS
