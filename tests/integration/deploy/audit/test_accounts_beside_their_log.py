"""An account or a token that somebody changes in its table, and not through us, is named: how it differs, and since when."""

from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy import clock, composition
from deploy.accounts import accounts, demo, tokens
from deploy.accounts.changes import AccountChange, What
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import token_secrets
from deploy.audit.anchoring import directory_of
from deploy.audit.anchors import AnchorFiles, readable
from deploy.audit.pins import read_pins
from deploy.commands.audit import sentences
from deploy.database.migrate import migrate
from deploy.database.pool import connect, open_pool
from deploy.database.sealed_rows import Changing, last_row
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.processes.anchors import Turns
from deploy.processes.health import ACCOUNTS
from deploy.processes.runtime import Process
from deploy.settings import Settings
from schemas.city import load_city
from schemas.errors import HuiyinError
from schemas.ids import DepartmentCode
from schemas.words import Language, Role
from tests.integration.deploy.audit.anchored import make_anchor, verify
from tests.integration.deploy.database.history import database_of
from tests.stack import fresh_database

CITY, HOUSING = load_city(), DepartmentCode("housing")
_LI = "UPDATE deploy.account SET {} WHERE username = 'li'"
_CONSOLE = "UPDATE deploy.token SET {} WHERE name = 'console'"


@pytest.fixture
async def settings(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> AsyncIterator[Settings]:
    """A city with accounts and tokens of which everything was done through us, and an empty folder for anchors."""
    settings = Settings.model_validate(
        {
            "database_url": await fresh_database(postgres_server.url, like=migrated),
            "secret_key": "a secret for tests only - long enough",
            "data": tmp_path / "data",
        }
    )
    passwords = Passwords()
    yield await _filled(settings, passwords)
    passwords.close()


async def _filled(settings: Settings, passwords: Passwords) -> Settings:
    keys = token_secrets(settings)
    async with connect(settings) as db, db.transaction():
        by = composition.changing_by_command(settings)
        for name, role in (("li", Role.DISPATCHER), ("zhao", Role.SUPERVISOR), ("sun", Role.SUPERVISOR)):
            await accounts.create_account(
                db,
                passwords,
                CITY,
                by,
                username=name,
                password="correct horse",
                role=role,
                demo=name == "sun",
            )
        await accounts.set_role(db, CITY, by, username="zhao", role=Role.DEPARTMENT, department=HOUSING)
        await accounts.disable_account(db, by, username="zhao")
        await accounts.set_role(db, CITY, by, username="zhao", role=Role.SUPERVISOR)
        await accounts.set_password(db, passwords, CITY, by, username="li", password="a quieter stable")
        for name in ("console", "other", "other"):
            await tokens.create_token(db, keys, CITY, by, name=name, role=Role.DISPATCHER)
        given = await tokens.create_token(db, keys, CITY, by, name="demo", role=Role.HOTLINE, demo=True)
        await tokens.create_token(db, keys, CITY, by, name="bureau", role=Role.DEPARTMENT, department=HOUSING)
        await tokens.create_token(
            db, keys, CITY, by, name="guest", role=Role.SUPERVISOR, expires_at=by.at + timedelta(days=1)
        )
        await tokens.revoke_tokens(db, by, name="other")
        await demo.shut_out(db, by)
        await demo.let_in(db, keys, [given], by)
    return settings


async def _named(settings: Settings) -> Sequence[tuple[str, str, str]]:
    return [(each.kind, each.name, each.why) for each in (await verify(settings)).differing]


async def _do(settings: Settings, *statements: str) -> None:
    async with connect(settings) as db:
        for statement in statements:
            await db.execute(statement)


_MADE_UP = """INSERT INTO deploy.account (username, password_hash, role, created_at)
    SELECT 'eve', password_hash, 'supervisor', '2020-01-01' FROM deploy.account WHERE username = 'li'"""
_COPIED = """INSERT INTO deploy.token (token_hash, name, role) VALUES ('\\x00', 'other', 'dispatcher')"""


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (_MADE_UP, [("account", "eve", "unlogged")]),
        (_LI.format("role = 'supervisor'"), [("account", "li", "role")]),
        (_LI.format("role = 'department', department = 'housing'"), [("account", "li", "role")]),
        (_LI.format("password_hash = 'another'"), [("account", "li", "password")]),
        (_LI.format("disabled = true"), [("account", "li", "shut-out")]),
        ("UPDATE deploy.account SET disabled = false WHERE username = 'zhao'", [("account", "zhao", "let-in")]),
        ("UPDATE deploy.account SET demo = false WHERE username = 'sun'", [("account", "sun", "password")]),
        ("DELETE FROM deploy.account WHERE username = 'li'", [("account", "li", "gone")]),
        (_COPIED, [("token", "other", "unlogged")]),
        (_CONSOLE.format("role = 'supervisor'"), [("token", "console", "gone"), ("token", "console", "unlogged")]),
        (_CONSOLE.format("acts_for_people = true"), [("token", "console", "gone"), ("token", "console", "unlogged")]),
        (_CONSOLE.format("expires_at = now()"), [("token", "console", "gone"), ("token", "console", "unlogged")]),
        ("UPDATE deploy.token SET expires_at = NULL WHERE name = 'guest'", [("token", "guest", "gone"),
         ("token", "guest", "unlogged")]),
        (_CONSOLE.format("revoked_at = now()"), [("token", "console", "shut-out")]),
        (
            "UPDATE deploy.token SET revoked_at = NULL WHERE token_hash IN"
            " (SELECT token_hash FROM deploy.token WHERE name = 'other' LIMIT 1)",
            [("token", "other", "let-in")],
        ),
        ("DELETE FROM deploy.token WHERE name = 'bureau'", [("token", "bureau", "gone")]),
        (
            "UPDATE deploy.token SET command_key = '\\x00' WHERE name = 'bureau'",
            [("token", "bureau", "gone"), ("token", "bureau", "unlogged")],
        ),
    ],
)  # fmt: skip
async def test_what_somebody_changes_past_us_is_named(
    settings: Settings, statement: str, found: Sequence[tuple[str, str, str]]
) -> None:
    """And nothing of what was done through us, in whatever order."""
    before = await verify(settings)
    await _do(settings, statement)
    after = await verify(settings)

    assert before.holds
    assert (found, False) == (await _named(settings), after.holds)


