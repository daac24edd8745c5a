"""Whoever is not let in says so in one sentence with its remedy, soon, and without a password."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.commands.doctor import examine
from tests.integration.deploy.secure.certificates import Authority
from tests.integration.deploy.secure.kafka import OUR_PASSWORD, SecureKafka, settings_for
from tests.integration.deploy.secure.postgres import PASSWORD, SecurePostgres
from tests.integration.deploy.secure.said import Said, process_said, said_by, said_until
from tests.stack import Stack, free_port

WRONG = "guess/pass-Ky93@2"
_SECRETS = (OUR_PASSWORD, PASSWORD, WRONG, "guess/pass", "guess%2Fpass", "pg-pass")
CASES = ("password", "authority", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way not to be let in: what a process is told, and what it says then of each server."""

    environment: Mapping[str, str]
    kafka: str
    postgres: str


@pytest.fixture
def ways(
    kafka: SecureKafka,
    authority: Authority,
    stranger: Authority,
    own_postgres: SecurePostgres | None,
    tmp_path: Path,
) -> dict[str, Way]:
    """A wrong password, an unknown CA and a wrong host name, at both servers at once."""
    right = settings_for(kafka.sasl_ssl, "huiyin", authority.file)
    other_name = kafka.sasl_ssl.replace("localhost", "127.0.0.1")
    wrong: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
        "password": ({"KAFKA_SASL_PASSWORD": WRONG}, {"password": WRONG}),
        "authority": ({"KAFKA_SSL_CA_FILE": str(stranger.file)}, {"authority": stranger.file}),
        "name": ({"KAFKA_BOOTSTRAP_SERVERS": other_name}, {"host": "127.0.0.1"}),
    }
    unknown = "shows a certificate of a CA that we do not trust"
    renamed = "shows a certificate for another name (IP address mismatch"
    sentences = {
        "password": (
            f"Kafka at {kafka.sasl_ssl} refuses the password of the user 'huiyin' (SCRAM-SHA-512)",
            'Postgres at DATABASE_URL refuses us (password authentication failed for user "huiyin")',
        ),
        "authority": (f"Kafka at {kafka.sasl_ssl} {unknown}", f"Postgres at DATABASE_URL {unknown}"),
        "name": (f"Kafka at {other_name} {renamed}", f"Postgres at DATABASE_URL {renamed}"),
    }
    return {
        case: Way(
            environment={
                **right,
                **wrong[case][0],
                "DATABASE_URL": own_postgres.url(**wrong[case][1]) if own_postgres else "",
                "HUIYIN_SECRET_KEY": "a secret for tests only, long enough",
                "HUIYIN_DATA": str(tmp_path),
            },
            kafka=sentences[case][0],
            postgres=sentences[case][1],
        )
        for case in CASES
    }


def _ensure_discreet(said: Said) -> None:
    shown = said.out + said.err
    assert not [secret for secret in _SECRETS if secret in shown]


@pytest.mark.parametrize("case", CASES)
async def test_the_doctor_names_each_refusal_and_its_remedy(
    ways: dict[str, Way],
    own_postgres: SecurePostgres | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    case: str,
) -> None:
    """Of Kafka and of Postgres."""
    for name, value in ways[case].environment.items():
        monkeypatch.setenv(name, value)
    found = {one.check: one for one in await examine(tmp_path)}

    wanted = [("kafka", ways[case].kafka)] + ([("postgres", ways[case].postgres)] if own_postgres else [])
    for check, sentence in wanted:
        assert found[check].state == "fail"
        assert found[check].found.en.startswith(sentence)
        assert found[check].remedy.en
    assert not [secret for secret in _SECRETS if secret in str(found)]


async def test_the_doctor_shows_them_as_text(
    ways: dict[str, Way], own_postgres: SecurePostgres | None
) -> None:
    """A line for each, its remedy below, and an exit status; no library says anything beside it."""
    said = await said_by(ways["name"].environment, "doctor")

    for check in ["kafka"] + (["postgres"] if own_postgres else []):
        sentence = getattr(ways["name"], check)
        assert re.search(rf"^✗ {check}: {re.escape(sentence)}.*\n    → \S", said.out, re.MULTILINE)
    assert (1, "") == (said.status, said.err)
    _ensure_discreet(said)


async def test_a_worker_that_kafka_refuses_ends(ways: dict[str, Way], secure_city: Stack) -> None:
    """At once, with the sentence as the reason in its log."""
    said = await asyncio.gather(
        *(
            process_said(
                {**ways[case].environment, "DATABASE_URL": secure_city.database_url}, "work", "intake"
            )
            for case in CASES
        )
    )

    for case, one in zip(CASES, said, strict=True):
        assert one.status == 1
        assert _failure(one)["reason"].startswith(ways[case].kafka)
        _ensure_discreet(one)


async def test_relay_and_web_that_kafka_refuses_say_so_and_stay(
    ways: dict[str, Way], secure_city: Stack
) -> None:
    """The web answers without Kafka, the relay tries anew: both say why, and stay; a busy broker may say it late."""
    more = {"DATABASE_URL": secure_city.database_url, "HUIYIN_PORT": str(free_port())}
    environment = {**ways["password"].environment, **more}
    events = {"relay": "relay.starts-over", "serve": "publisher.waits"}
    said = await asyncio.gather(
        *(
            said_until(environment, word, event=event, reason=ways["password"].kafka)
            for word, event in events.items()
        )
    )

    for event, one in zip(events.values(), said, strict=True):
        lines = [json.loads(line) for line in one.err.splitlines()]
        reasons = [line["reason"] for line in lines if line["event"] == event]
        assert one.status is None
        refused = [reason for reason in reasons if reason.startswith(ways["password"].kafka)]
        assert refused
        assert all("does not answer" in reason for reason in reasons if reason not in refused)
        _ensure_discreet(one)


async def test_processes_that_postgres_refuses_end(
    ways: dict[str, Way], postgres: SecurePostgres, kafka: SecureKafka, authority: Authority
) -> None:
    """Each kind of process, whether or not it needs Postgres to start; all come in as the doctor does."""
    right = settings_for(kafka.sasl_ssl, "huiyin", authority.file) | {"HUIYIN_PORT": str(free_port())}
    way = ways["password"]
    said = await asyncio.gather(
        *(process_said({**way.environment, **right}, word) for word in ("serve", "relay", "sweep"))
    )

    for one in said:
        assert one.status == 1
        assert _failure(one)["reason"].startswith(way.postgres)
        _ensure_discreet(one)


def _failure(said: Said) -> dict[str, str]:
    """The first log line that says why it ends."""
    lines = [json.loads(line) for line in said.err.splitlines()]
    found: dict[str, str] = next(line for line in lines if line["level"] == "critical")
    return found


async def test_commands_end_with_one_sentence(ways: dict[str, Way], postgres: SecurePostgres) -> None:
    """Not with a traceback."""
    way = ways["password"]
    migrate, letters = await asyncio.gather(
        said_by(way.environment, "migrate"), said_by(way.environment, "dead-letters", "list", "--json")
    )

    for one, sentence in ((migrate, way.postgres), (letters, way.kafka)):
        assert one.status == 1
        assert f"huiyin: {sentence}" in one.err
        assert "Traceback" not in one.err
        _ensure_discreet(one)
    assert letters.out == ""
