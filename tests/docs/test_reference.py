"""docs/metrics.md and docs/settings.md are what the services declare; `make docs` makes them so."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from docs.reference import FILES, HERE, SETTINGS, declared_metrics, metrics_text


@pytest.mark.parametrize("name", FILES)
def test_the_page_is_what_the_services_declare(name: str) -> None:
    assert (HERE / name).read_text() == FILES[name](), "run `make docs`"


def test_a_metric_is_listed_as_it_is_exposed() -> None:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    Counter("playhead_refusals", "Refused.", ["reason"], registry=registry)
    Counter("stamina_retries", "Of a library.", registry=registry)
    Gauge("playhead_lag_records", "Behind.", ["partition"], registry=registry)
    assert list(declared_metrics(registry)) == [
        ("playhead_refusals_total", "counter", ("reason",), "Refused."),
        ("playhead_lag_records", "gauge", ("partition",), "Behind."),
    ]


def test_every_metric_says_what_it_means() -> None:
    rows = [line.split(" | ") for line in metrics_text().splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert [row[0] for row in rows if not row[3].removesuffix(" |").endswith(".")] == []


def test_every_setting_says_what_it_means() -> None:
    silent = [
        f"{model.__module__}.{name}"
        for _, model in SETTINGS
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert silent == []