async def test_whoever_found_it_has_it_right_again(settings: Settings) -> None:
    """Through us: an account by a new password, a role or by disabling it, a token by revoking its name."""
    await _do(
        settings,
        _MADE_UP,
        "DELETE FROM deploy.token WHERE name = 'bureau'",
        _CONSOLE.format("role = 'supervisor'"),
        _LI.format("role = 'supervisor'"),
    )
    found = await _named(settings)
    by, keys = composition.changing_by_command(settings), token_secrets(settings)
    async with connect(settings) as db, db.transaction():
        await accounts.disable_account(db, by, username="eve")
        await accounts.set_role(db, CITY, by, username="li", role=Role.DISPATCHER)
        await tokens.create_token(db, keys, CITY, by, name="bureau", role=Role.DISPATCHER)
        for name in ("bureau", "console"):
            await tokens.revoke_tokens(db, by, name=name)

    assert 5 == len(found)
    assert [] == await _named(settings)


async def test_a_row_that_nobody_sealed_makes_nothing_right(settings: Settings) -> None:
    """Whoever adds the row as well, without the key, is found by both."""
    forged = """INSERT INTO deploy.account_change (number, at, account, what, role, by, seal)
        SELECT max(number) + 1, now(), 'eve', 'added', 'supervisor', 'root', '\\x00' FROM deploy.account_change"""
    await _do(settings, _MADE_UP, forged)
    found = await verify(settings)

    assert found.account_change_why == "changed"
    assert [("account", "eve", "unlogged")] == await _named(settings)


def _with_secrets(settings: Settings, now: str, *former: str) -> Settings:
    secrets = {"secret_key": SecretStr(now), "previous_secret_keys": SecretStr(",".join(former))}
    return settings.model_copy(update=secrets)


async def test_a_former_secret_that_is_gone_accuses_no_account(settings: Settings) -> None:
    """It is said of the rows that it sealed; who is changed past us from then on is named as ever."""
    old = settings.secret_key.get_secret_value()
    new = _with_secrets(settings, "the next secret of tests - long enough", old)
    async with connect(new) as db, db.transaction():
        by = composition.changing_by_command(new)
        await accounts.set_role(db, CITY, by, username="zhao", role=Role.DISPATCHER)
    gone = _with_secrets(new, new.secret_key.get_secret_value())
    before, found = await verify(new), await verify(gone)
    await _do(gone, _MADE_UP, _LI.format("role = 'supervisor'"))
    await make_anchor(gone)
    anchor = readable(AnchorFiles(directory_of(gone)).lines()[-1])

    assert before.holds
    assert (1, "changed", ()) == (found.broken_account_change, found.account_change_why, found.differing)
    assert [("account", "eve", "unlogged"), ("account", "li", "role")] == await _named(gone)
    assert anchor is not None
    assert ("log:1:changed", "account:eve:unlogged", "account:li:role") == anchor.differing


