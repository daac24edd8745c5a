"""The tables of the figures' sums, and of what each case has added to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlmodel import Field, SQLModel

_SCHEMA = "sla"


#: By what an index finds those that a number counts. What a case never has without another of that day and unit has that
#: one's mark: some ten entries a case, not thirty. Hashed; so a list looks at what it found.
_MARKS: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION sla.counted_mark(measure text, holder text, day date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT pg_catalog.hashtext(CASE
            WHEN measure IN ('assigned', 'closed', 'replied', 'reply_tenths', 'hops') THEN 'received'
            WHEN measure = 'first_right' THEN 'first_known' WHEN measure IN ('due_on_time', 'due_answered') THEN 'due'
            WHEN measure = 'signed_on_time' THEN 'sign_due' ELSE measure END
        || ' ' || (day - DATE '2000-01-01') || COALESCE(' ' || holder, '')) $$""",
    """CREATE OR REPLACE FUNCTION sla.counted_marks(days date[], holders text[], measures text[], category text,
        region text, channel text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT ARRAY(
            SELECT pg_catalog.hashtext(u.measure || ' ' || (u.day - DATE '2000-01-01') || COALESCE(' ' || u.holder, ''))
            FROM unnest(days, holders, measures) AS u (day, holder, measure)
            WHERE u.measure <> ALL (ARRAY['assigned', 'closed', 'replied', 'reply_tenths', 'hops', 'first_right',
                'due_on_time', 'due_answered', 'signed_on_time']))
        || ARRAY[pg_catalog.hashtext('category ' || category), pg_catalog.hashtext('region ' || region),
            pg_catalog.hashtext('channel ' || channel)] $$""",
)


def _summed(name: str, grouping: str, codes: str) -> tuple[str, ...]:
    """Statements for the sums of what a counted case has one or several of."""
    return (
        f"""CREATE OR REPLACE FUNCTION sla.sum_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
        SELECT '{grouping}', 'day', u.day, g.code || ' ' || c.region, u.measure, u.value, count(*) * TG_ARGV[0]::int
        FROM changed AS c CROSS JOIN LATERAL {codes} AS g (code)
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
        WHERE u.measure = 'received' AND u.holder IS NULL
        GROUP BY u.day, g.code, c.region, u.measure, u.value ORDER BY u.day, g.code || ' ' || c.region, u.value
        ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n;
        RETURN NULL;
    END $$""",  # noqa: S608  made of this module's constants
        *(
            f"""CREATE OR REPLACE TRIGGER counted_{name}_{when} AFTER {change} ON sla.counted
        REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sla.sum_{name}('{sign}')"""
            for when, change, rows, sign in (
                ("came", "INSERT", "NEW", 1),
                ("went", "DELETE", "OLD", -1),
                ("changed_from", "UPDATE", "OLD", -1),
                ("changed_to", "UPDATE", "NEW", 1),
            )
        ),
    )


#: The sums of items and tags are made from what is counted, whoever writes it: a release that knows none takes cases out,
#: too.
_SUM_NAMED = (
    *_summed("items", "itemized", "(SELECT c.item WHERE c.item <> '')"),
    *_summed("tags", "tagged", "unnest(c.tags)"),
)


class CountedRow(SQLModel, table=True):
    """What a case has added to the sums: taken out again where it changes after all."""

    __tablename__ = "counted"
    __table_args__ = (
        # From a number of one day to its cases. Not with entries that wait: each day of a list would look through them.
        Index(
            "counted_marks",
            text("sla.counted_marks(days, holders, measures, category, region, channel)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        {"schema": _SCHEMA, "info": {"before_create": _MARKS, "after_create": _SUM_NAMED}},
    )

    case_id: UUID = Field(sa_column=Column(PGUUID(as_uuid=True), primary_key=True))
    category: str = Field(sa_column=Column(Text, nullable=False))
    #: Of the dispatch catalogue; empty where none is clear.
    item: str = Field(sa_column=Column(Text, nullable=False, server_default=text("''")))
    tags: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    region: str = Field(sa_column=Column(Text, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    days: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    #: Null: of the case; otherwise of this department (empty: of nobody).
    holders: list[str | None] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    measures: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    amounts: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    #: When it was counted last; null: before that was kept.
    counted_at: datetime | None = Field(
        default=None, sa_column=Column(TIMESTAMP(timezone=True), nullable=True)
    )


class TallyRow(SQLModel, table=True):
    """Sums of a day or a month: how often something was counted with that value, for one group."""

    __tablename__ = "tally"
    # Counted up again and again: room to do so in place.
    __table_args__ = ({"schema": _SCHEMA, "postgresql_with": {"fillfactor": "80"}},)

    #: `all`, `department`, `category`, `region`, `channel`; of days alone: `matter` (category and district), `itemized`
    #: (item and district), `tagged` (tag and district). `item` is an earlier release's: the next one takes it away.
    grouping: str = Field(sa_column=Column(Text, primary_key=True))
    #: `day` or `month`, and its first day in the city.
    period: str = Field(sa_column=Column(Text, primary_key=True))
    start: date = Field(sa_column=Column(Date, primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    measure: str = Field(sa_column=Column(Text, primary_key=True))
    value: int = Field(sa_column=Column(Integer, primary_key=True))
    n: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
