"""A mistake in a rules file stops no clock: the last good one is used, and everybody can read that."""

from pathlib import Path

import pytest

from deploy import composition
from deploy.commands.time_checks import check_rules
from deploy.database.pool import open_pool
from deploy.settings import Settings
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
        assert ("fail", True) == (finding.state, said in finding.found or said in found.trouble)

        await pool.execute("TRUNCATE sla.rules_text")
        with pytest.raises(RulesRefused):
            await composition.rules_in_use(settings, pool)
