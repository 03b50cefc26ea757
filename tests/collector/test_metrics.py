"""Metrics have one form: a name with its unit, and a meaning."""

from prometheus_client.metrics import MetricWrapperBase

from collector import metrics

DECLARED = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
PLAIN_NUMBERS = {
    "playhead_collector_connections",
    "playhead_collector_producer_up",
    "playhead_collector_sockets_open",
    "playhead_collector_tcp_sockets",
}


def test_each_metric_says_its_unit_and_meaning():
    assert len(DECLARED) >= 10
    for metric in DECLARED:
        [family] = metric.describe()
        name = family.name + ("_total" if family.type == "counter" else "")
        assert name.startswith("playhead_collector_")
        assert name.endswith(("_total", "_bytes", "_seconds")) or name in PLAIN_NUMBERS
        assert family.documentation.endswith(".")
