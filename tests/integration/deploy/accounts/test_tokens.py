"""Tokens in a real Postgres."""

import hashlib
from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploy import clock
from deploy.accounts import accounts, tokens
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import NoTokensWithoutSecret, TokenSecrets, sha256_of, token_secrets
from deploy.settings import Settings
from schemas.city import City
from schemas.errors import BadInput, NobodyToActFor, TokenEnded, Unauthenticated
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.conftest import HOUSING, KEYS
from tests.integration.deploy.accounts.signing_in import CHANGING


async def test_a_department_token(db: Database, city: City) -> None:
    """A department's token stands for the department, and its hash checks the department's commands."""
    token = await tokens.create_token(
        db, KEYS, city, CHANGING, name="bureau", role=Role.DEPARTMENT, department=HOUSING
    )
    principal = await tokens.principal_of_token(db, KEYS, token)

    assert Principal(role=Role.DEPARTMENT, name="bureau", department=HOUSING) == principal
    assert [(sha256_of(token), None)] == await tokens.command_keys_of(db, KEYS, HOUSING)
    assert [] == await tokens.command_keys_of(db, KEYS, DepartmentCode("transport"))


async def test_a_role_token(db: Database, city: City) -> None:
    """The hotline's token stands for the hotline and for no department."""
    token = await tokens.create_token(db, KEYS, city, CHANGING, name="hotline", role=Role.HOTLINE)

    assert Principal(role=Role.HOTLINE, name="hotline") == await tokens.principal_of_token(db, KEYS, token)


async def test_a_revoked_token_is_nobody(unit: RecordingUnit, city: City) -> None:
    """A revoked token neither calls nor signs."""
    token = await tokens.create_token(
        unit.db, KEYS, city, CHANGING, name="bureau", role=Role.DEPARTMENT, department=HOUSING
    )

    assert await tokens.revoke_tokens(unit.db, CHANGING, name="bureau") == 1
    assert await tokens.principal_of_token(unit.db, KEYS, token) is None
    assert [] == await tokens.command_keys_of(unit.db, KEYS, HOUSING)


async def test_a_token_works_until_its_end(db: Database, city: City) -> None:
    """Of three one has no end, one ends in an hour, one ended a moment ago: that opens nothing, and says when.

    What each signs is known with its end: a command that came before it may be read behind it.
    """
    now = clock.now()
    ends = {"for good": None, "for an hour": now + timedelta(hours=1), "over": now - timedelta(seconds=1)}
    given = {
        name: await tokens.create_token(
            db, KEYS, city, CHANGING, name=name, role=Role.DEPARTMENT, department=HOUSING, expires_at=end
        )
        for name, end in ends.items()
    }
    with pytest.raises(TokenEnded) as told:
        await tokens.principal_of_token(db, KEYS, given["over"])
    living = [given["for good"], given["for an hour"]]

    assert isinstance(told.value, Unauthenticated)
    assert f"{ends['over']:%Y-%m-%d}" in told.value.message(Language.EN)
    assert [await tokens.principal_of_token(db, KEYS, each) is not None for each in living] == [True] * 2
    expected = {(sha256_of(given[name]), end) for name, end in ends.items()}
    assert expected == set(await tokens.command_keys_of(db, KEYS, HOUSING))
    assert [(each.name, each.expires_at) for each in await tokens.list_tokens(db)] == sorted(ends.items())


async def test_ends_that_come_are_told(db: Database, city: City) -> None:
    """Within the days that are asked for, or lately past; not where a newer token of its name works on, nor of a demo."""
    now = clock.now()
    soon, late = now + timedelta(days=3), now + timedelta(days=300)
    for name, end, demo in (
        ("soon", soon, False), ("late", late, False), ("past", now - timedelta(days=1), False),
        ("long past", now - timedelta(days=8), False), ("shown", soon, True),
        ("renewed", soon, False), ("renewed", late, False), ("made anew", soon, False), ("made anew", None, False),
    ):  # fmt: skip
        await tokens.create_token(
            db, KEYS, city, CHANGING, name=name, role=Role.HOTLINE, expires_at=end, demo=demo
        )
    told = await tokens.ending_tokens(db, timedelta(days=14), timedelta(days=7))

    assert [("past", True), ("soon", False)] == [(each.name, each.has_ended) for each in told]


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.DEPARTMENT, "no-such-bureau"), (Role.DEPARTMENT, None), (Role.CITIZEN, None)],
)
async def test_unfit_tokens_are_refused(
    db: Database, city: City, role: Role, department: DepartmentCode | None
) -> None:
    """No token for a department that does not exist, nor for a role that needs none."""
    with pytest.raises(BadInput):
        await tokens.create_token(db, KEYS, city, CHANGING, name="x", role=role, department=department)


