"""Learned models on a real Postgres: versions, what decides, and how often people decide as it thought."""

from typing import Any

import msgspec

from routing.core.decisions.review import Decision
from routing.core.evidence import read
from routing.core.judgement import Judges, LearnedJudge, load_judge
from routing.core.learning.stored import to_bytes
from routing.core.learning.training import learn
from routing.core.rules import load_rules
from routing.steps.decide import decide
from routing.steps.route import classify_registered, route_cases
from routing.store import models
from schemas.city import load_city
from schemas.events.intake import CaseRegistered
from tests.integration.routing.cases import AT, CLEAR, registered
from tests.unit.routing.learning.lessons import lessons

RULES = load_rules()
MODEL = learn(lessons(150), lambda title, text: read(RULES, title, text).scores, precision=0.9)
STORED = to_bytes(MODEL)
KNOWN = msgspec.json.encode(MODEL.learned).decode()


async def _add(unit: Any) -> str:
    return await models.add_shadow(unit.db, KNOWN, STORED, "somebody", AT)


async def _running(unit: Any) -> dict[str, str]:
    return {each.state: each.version for each in await models.running(unit.db)}


async def _route(unit: Any, judges: Judges, *events: CaseRegistered) -> None:
    await route_cases(unit, events, classify_registered(RULES, events, judges=judges))


async def test_a_new_version_runs_in_the_shadow_and_the_last_shadow_retires(unit: Any) -> None:
    """Nothing decides that nobody promoted."""
    first, second = await _add(unit), await _add(unit)

    assert {"shadow": second} == await _running(unit)
    states = {each.version: each.state for each in await models.kept(unit.db)}
    assert ("retired", "shadow") == (states[first], states[second])


async def test_promoted_versions_follow_one_another_and_a_rollback_goes_back(unit: Any) -> None:
    """One step each: to the version before, and before the first to the rules."""
    first, second = await _add(unit), await _add(unit)
    assert await models.promote(unit.db, first, AT)
    assert await models.promote(unit.db, second, AT.replace(hour=3))
    assert {"active": second} == await _running(unit)

    assert first == await models.roll_back(unit.db)
    assert {"active": first} == await _running(unit)

    assert await models.roll_back(unit.db) is None
    assert {} == await _running(unit)


async def test_nobody_promotes_what_there_is_not(unit: Any) -> None:
    """And what decides stays."""
    version = await _add(unit)
    await models.promote(unit.db, version, AT)

    assert not await models.promote(unit.db, "999999", AT)
    assert {"active": version} == await _running(unit)


async def test_a_decision_names_the_version(unit: Any) -> None:
    """In the event and in the row; what is loaded again judges as what was stored."""
    version = await _add(unit)
    stored = await models.numbers_of(unit.db, version)
    assert stored is not None

    await _route(unit, Judges(active=load_judge(RULES, stored, version)), event := registered())

    [routed] = unit.emitted
    assert (version, "transport") == (routed.model, routed.category)
    row = await unit.db.fetchrow("SELECT model FROM routing.case WHERE case_id = $1", event.case_id)
    assert version == row["model"]


async def test_without_a_model_the_rules_are_named_and_nothing_is_compared(unit: Any) -> None:
    """A city that never learned pays nothing."""
    await _route(unit, Judges(), event := registered())

    assert "rules" == unit.emitted[0].model
    assert 0 == await unit.db.fetchval(
        "SELECT count(*) FROM routing.opinion WHERE case_id = $1", event.case_id
    )


async def test_a_shadow_decides_nothing_and_is_compared_with_what_people_decide(unit: Any) -> None:
    """Both the rules and the shadow were for transport, and a dispatcher chose another department."""
    version = await _add(unit)
    judges = Judges(shadow=LearnedJudge(RULES, MODEL, version))
    event = registered((CLEAR[0], CLEAR[1] + "收受贿赂"))
    before = {each.version: each for each in await models.kept(unit.db)}

    await _route(unit, judges, event)
    decision = Decision(version=2, category="health", lead="health")
    await decide(unit, load_city(), event.case_id, decision, by="dispatcher")

    assert "rules" not in before or before["rules"].decided == 0
    after = {each.version: each for each in await models.kept(unit.db)}
    assert ("active", "shadow") == (after["rules"].state, after[version].state)
    for name in ("rules", version):
        assert (1, 0, 0, 1) == (
            after[name].decided, after[name].same_lead, after[name].same_category, after[name].overruled,
        )  # fmt: skip


async def test_what_people_decided_is_a_lesson(unit: Any) -> None:
    """Their category, with the words of the message; what the machine decided is none."""
    event = registered(("一件事", "请看一下。"))
    await _route(unit, Judges(), event, registered())

    await decide(
        unit, load_city(), event.case_id, Decision(version=2, category="health", lead="health"), by="d"
    )

    assert ("一件事", "请看一下。", "health") in await models.decided(unit.db)
