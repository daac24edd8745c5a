"""The generated pages name everything there is."""

import inspect
import re
from functools import cache
from pathlib import Path

import pytest

from deploy.docgen import documents, events, reference
from deploy.observability.metrics import SERIES
from deploy.settings import Settings
from schemas.event import EVENT_TYPES, Event


def test_every_setting_is_described() -> None:
    """No setting is without a sentence, and none is missing from the page."""
    page = reference.settings()

    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    assert len(Settings.model_fields) == page.count("\n| `")


def test_no_secret_is_printed() -> None:
    """Secrets have no default, so that none is the same everywhere."""
    secrets = [
        line for line in reference.settings().splitlines() if "SECRET_KEY" in line or "PASSWORD" in line
    ]

    assert [""] * len(secrets) == [line.split("|")[2].strip() for line in secrets]


def test_every_metric_is_described() -> None:
    """No metric is without a sentence, and none is missing from the page."""
    page = reference.metrics()

    assert [name for name, series in SERIES.items() if not series.meaning] == []
    assert len(SERIES) == page.count("\n| `huiyin_")


def test_what_pages_say_of_metrics_is_at_hand() -> None:
    """Whoever copies an alert from a page has one that can fire: the name is there, and so are the labels."""
    said = [found for page in _PAGES for found in _METRIC.finditer(page.read_text(encoding="utf-8"))]
    asked = [(found["name"], re.findall(r"(\w+)=", found["labels"] or "")) for found in said]
    names = {f"{name}{end}" for name in SERIES for end in ("", *_ends_of(name))}
    labels = {name: {*series.labels, "process", "replica"} for name, series in SERIES.items()}

    assert len(asked) > len(SERIES)
    assert [] == [name for name, _ in asked if name not in names | _NO_METRICS]
    assert [] == [(name, label) for name, wanted in asked for label in wanted if label not in labels[name]]


def _ends_of(name: str) -> tuple[str, ...]:
    return ("_bucket", "_count", "_sum") if SERIES[name].type == "histogram" else ()


_PAGES = sorted([*Path("docs").rglob("*.md"), *Path().glob("*.md")])
_METRIC = re.compile(r"\b(?P<name>huiyin_[a-z]\w*)(?:\{(?P<labels>[^}]*)\})?")
#: Roles and databases of Postgres, and a cookie.
_NO_METRICS = {"huiyin_app", "huiyin_owner", "huiyin_check_", "huiyin_case"}

_catalogue = cache(events.catalogue)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_is_in_the_catalogue(name: str) -> None:
    """Each event has its heading, and each of its fields a row."""
    section = _catalogue().partition(f"### `{name}`\n")[2].partition("\n#")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    event = EVENT_TYPES[name]
    own = [field for field in event.__struct_fields__ if field not in Event.__struct_fields__]

    assert f"{inspect.cleandoc(event.__doc__ or '-')} ([schema](../schemas/json/{name}.json))" in section
    assert own == [row[0].strip("| `") for row in rows]
    assert [] == [row for row in rows if row[1] == ""]


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_field_says_what_its_class_says_of_it(name: str) -> None:
    """The last column is the field's `#:` comment, and nobody else's."""
    section = _catalogue().partition(f"### `{name}`\n")[2].partition("\n#")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    source = inspect.getsource(EVENT_TYPES[name])

    said = [line.removeprefix("    #:").strip() for line in source.splitlines() if line.startswith("    #:")]
    assert [] == [line for line in said if not any(line in row[3] for row in rows)]


def test_a_fields_comment_is_its_meaning() -> None:
    """What stands in `#:` above a field, in the class or its base, is what the page says of it."""
    comments = events.field_comments(EVENT_TYPES["command.return.v1"])

    assert comments["signature"] == "Hex HMAC-SHA256."


def test_every_route_is_listed() -> None:
    """Each route has a sentence and a row."""
    routes = reference.every_route()
    page = reference.routes()

    assert [route.path for route in routes if not route.summary] == []
    assert len(routes) == page.count("\n| GET ") + page.count("\n| POST ")


def test_generated_pages_say_so() -> None:
    """Whoever opens a generated page reads how it is made."""
    pages = {path: text for path, text in documents.all_documents().items() if path.suffix == ".md"}

    assert [path for path, text in pages.items() if "python -m deploy.docgen" not in text] == []


def test_every_event_says_who_hears_it() -> None:
    """Whoever follows a message from slice to slice finds the consumer groups beside the event."""
    page = events.catalogue()
    registered = page.partition("### `case.registered.v1`")[2].partition("\n### ")[0]

    assert len(EVENT_TYPES) == page.count("\nHeard by ")
    assert "Heard by `routing`, `sla`." in registered