async def test_a_copy_of_the_database_opens_and_signs_nothing(db: Database, city: City) -> None:
    """Neither the token nor what signs commands is in the row, nor a hash that could be checked without our key."""
    token = await tokens.create_token(
        db, KEYS, city, CHANGING, name="bureau", role=Role.DEPARTMENT, department=HOUSING
    )
    row = await db.fetchrow("SELECT * FROM deploy.token WHERE name = 'bureau'")
    held = b"|".join(value for value in row.values() if isinstance(value, bytes))

    assert sha256_of(token) not in held
    assert hashlib.sha256(sha256_of(token)).digest() not in held
    stranger = TokenSecrets([(b"x" * 32, b"y" * 32)])
    assert [] == await tokens.command_keys_of(db, stranger, HOUSING)
    assert await tokens.principal_of_token(db, stranger, token) is None


async def test_a_sealed_key_is_of_its_row_alone(db: Database, city: City) -> None:
    """Whoever may write in the database gives no department the key of another."""
    for name, department in (("a", HOUSING), ("b", DepartmentCode("transport"))):
        await tokens.create_token(
            db, KEYS, city, CHANGING, name=name, role=Role.DEPARTMENT, department=department
        )
    await db.execute(
        "UPDATE deploy.token SET command_key = (SELECT command_key FROM deploy.token WHERE name = 'a') WHERE name = 'b'"
    )

    assert [] == await tokens.command_keys_of(db, KEYS, DepartmentCode("transport"))


async def test_a_former_secret_still_knows_its_tokens(db: Database, city: City) -> None:
    """After the master secret was changed, both work."""
    token = await tokens.create_token(
        db, KEYS, city, CHANGING, name="bureau", role=Role.DEPARTMENT, department=HOUSING
    )
    heir = TokenSecrets([(b"x" * 32, b"y" * 32), (b"f" * 32, b"s" * 32)])
    newer = await tokens.create_token(
        db, heir, city, CHANGING, name="new", role=Role.DEPARTMENT, department=HOUSING
    )

    assert "bureau" == (await tokens.principal_of_token(db, heir, token) or Principal()).name
    signing = await tokens.command_keys_of(db, heir, HOUSING)
    assert {sha256_of(token), sha256_of(newer)} == {key for key, _ in signing}


@pytest.mark.parametrize("secret", ["", "short", "e" * 40])
def test_no_token_is_kept_without_a_master_secret(secret: str) -> None:
    """Said in a sentence."""
    with pytest.raises(NoTokensWithoutSecret, match="HUIYIN_SECRET_KEY"):
        token_secrets(Settings(secret_key=SecretStr(secret)))


async def _account(
    db: Database, city: City, name: str, role: Role, unit: DepartmentCode | None = None
) -> None:
    await accounts.create_account(
        db,
        Passwords(),
        city,
        CHANGING,
        username=name,
        password="an unlikely horse",
        role=role,
        department=unit,
    )


async def test_a_system_acts_for_people_with_an_account_like_its_own(db: Database, city: City) -> None:
    """Who asks is the person: not one of another role or unit, not a disabled or made-up one; and not without the right."""
    await _account(db, city, "li", Role.DISPATCHER)
    await _account(db, city, "gone", Role.DISPATCHER)
    await accounts.disable_account(db, CHANGING, username="gone")
    await _account(db, city, "boss", Role.SUPERVISOR)
    await _account(db, city, "zhao", Role.DEPARTMENT, HOUSING)
    await _account(db, city, "qian", Role.DEPARTMENT, DepartmentCode("transport"))
    make = tokens.create_token
    console = await make(db, KEYS, city, CHANGING, name="console", role=Role.DISPATCHER, acts_for_people=True)
    bureau = await make(
        db,
        KEYS,
        city,
        CHANGING,
        name="bureau",
        role=Role.DEPARTMENT,
        department=HOUSING,
        acts_for_people=True,
    )
    plain = await make(db, KEYS, city, CHANGING, name="plain", role=Role.DISPATCHER)

    async def asking(token: str, name: str | None) -> tuple[str, bool] | None:
        try:
            found = await tokens.principal_of_token(db, KEYS, token, acting_for=name)
        except NobodyToActFor:
            return None
        assert found
        return found.name, found.is_person

    assert [("li", True), None, None, None, None, ("console", False)] == [
        await asking(console, name) for name in ("li", "gone", "boss", "zhao", "nobody", None)
    ]
    assert [("zhao", True), None, None] == [await asking(bureau, name) for name in ("zhao", "qian", "li")]
    assert [None, ("plain", False)] == [await asking(plain, name) for name in ("li", None)]


async def test_a_name_is_a_persons_or_a_systems(unit: RecordingUnit, city: City) -> None:
    """Never both at once, whichever was there first: who refused is told from who decides by their names."""
    await _account(unit.db, city, "li", Role.DISPATCHER)
    with pytest.raises(BadInput):
        await tokens.create_token(unit.db, KEYS, city, CHANGING, name="li", role=Role.DISPATCHER)
    await tokens.create_token(unit.db, KEYS, city, CHANGING, name="console", role=Role.DISPATCHER)
    with pytest.raises(BadInput):
        await _account(unit.db, city, "console", Role.DISPATCHER)

    await tokens.revoke_tokens(unit.db, CHANGING, name="console")
    await _account(unit.db, city, "console", Role.DISPATCHER)