async def test_a_row_that_is_changed_accuses_only_its_own_account(settings: Settings) -> None:
    """And what stands behind it is still believed."""
    await _do(
        settings,
        "ALTER TABLE deploy.account_change DISABLE TRIGGER USER",
        "UPDATE deploy.account_change SET by = 'nobody' WHERE number ="
        " (SELECT max(number) FROM deploy.account_change WHERE account = 'li')",
    )
    found = await verify(settings)

    assert "changed" == found.account_change_why
    assert [("account", "li", "password")] == await _named(settings)


async def test_it_is_said_since_when_in_both_languages(settings: Settings) -> None:
    """Between the last anchor that found it right and the first that did not; before any, its own last row."""
    await _do(settings, _MADE_UP)
    (unseen,) = (await verify(settings)).differing
    await _do(
        settings, "DELETE FROM deploy.account WHERE username = 'eve'", _LI.format("role = 'supervisor'")
    )
    (logged,) = (await verify(settings)).differing
    await _do(settings, _LI.format("role = 'dispatcher'"))
    for change in ("role = 'dispatcher'", "role = 'supervisor'", "role = 'supervisor'"):
        await _do(settings, _LI.format(change))
        await make_anchor(settings)
    found = await verify(settings)
    anchors = read_pins(AnchorFiles(directory_of(settings)), composition.audit_keys(settings)).compared

    (each,) = found.differing
    assert (unseen.right_at, unseen.seen_at) == (None, None)
    assert logged.right_at is not None
    assert (each.right_at, each.seen_at) == (anchors[0][0], anchors[1][0])
    right, seen = (f"{at:%Y-%m-%d %H:%M:%S %Z}" for at in (anchors[0][0], anchors[1][0]))
    said = {language: [each.message(language) for each in sentences(found)] for language in Language}
    how = "it has another role or department (role)"
    assert f"account li: {how}; right at {right}; an anchor saw it at {seen}" in said[Language.EN]
    assert f"账户 li：角色或部门与记录不符（role），{right} 时尚符，{seen} 的存证已发现" in said[Language.ZH]


async def test_the_sweeper_says_so_by_itself_and_anchors_a_change_at_once(settings: Settings) -> None:
    """Also of what was changed past us; where everybody may read, it names nobody."""
    by = composition.changing_by_command(settings)
    async with open_pool(settings, size=2) as pool:
        process = Process(name="sweep", settings=settings, pool=pool)
        turns = Turns(process)
        await turns.turn()
        await turns.turn()
        written = len(AnchorFiles(directory_of(settings)).lines())
        async with connect(settings) as db, db.transaction():
            await accounts.disable_account(db, by, username="li")
        await turns.turn()
        at_once = len(AnchorFiles(directory_of(settings)).lines())
        before = process.health[ACCOUNTS]
        await _do(settings, _LI.format("password_hash = 'lent'"))
        await turns.turn()
        lent = process.health[ACCOUNTS]
        await _do(settings, _LI.format("disabled = false"), _MADE_UP)
        await turns.turn()
    anchored = [readable(line) for line in AnchorFiles(directory_of(settings)).lines()]

    assert (1, 2, None) == (written, at_once, before)
    assert "huiyin audit verify" in process.health[ACCOUNTS]
    assert "eve" not in process.health[ACCOUNTS]
    assert "huiyin audit verify" in lent
    told = [each.differing for each in anchored if each is not None]
    assert [(), (), ("account:li:password",), ("account:eve:unlogged", "account:li:let-in")] == told


_BEFORE = """
    INSERT INTO deploy.account (username, password_hash, role, disabled) VALUES
        ('wang', 'a', 'dispatcher', false), ('qian', 'b', 'supervisor', true);
    INSERT INTO deploy.token (token_hash, name, role, revoked_at) VALUES
        ('\\x01', 'console', 'dispatcher', NULL), ('\\x02', 'console', 'dispatcher', now())"""
_NEW_PASSWORD = "UPDATE deploy.account SET password_hash = 'c' WHERE username = 'wang'"
_NEW_TOKEN = "INSERT INTO deploy.token (token_hash, name, role) VALUES ('\\x03', 'third', 'dispatcher')"


