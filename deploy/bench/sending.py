"""Events straight onto Kafka, as our slices say them: keyed by their case, signed, and not waited for."""

import asyncio
from typing import Any, TypedDict

from aiokafka import AIOKafkaProducer

from deploy import clock
from deploy.messaging.records.envelope import Headers, headers_of
from deploy.messaging.records.signature import EventKeys
from schemas.event import Event, encode


class SignedRecord(TypedDict):
    """What a producer sends to a topic, by the names of its arguments."""

    key: bytes
    value: bytes
    headers: Headers


def signed_record(event: Event, topic: str, keys: EventKeys) -> SignedRecord:
    """The event as it lies on that topic, under a new id."""
    key, value = event.case_id.encode(), encode(event)
    headers = headers_of(clock.new_event_id(), event.type, event.at, None, key)
    return {"key": key, "value": value, "headers": keys.signed(topic, key, value, headers)}


async def send(
    producer: AIOKafkaProducer, event: Event, topic: str, keys: EventKeys
) -> "asyncio.Future[Any]":
    """Queue the event; the future has a result once Kafka has it."""
    queued: asyncio.Future[Any] = await producer.send(topic, **signed_record(event, topic, keys))
    return queued
