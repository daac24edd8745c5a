"""What a migration may not do to the release before it, which goes on beside it: take away, or ask for more."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg

from deploy.database.metadata import SCHEMAS

_COLUMNS = """
    SELECT n.nspname || '.' || c.relname AS of, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        a.attnotnull AS needed, a.attidentity <> '' OR a.attgenerated <> '' AS made, a.atthasdef AS given
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = ANY ($1)
        AND c.relname <> 'alembic_version'
    ORDER BY 1, a.attnum
"""
#: Unique indexes, and what else refuses a row, by what they say.
_RULES = """
    SELECT schemaname || '.' || tablename AS of, regexp_replace(indexdef, '^.* USING ', 'unique: ') AS rule
    FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%' AND schemaname = ANY ($1)
    UNION SELECT conrelid::regclass::text, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
    WHERE k.contype IN ('c', 'f', 'x') AND n.nspname = ANY ($1)
"""
#: Some value of each type that our tables have, as SQL; keys are as different as rows are.
_VALUES: Mapping[str, str] = {
    "uuid": "gen_random_uuid()", "text": "gen_random_uuid()::text", "bytea": "uuid_send(gen_random_uuid())",
    "boolean": "false", "integer": "(random() * 2000000000)::int", "bigint": "(random() * 2000000000)::int", "smallint": "1",
    "double precision": "1.0", "numeric": "1", "date": "current_date", "timestamp with time zone": "clock_timestamp()",
    "jsonb": "'[]'", "tsvector": "''", "interval": "'1 hour'",
}  # fmt: skip
#: What a rule of ours wants of them.
_AN_ACCOUNT = "(SELECT username FROM deploy.account LIMIT 1)"
_RULED = {
    ("deploy.account", "role"): "'department'",
    ("deploy.token", "role"): "'department'",
    ("deploy.session", "username"): _AN_ACCOUNT,
}


class Column(NamedTuple):
    """One column, as somebody sees it who inserts a row."""

    name: str
    type: str
    #: Never null.
    needed: bool
    #: The database makes it, and takes none.
    made: bool
    #: It has a default.
    given: bool


class Model(NamedTuple):
    """The tables as a release knows them."""

    columns: Mapping[str, Mapping[str, Column]]
    rules: frozenset[tuple[str, str]]


async def model_of(db: "asyncpg.Connection[Any]", schemas: Sequence[str] = tuple(SCHEMAS)) -> Model:
    """What the database says of itself now."""
    columns: dict[str, dict[str, Column]] = {}
    for of, *rest in await db.fetch(_COLUMNS, list(schemas)):
        columns.setdefault(of, {})[rest[0]] = Column(*rest)
    return Model(columns, frozenset((of, rule) for of, rule in await db.fetch(_RULES, list(schemas))))


def refusals(before: Model, after: Model) -> list[str]:
    """What of the change would fail the statements of the release before, in sentences."""
    said: list[str] = []
    for table, columns in before.columns.items():
        if table not in after.columns:
            said.append(f"{table} is gone: the release before writes to it")
            continue
        said += _of_columns(table, columns, after.columns[table])
    asked = {(of, rule) for of, rule in after.rules - before.rules if of in before.columns}
    return said + [f"{of} asks for more than before: {rule}" for of, rule in sorted(asked)]


def _of_columns(table: str, before: Mapping[str, Column], after: Mapping[str, Column]) -> Iterator[str]:
    for name, column in before.items():
        if name not in after:
            yield f"{table}.{name} is gone: the release before writes it"
        elif after[name].type != column.type:
            yield f"{table}.{name} was {column.type} and is {after[name].type}"
        elif after[name].needed and not column.needed:
            yield f"{table}.{name} may not be null any more: the release before may leave it so"
        elif column.given and not after[name].given:
            yield f"{table}.{name} has no default any more: the release before may leave it out"
    for name in after.keys() - before.keys():
        if after[name].needed and not after[name].given and not after[name].made:
            yield f"{table}.{name} is new, needed and without default: the release before does not give it"


def inserts(model: Model) -> Mapping[str, str]:
    """A statement for each table that says every column of that release, with values of their types."""
    return {
        table: f"""INSERT INTO {_quoted(table)} ({", ".join(f'"{each.name}"' for each in theirs)})
            VALUES ({", ".join(_RULED.get((table, each.name)) or _value(each) for each in theirs)})"""  # noqa: S608  ours
        for table, columns in model.columns.items()
        if (theirs := [column for column in columns.values() if not column.made])
    }


def _quoted(table: str) -> str:
    return ".".join(f'"{part}"' for part in table.split("."))


def _value(column: Column) -> str:
    return f"'{{}}'::{column.type}" if column.type.endswith("[]") else _VALUES[column.type]
