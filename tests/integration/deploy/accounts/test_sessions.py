"""Sessions in a real Postgres."""

from datetime import timedelta

import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import sha256_of
from deploy.composition import sign_in_keys
from deploy.settings import Settings
from schemas.city import City
from schemas.http import Principal
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.conftest import HOUSING
from tests.integration.deploy.accounts.signing_in import CHANGING, SIGNING


async def test_a_session_says_who(unit: RecordingUnit, wang: str) -> None:
    """The cookie of an open session stands for its account; what is stored is not the cookie."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    stored = await unit.db.fetchval("SELECT token_hash FROM deploy.session")

    assert Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING) == (
        await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now)
    )
    assert stored == sha256_of(cookie)
    assert cookie.encode() not in stored


@pytest.mark.parametrize("cookie", ["", "guess", "é" * 40])
async def test_an_unknown_cookie_is_nobody(unit: RecordingUnit, cookie: str) -> None:
    """A cookie that we never gave out stands for nobody."""
    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) is None


async def test_idle_sessions_end(unit: RecordingUnit, wang: str) -> None:
    """Half an hour without a request ends a session; one request within it carries it on."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    within = unit.now + timedelta(minutes=29)

    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, within) is not None
    assert (
        await sessions.principal_of_session(unit.db, SIGNING, cookie, within + timedelta(minutes=29))
        is not None
    )
    assert (
        await sessions.principal_of_session(unit.db, SIGNING, cookie, within + timedelta(minutes=60)) is None
    )


async def test_sessions_end_after_a_shift(unit: RecordingUnit, wang: str) -> None:
    """Twelve hours after signing in a session is over, however busy it was."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    for minutes in range(20, 12 * 60, 20):
        assert await sessions.principal_of_session(
            unit.db, SIGNING, cookie, unit.now + timedelta(minutes=minutes)
        )

    assert (
        await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now + timedelta(hours=12)) is None
    )


async def test_being_seen_is_written_once_a_minute(unit: RecordingUnit, wang: str) -> None:
    """A busy desk does not write its session on every request."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now + timedelta(seconds=59))
    early = await unit.db.fetchval("SELECT seen_at FROM deploy.session")
    await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now + timedelta(seconds=61))
    late = await unit.db.fetchval("SELECT seen_at FROM deploy.session")

    assert unit.now == early
    assert unit.now + timedelta(seconds=61) == late


async def test_signing_out_ends_it(unit: RecordingUnit, wang: str) -> None:
    """A closed session's cookie is worth nothing."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    await sessions.close_session(unit.db, cookie)

    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) is None


async def test_a_disabled_account_has_no_session(unit: RecordingUnit, wang: str) -> None:
    """Even a session that was opened at the moment of disabling is worth nothing."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    await unit.db.execute("UPDATE deploy.account SET disabled = true")

    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) is None


async def test_old_sessions_are_cleared(unit: RecordingUnit, wang: str) -> None:
    """Signing in clears what is over, so that the table stays as small as the staff."""
    await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    await sessions.open_session(unit.db, SIGNING, wang, unit.now + timedelta(hours=13))

    assert await unit.db.fetchval("SELECT count(*) FROM deploy.session") == 1


async def test_a_row_that_somebody_writes_opens_nothing(
    unit: RecordingUnit, wang: str, passwords: Passwords, city: City
) -> None:
    """Neither with a cookie of their own making, nor with a genuine one whose row is given to somebody else."""
    await accounts.create_account(
        unit.db, passwords, city, CHANGING, username="zhao", password="correct horse", role=Role.SUPERVISOR
    )
    made_up = "invented"
    await unit.db.execute(
        "INSERT INTO deploy.session (token_hash, username, created_at, seen_at, expires_at) VALUES ($1, 'zhao', $2, $2, $3)",
        sha256_of(made_up), unit.now, unit.now + sessions.LONGEST,
    )  # fmt: skip
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    before = await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now)
    await unit.db.execute("UPDATE deploy.session SET username = 'zhao'")
    after = [
        await sessions.principal_of_session(unit.db, SIGNING, each, unit.now) for each in (made_up, cookie)
    ]

    assert before is not None
    assert [None, None] == after


async def test_a_session_holds_while_the_master_secret_is_changed(unit: RecordingUnit, wang: str) -> None:
    """At web processes that have the new one already, and at those that do not sign with it yet."""
    secrets = "the former secret of a city - long enough", "the new secret of a city - long enough"
    former, new = (
        sign_in_keys(Settings.model_validate({"secret_key": one, "previous_secret_keys": other}))
        for one, other in (secrets, secrets[::-1])
    )
    for ours, theirs in ((former, new), (new, former)):
        cookie = await sessions.open_session(unit.db, ours, wang, unit.now)

        assert await sessions.principal_of_session(unit.db, theirs, cookie, unit.now) is not None
        assert await sessions.principal_of_session(unit.db, theirs[1:], cookie, unit.now) == (
            await sessions.principal_of_session(unit.db, ours[:1], cookie, unit.now)
        )
    assert await sessions.principal_of_session(unit.db, [b"d" * 32], cookie, unit.now) is None
