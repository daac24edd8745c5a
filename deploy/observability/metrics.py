"""Every metric, in one list. docs/metrics.md is generated from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

# When each counter began would be a series beside each, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs

REGISTRY = CollectorRegistry()

#: Upper bounds of every histogram of seconds: two to each power of ten, from a step to a timeout (project choice).
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)

BATCH_RECORDS = Histogram(
    "huiyin_batch_records", "Records in one batch.", ["group"],
    buckets=(1, 3, 10, 30, 100, 300, 1000), registry=REGISTRY,
)  # fmt: skip
BATCH_SECONDS = Histogram(
    "huiyin_batch_seconds", "From the first record of a batch to its commit.", ["group"],
    buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
STEP_SECONDS = Histogram(
    "huiyin_step_seconds", "One step over its share of a batch.", ["group", "event"],
    buckets=_SECONDS, registry=REGISTRY,
)  # fmt: skip
EVENTS_HANDLED = Counter("huiyin_events_handled", "Events handled.", ["group", "event"], registry=REGISTRY)
EVENTS_REPEATED = Counter(
    "huiyin_events_repeated", "Redeliveries that the inbox absorbed.", ["group"], registry=REGISTRY
)
BATCH_RETRIES = Counter(
    "huiyin_batch_retries", "Batches tried again after a transient error.", ["group"], registry=REGISTRY
)
DEAD_LETTERS = Counter(
    "huiyin_dead_letters", "Records kept as dead letters.", ["group", "reason"], registry=REGISTRY
)
REFUSED_RECORDS = Counter(
    "huiyin_refused_records",
    "Records that outsiders wrote and nobody can accept; kept: whether among the dead letters.",
    ["group", "reason", "kept"],
    registry=REGISTRY,
)
HALTED = Gauge(
    "huiyin_consumer_halted",
    "1: this consumer of outsiders' records halted for defects of ours, and waits for a restart.",
    ["group"],
    registry=REGISTRY,
)
CLIENTS_RENEWED = Counter(
    "huiyin_kafka_clients_renewed",
    "Consumers whose client of Kafka stood still and was replaced by a new one.",
    ["group"],
    registry=REGISTRY,
)
LAG = Gauge(
    "huiyin_lag_records",
    "Records between this group and the end of its topics.",
    ["group"],
    registry=REGISTRY,
)
EVENTS_PUBLISHED = Counter("huiyin_events_published", "Outbox rows sent to Kafka.", registry=REGISTRY)
OUTBOX_AGE = Gauge(
    "huiyin_outbox_oldest_seconds",
    "Age of the oldest row that waits for Kafka, as the web finds it in the database.",
    registry=REGISTRY,
)
OUTBOX_QUARANTINED = Counter(
    "huiyin_outbox_quarantined", "Rows that Kafka will never take.", registry=REGISTRY
)
SILENT_CALLS = Counter(
    "huiyin_silent_calls",
    "Hotline calls in which nobody said anything: kept, and no case.",
    registry=REGISTRY,
)
NOTICES = Counter(
    "huiyin_notices",
    "Notices by channel and by what became of them.",
    ["channel", "state"],
    registry=REGISTRY,
)
NOTICES_WAITING = Gauge("huiyin_notices_waiting", "Notices that should be sent by now.", registry=REGISTRY)
NOTICES_OLDEST = Gauge(
    "huiyin_notices_oldest_seconds", "Age of the oldest notice that should be sent by now.", registry=REGISTRY
)
NOTICES_TROUBLED = Gauge(
    "huiyin_notices_troubled",
    "Kept notices that were refused, came back, or were given up; see: huiyin notices list --failed.",
    registry=REGISTRY,
)
WEBHOOKS_DISABLED = Gauge(
    "huiyin_webhooks_disabled",
    "Other systems' addresses that were switched off, since they took nothing for days; see: /watch/notices.",
    registry=REGISTRY,
)
LETTERS = Counter(
    "huiyin_letters",
    "Letters by e-mail, by what became of them: accepted, supplemented, automatic, empty, held, refused, too-large.",
    ["fate"],
    registry=REGISTRY,
)
ALERTS_RAISED = Counter("huiyin_alerts_raised", "Warnings, breaches and escalations.", registry=REGISTRY)
OPEN_CLOCKS = Gauge("huiyin_open_clocks", "Clocks that run.", registry=REGISTRY)
PUT_BACK = Gauge(
    "huiyin_put_back",
    "Ranges of records that this server had and has no more, since it was put back from before; see: huiyin doctor.",
    ["server"],
    registry=REGISTRY,
)
CASES_MISSING = Gauge(
    "huiyin_cases_missing",
    "Cases that one slice knows and another lacks, as the last look found them; they are said again.",
    ["where"],
    registry=REGISTRY,
)
ACCOUNTS_DIFFERING = Gauge(
    "huiyin_accounts_differing",
    "Staff accounts and tokens that were changed past their log, as the last anchor found; see: huiyin audit verify.",
    registry=REGISTRY,
)
SWEEP_BEHIND = Gauge(
    "huiyin_sweep_behind_seconds",
    "How far the deadlines' consumer is behind: no breach is declared for what it has not reached.",
    registry=REGISTRY,
)
CLOCK_AHEAD = Gauge(
    "huiyin_clock_ahead_seconds",
    "By how much this machine's clock is ahead of the database's, which all go by.",
    registry=REGISTRY,
)
DISK_FREE = Gauge(
    "huiyin_disk_free_bytes", "Room left where we write, as the web sees it.", ["place"], registry=REGISTRY
)
HTTP_SECONDS = Histogram(
    "huiyin_http_seconds", "From request to answer.", ["route", "status"], buckets=_SECONDS, registry=REGISTRY
)
LOOP_LAG = Gauge(
    "huiyin_loop_lag_seconds", "How late the event loop was at the last look.", registry=REGISTRY
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one metric's series say, and by what they differ beside their process."""

    type: str
    labels: Sequence[str]
    meaning: str


def _series(metric: MetricWrapperBase) -> tuple[str, Series]:
    (family,) = metric.describe()
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return name, Series(type=family.type, labels=metric._labelnames, meaning=family.documentation)


#: Every one of them by its name at `/metrics`; there a histogram's ends in `_bucket`, `_count` and `_sum`.
SERIES: Final[Mapping[str, Series]] = dict(
    _series(each) for each in tuple(globals().values()) if isinstance(each, MetricWrapperBase)
)
