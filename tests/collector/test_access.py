"""The access log: every refusal, and one of so many accepted requests."""

import pytest
from structlog.testing import capture_logs

from collector.access import AccessLog


@pytest.mark.parametrize(("one_in", "lines"), [(0, 0), (1, 12), (5, 2), (12, 1), (13, 0)])
def test_of_accepted_requests_one_in_so_many_has_a_line(one_in, lines):
    access = AccessLog(one_in)
    with capture_logs() as logged:
        for _ in range(12):
            access.accepted(202, 1.26)
    assert (
        logged
        == [
            {
                "event": "request",
                "log_level": "info",
                "outcome": "accepted",
                "status": 202,
                "took_ms": 1.3,
                "one_in": one_in,
            }
        ]
        * lines
    )


@pytest.mark.parametrize("one_in", [0, 5])
def test_every_refusal_has_a_line(one_in):
    access = AccessLog(one_in)
    with capture_logs() as logged:
        for _ in range(3):
            access.refused("empty_batch", 400, 0.04, "the body is empty")
    assert [(line["outcome"], line["status"], line["detail"]) for line in logged] == [
        ("empty_batch", 400, "the body is empty")
    ] * 3
