"""Calls to intake's routes on a real transaction, without a server."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from deploy.database.case_views import PostgresViewCounts
from intake.core.accepting import Accepted
from intake.core.danger import WORDS_ALONE, DangerEar
from intake.core.mini_app_signature import NONCE_KEPT_FOR, sign
from intake.core.registration import prepare_messages
from intake.steps import handle_events
from intake.steps.accept import CameBefore
from intake.steps.register import register_cases
from intake.store.nonce import forget_nonce, use_nonce
from intake.store.silent import Silence, keep_silence
from intake.web import api, pages
from intake.web.dependencies import UTC_CLOCK, Suggestions, dependencies_of, no_suggestions
from schemas.city import load_city
from schemas.http import Call, Principal, Route
from schemas.ports import CaseEntries, KnowledgeFacts
from schemas.words import Language
from tests.conftest import RecordingUnit
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.messages import KEYS

SECRETS = {"app": "s3cret"}


class NoKnownKeys:
    """A Postgres that does not answer."""

    async def content_hash(self, key_hash: str) -> str | None:
        """Nobody knows."""
        return None

    async def received(self, key_hashes: Sequence[str]) -> Mapping[str, CameBefore]:
        """None of them."""
        return {}


class UnitsNonces:
    """The table of used nonces, in the test's own transaction."""

    unit: RecordingUnit

    async def use(self, app: str, nonce: str, now: datetime) -> bool:
        """See the port."""
        return await use_nonce(self.unit.db, app, nonce, now, NONCE_KEPT_FOR)

    async def forget(self, app: str, nonce: str) -> None:
        """See the port."""
        await forget_nonce(self.unit.db, app, nonce)


class UnitsSilentCalls:
    """The table of silent calls, in the test's own transaction."""

    unit: RecordingUnit

    async def keep(self, silence: Silence) -> None:
        """See the port."""
        await keep_silence(self.unit.db, silence)


class Site:
    """Intake's API and pages over one Kafka, in one process."""

    def __init__(
        self,
        clock: Callable[[], datetime] | None = None,
        suggestions: Suggestions = no_suggestions,
        facts: KnowledgeFacts | None = None,
        entries: CaseEntries | None = None,
        ear: DangerEar = WORDS_ALONE,
    ) -> None:
        self.kafka = KafkaInMemory()
        self._nonces, self._silent_calls = UnitsNonces(), UnitsSilentCalls()
        dependencies = dependencies_of(
            keys=KEYS,
            publisher=self.kafka,
            known_keys=NoKnownKeys(),
            mini_apps=SECRETS,
            nonces=self._nonces,
            silent_calls=self._silent_calls,
            views=PostgresViewCounts(),
            city=load_city(),
            ear=ear,
            suggestions=suggestions,
            facts=facts,
            entries=entries,
            public_url="https://city",
            clock=clock or UTC_CLOCK,
        )
        routes = (*api.routes(dependencies), *pages.routes(dependencies))
        self._routes = {(route.method, route.path): route for route in routes}

    def route(self, method: str, path: str) -> Route:
        """The route with this path."""
        return self._routes[method, path]

    async def call(
        self,
        unit: RecordingUnit | None,
        method: str,
        path: str,
        body: object = None,
        **more: object,
    ) -> object:
        """What the route answers; `body` and `query` are given as JSON would hold them."""
        route = self.route(method, path)
        if unit is not None:
            self._nonces.unit = self._silent_calls.unit = unit
        query = more.pop("query", {})
        call = Call(
            principal=more.pop("principal", Principal()),  # type: ignore[arg-type]  # a Principal if given
            language=Language.ZH,
            path=more.pop("at", {}),  # type: ignore[arg-type]  # a mapping if given
            headers=more.pop("headers", {}),  # type: ignore[arg-type]  # a mapping if given
            address="127.0.0.1",
            body=msgspec.convert(body, route.body) if route.body else None,
            query=msgspec.convert(query, route.query, strict=False) if route.query else None,
            unit_or_none=unit if route.database else None,
            **more,  # type: ignore[arg-type]  # raw_body and form
        )
        return await route.answer(call)


def signed(body: Mapping[str, object], nonce: str) -> dict[str, Any]:
    """What a call of the mini-app's holds, signed now."""
    raw = json.dumps(body).encode()
    timestamp = str(int(datetime.now(UTC).timestamp()))
    signature = sign(SECRETS["app"], app="app", timestamp=timestamp, nonce=nonce, body=raw)
    headers = {"x-app": "app", "x-timestamp": timestamp, "x-nonce": nonce, "x-signature": signature}
    return {"body": body, "raw_body": raw, "headers": headers}


#: What the subscriber does with published replies.
handle_replies = partial(handle_events.handle_replies, keys=KEYS)


async def register(unit: RecordingUnit, *messages: Accepted) -> None:
    """What the subscriber does with these messages."""
    events = [message.event for message in messages]
    await register_cases(unit, events, prepare_messages(events, keys=KEYS))
