"""Every limit among the settings has a test at its edge, and every reason of the table is provoked."""

from pathlib import Path

import pytest

from collector.problems import Reason
from collector.settings import Settings

HERE = Path(__file__).parent

EDGES = {
    "max_body_bytes": "contract/test_edges.py::test_a_limit_holds_to_the_unit",
    "max_decompressed_bytes": "contract/test_edges.py::test_a_limit_holds_to_the_unit",
    "max_events": "contract/test_edges.py::test_a_limit_holds_to_the_unit",
    # The parser counts the server's stack too, so there is no edge to the level.
    "max_nesting": "contract/test_bodies.py::test_what_comes_back",
    "max_record_bytes": "contract/test_edges.py::test_a_record_is_taken_up_to_the_producers_limit",
    "max_in_flight_bytes": ("contract/test_edges.py::test_bytes_in_flight_are_limited_before_memory_grows"),
    "max_header_bytes": "contract/test_tcp_sockets.py::test_headers_have_a_limit_to_the_byte",
    "max_tcp_sockets": "test_tcp_sockets.py::test_over_the_limit_the_longest_idle_sockets_are_closed",
    "max_sockets": "official_client/test_open_sockets.py::test_there_is_room_up_to_the_limit",
    "max_socket_message_bytes": "contract/test_edges.py::test_a_message_is_taken_up_to_its_limit",
    "max_socket_waiting_bytes": "official_client/test_open_sockets.py::test_what_waits_is_bounded",
    "max_requests_per_s": "test_rate.py::test_after_the_time_of_one_request_one_is_admitted",
    "request_burst": "test_ingest.py::test_a_burst_of_requests_holds_to_the_request",
    "max_bytes_per_s": "test_rate.py::test_bytes_beyond_the_burst_are_waited_for_in_full",
    "byte_burst": "test_ingest.py::test_a_burst_of_bytes_holds_to_the_byte",
    # In a time of the test's own, a millisecond before and after. What is due at the very same instant may
    # come in either order.
    "header_timeout_ms": "test_tcp_sockets.py::test_headers_have_their_time_from_their_first_byte",
    "body_timeout_ms": "test_body.py::test_a_body_has_its_time_to_the_millisecond",
    "idle_timeout_ms": "test_tcp_sockets.py::test_a_socket_may_be_idle_so_long_after_each_answer",
    "publish_timeout_ms": "test_publish.py::test_an_acknowledgement_has_its_time_to_the_millisecond",
}
OF_NO_BATCH = {
    Reason.malformed_request: "contract/test_tcp_sockets.py::test_what_is_not_http_is_refused",
    Reason.slow_headers: "contract/test_tcp_sockets.py::test_headers_that_do_not_come_to_an_end_are_refused",
    Reason.headers_too_large: "contract/test_tcp_sockets.py::test_headers_have_a_limit_to_the_byte",
    Reason.not_found: "contract/test_served.py::test_another_path_is_a_404",
    Reason.method_not_allowed: "contract/test_served.py::test_batches_are_only_posted",
}


def is_limit(setting: str) -> bool:
    return setting.startswith("max_") or setting.endswith(("_timeout_ms", "_burst"))


def test_every_limit_has_a_test_at_its_edge():
    assert {name for name in Settings.model_fields if is_limit(name)} == set(EDGES)


@pytest.mark.parametrize("where", [*EDGES.values(), *OF_NO_BATCH.values()])
def test_the_test_is_there(where):
    file, _, name = where.partition("::")
    assert f"def {name}(" in (HERE / file).read_text()


def test_every_reason_that_is_of_no_batch_is_provoked_too():
    of_batches = (HERE / "contract/test_refused.py").read_text()
    provoked = {reason for reason in Reason if f'"{reason.name}"' in of_batches}
    assert provoked | set(OF_NO_BATCH) == set(Reason)