async def test_accounts_of_before_are_no_false_alarm_and_watched_since(
    postgres_server: EmbeddedPostgres,
) -> None:
    """The upgrade notes what it finds, once; and what a process of the release before does beside it is believed."""
    settings = await database_of("0094", postgres_server)
    async with connect(settings) as db:
        await db.execute(_BEFORE)
    await migrate(settings)
    upgraded = await verify(settings)
    await _by_the_release_before(settings, "wang", What.PASSWORD, _NEW_PASSWORD)
    await _by_the_release_before(settings, "third", What.TOKEN, _NEW_TOKEN)
    beside = await verify(settings)
    await _do(
        settings,
        "UPDATE deploy.account SET role = 'supervisor' WHERE username = 'wang'",
        "UPDATE deploy.account SET disabled = false WHERE username = 'qian'",
        "UPDATE deploy.token SET revoked_at = NULL",
    )

    assert upgraded.holds
    assert beside.holds
    expected = [("account", "qian", "let-in"), ("account", "wang", "role"), ("token", "console", "let-in")]
    assert expected == await _named(settings)


@pytest.mark.parametrize(
    ("former", "is_taken"), [((), False), (("another secret of tests - long enough",), True)]
)
async def test_an_upgrade_under_another_secret_changes_nothing(
    postgres_server: EmbeddedPostgres, former: Sequence[str], *, is_taken: bool
) -> None:
    """Its rows would never hold for the processes that go on; under the next secret the former one is named."""
    settings = await database_of("0094", postgres_server)
    other = _with_secrets(settings, "another secret of tests - long enough")
    for statement in (_BEFORE, "ALTER TABLE deploy.account_change ADD digest bytea"):
        await _do(settings, statement)
    for name in ("wang", "qian"):
        await _by_the_release_before(other, name, What.ROLE, "SELECT 1")
    await _do(settings, "ALTER TABLE deploy.account_change DROP digest")
    upgraded = _with_secrets(settings, settings.secret_key.get_secret_value(), *former)
    with nullcontext() if is_taken else pytest.raises(HuiyinError, match="HUIYIN_PREVIOUS_SECRET_KEYS"):
        await migrate(upgraded)
    async with connect(settings) as db:
        rows = await db.fetchval("SELECT count(*) FROM deploy.account_change")

    assert (2 if not is_taken else 8) == rows
    assert not is_taken or (await verify(upgraded)).holds


async def test_what_was_gone_before_the_upgrade_or_shut_since_is_no_false_alarm(
    postgres_server: EmbeddedPostgres,
) -> None:
    """An account whose rows are older than it, and one that let nobody in any more."""
    settings = await database_of("0094", postgres_server)
    for statement in (_BEFORE, "ALTER TABLE deploy.account_change ADD digest bytea"):
        await _do(settings, statement)
    await _by_the_release_before(settings, "sun", What.ADDED, "SELECT 1")
    await _do(settings, "ALTER TABLE deploy.account_change DROP digest")
    await migrate(settings)
    upgraded = await verify(settings)
    await _do(settings, "DELETE FROM deploy.account WHERE username = 'qian'")
    shut = await verify(settings)
    await _do(settings, "DELETE FROM deploy.account WHERE username = 'wang'")

    assert upgraded.holds
    assert shut.holds
    assert [("account", "wang", "gone")] == await _named(settings)


async def test_a_name_that_the_release_before_used_is_watched_again_once_it_is_revoked(
    postgres_server: EmbeddedPostgres,
) -> None:
    """Tokens of it that were shut out before are no false alarm; one that somebody adds is named."""
    settings = await database_of("0094", postgres_server)
    await _do(settings, _BEFORE)
    await migrate(settings)
    await _by_the_release_before(settings, "third", What.TOKEN, _NEW_TOKEN)
    revoked = "UPDATE deploy.token SET revoked_at = now() WHERE name = 'third'"
    await _by_the_release_before(settings, "third", What.TOKEN_REVOKED, revoked)
    await _by_the_release_before(settings, "third", What.TOKEN, _NEW_TOKEN.replace("03", "04"))
    async with connect(settings) as db, db.transaction():
        await tokens.revoke_tokens(db, composition.changing_by_command(settings), name="third")
    before = await verify(settings)
    await _do(settings, _NEW_TOKEN.replace("03", "05"))

    assert before.holds
    assert [("token", "third", "unlogged")] == await _named(settings)


async def _by_the_release_before(settings: Settings, name: str, what: What, statement: str) -> None:
    """It does it, and its row tells of no digest."""
    async with connect(settings) as db:
        await db.execute(statement)
        changing = Changing("root", clock.now(), composition.audit_key(settings))
        number, before = await last_row(db, AccountChange) or (0, b"")
        change = AccountChange(
            number=number + 1,
            at=changing.at,
            account=name,
            what=what.value,
            role="dispatcher",
            department=None,
            by="root",
        )
        await db.execute(
            "INSERT INTO deploy.account_change (number, at, account, what, role, by, seal)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            change.number, change.at, name, change.what, change.role, change.by, change.seal(changing.key, before),
        )  # fmt: skip
