"""Several processes' metrics as one text."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from deploy.observability.merged import merge


def _text(requests: int) -> str:
    registry = CollectorRegistry()
    Counter("huiyin_requests", "How many { there were", ["path"], registry=registry).labels('/a"}{').inc(
        requests
    )
    Histogram("huiyin_seconds", "How long", registry=registry, buckets=(1.0,)).observe(0.5)
    return generate_latest(registry).decode()


def test_each_sample_says_its_process_and_each_family_stands_once() -> None:
    """Prometheus reads what comes out, with every value of every process."""
    families = list(
        text_string_to_metric_families(merge({("web", "a#1"): _text(2), ("relay", "a#2"): _text(3)}))
    )
    samples = {
        (sample.name, sample.labels["process"]): sample.value
        for family in families
        for sample in family.samples
    }
    counted = next(sample for family in families for sample in family.samples if "path" in sample.labels)

    assert len({family.name for family in families}) == len(families)
    assert (2.0, 3.0) == (
        samples["huiyin_requests_total", "web"],
        samples["huiyin_requests_total", "relay"],
    )
    assert (1.0, 1.0) == (samples["huiyin_seconds_count", "web"], samples["huiyin_seconds_bucket", "relay"])
    assert counted.labels["path"] == '/a"}{'


def test_two_of_a_kind_have_series_of_their_own() -> None:
    """What one counted is never shown as what the other did, so that no counter goes back."""
    merged = merge({("relay", "a#2"): _text(7), ("relay", "b#2"): _text(3)})
    values = {
        sample.labels["replica"]: sample.value
        for family in text_string_to_metric_families(merged)
        for sample in family.samples
        if sample.name == "huiyin_requests_total"
    }

    assert {"a#2": 7.0, "b#2": 3.0} == values
