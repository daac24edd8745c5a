"""A mistake in a rules file stops no clock: the last good one is used, and everybody can read that."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploy import composition
from deploy.commands.checks.time import check_rules
from deploy.database.pool import open_pool
from deploy.settings import Settings
from schemas.words import Clock
from sla.core.written import RulesRefused

_SHIPPED = Path("sla/data/rules.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("version = [", "cannot be used"),
        (_SHIPPED.replace('"5 working days"', '"9999 working days"'), "more than a year"),
        (None, "cannot read"),
    ],
)
async def test_the_last_good_rules_are_used(
    schema: str, tmp_path: Path, wrong: str | None, said: str
) -> None:
    """Whatever is wrong with the present file, or if it is gone; without any good one before, it is refused."""
    file = tmp_path / "rules.toml"
    settings = Settings(database_url=schema, rules_file=file)
    async with open_pool(settings, size=1) as pool:
        await pool.execute("TRUNCATE sla.rules_text")
        file.write_text(_SHIPPED.replace("2026-2", "our-7"), encoding="utf-8")
        assert ((), "our-7") == (
            (found := await composition.rules_in_use(settings, pool)).problems,
            found.rules.version,
        )
        await composition.rules_in_use(settings, pool)
        assert 1 == await pool.fetchval("SELECT count(*) FROM sla.rules_text")

        file.unlink() if wrong is None else file.write_text(wrong, encoding="utf-8")
        found = await composition.rules_in_use(settings, pool)
        assert "our-7" == found.rules.version
        assert "our-7 is used" in found.trouble
        finding = await check_rules(settings)
        assert ("fail", True) == (finding.state, said in finding.found.en or said in found.trouble)

        await pool.execute("TRUNCATE sla.rules_text")
        with pytest.raises(RulesRefused):
            await composition.rules_in_use(settings, pool)


#: A clock as the release before took it: it ends by itself, warns all the same, and starts with what says no date.
_TAKEN_BEFORE = """
[clock.site_visit]
label = { zh = "上门时限", en = "site visit" }
owner = "lead"
due = "until"
near = "1 hour"
ends = true
starts = { "case.assigned" = "site_visit" }
"""


async def test_what_an_earlier_release_took_stops_no_process(schema: str, tmp_path: Path) -> None:
    """As the present file it is refused; as the one that is kept it goes on, and the log says what is wrong with it."""
    file = tmp_path / "rules.toml"
    text = _SHIPPED.replace("2026-2", "our-7") + _TAKEN_BEFORE
    file.write_text(text, encoding="utf-8")
    settings = Settings(database_url=schema, rules_file=file)
    async with open_pool(settings, size=1) as pool:
        await pool.execute("TRUNCATE sla.rules_text")
        await pool.execute("INSERT INTO sla.rules_text (at, version, text) VALUES (now(), 'our-7', $1)", text)
        with capture_logs() as said:
            found = await composition.rules_in_use(settings, pool)

    assert "our-7" == found.rules.version
    assert Clock("site_visit") in found.rules.clocks.kinds
    (warned,) = [each for each in said if each["event"] == "rules.kept"]
    problems = [*map(str, found.problems)]
    assert ("warning", problems) == (warned["log_level"], list(warned["problems"]))
    assert [
        "clock site_visit: `due` is `until`, which case.assigned does not say",
        "clock site_visit: `ends`: nobody is late, so it cannot have near",
    ] == problems
