"""Models that are promoted and rolled back while a worker runs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest

from deploy import composition
from deploy.database.pool import Pool, open_pool
from deploy.settings import Settings
from routing.core.classify import Wording, classify_beside, read_all
from routing.core.evidence import read
from routing.core.judgement import Judges
from routing.core.learning.model import NEVER
from routing.core.learning.stored import to_bytes
from routing.core.learning.training import learn
from routing.core.precision import NewWish
from routing.core.rules import load_rules
from routing.store import models, precision
from tests.unit.routing.learning.lessons import lessons

RULES = load_rules()
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def settings(schema: str) -> Settings:
    """Of the database that these tests share."""
    return Settings.model_validate(
        {"database_url": schema, "secret_key": "a secret for tests only, long enough"}
    )


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """Connections that commit; nothing that they promoted decides afterwards."""
    async with open_pool(settings) as pool:
        yield pool
        await pool.execute("UPDATE routing.model SET state = 'retired', promoted_at = NULL")
        await pool.execute("DELETE FROM routing.precision_wish")


async def _add(pool: Pool) -> str:
    model = learn(lessons(90), lambda title, text: read(RULES, title, text).scores, precision=0.9)
    async with pool.acquire() as db, db.transaction():
        known = msgspec.json.encode(model.learned).decode()
        return await models.add_shadow(db, known, to_bytes(model), "somebody", AT)


async def test_what_is_promoted_decides_without_a_restart(settings: Settings, pool: Pool) -> None:
    """One holder, as consumers have it: first the shadow beside the rules, then the model, then the rules again."""
    judges = Judges()
    message = [Wording("公交车太少", "等车")]

    version = await _add(pool)
    await composition.refresh_judges(settings, pool, judges)
    [shadowed] = classify_beside(RULES, judges, read_all(RULES, message))
    async with pool.acquire() as db, db.transaction():
        await models.promote(db, version, AT)
    await composition.refresh_judges(settings, pool, judges)
    [promoted] = classify_beside(RULES, judges, read_all(RULES, message))
    async with pool.acquire() as db, db.transaction():
        await models.roll_back(db)
    await composition.refresh_judges(settings, pool, judges)
    [rolled_back] = classify_beside(RULES, judges, read_all(RULES, message))

    assert ("rules", {"rules", version}) == (shadowed.model, {each.model for each in shadowed.beside})
    assert (version, {version}) == (promoted.model, {each.model for each in promoted.beside})
    assert ("rules", ()) == (rolled_back.model, rolled_back.beside)


async def test_a_wish_holds_without_a_restart(settings: Settings, pool: Pool) -> None:
    """Of the model that decides and of its shadow: what it was sure enough of waits for a person from then on."""
    judges = Judges()
    message = [Wording("公交车太少", "等车")]
    await _add(pool)
    await composition.refresh_judges(settings, pool, judges)
    assert judges.shadow is not None
    trained_for = judges.shadow.judge(["公交车太少"], [{}])[0].sure_from
    async with pool.acquire() as db, db.transaction():
        await precision.add(db, NewWish(precision=0.999, reason="派错太多"), "wu", AT)

    await composition.refresh_judges(settings, pool, judges)

    [classified] = classify_beside(RULES, judges, read_all(RULES, message))
    assert trained_for < NEVER == judges.shadow.judge(["公交车太少"], [{}])[0].sure_from
    assert [False] == [each.sure for each in classified.beside if each.model != "rules"]


async def test_a_model_that_runs_is_not_loaded_twice(settings: Settings, pool: Pool) -> None:
    """Asked every few seconds, it costs a look."""
    judges = Judges()
    version = await _add(pool)
    await composition.refresh_judges(settings, pool, judges)
    loaded = judges.shadow
    await composition.refresh_judges(settings, pool, judges)

    assert loaded is judges.shadow
    assert loaded is not None
    assert version == loaded.version


async def test_a_model_that_cannot_be_loaded_is_tried_once(
    settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked every few seconds, it costs no second of work and no line of the log each time."""
    tried: list[str] = []

    def refuse(_rules: object, _numbers: object, version: str) -> None:
        tried.append(version)
        raise ValueError("its labels are no categories of this city")

    monkeypatch.setattr("routing.core.judgement.load_judge", refuse)
    judges = Judges()
    version = await _add(pool)

    with pytest.raises(ValueError, match="no categories"):
        await composition.refresh_judges(settings, pool, judges)
    await composition.refresh_judges(settings, pool, judges)

    assert tried == [version]
