"""Two requests of Kafka that aiokafka does not have: who has a transaction open, and to end one (KIP-664).

The wire only: names, types and order are Kafka's (DescribeProducers version 0, WriteTxnMarkers version 1).
"""

from collections.abc import Mapping, Sequence

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

_TAGS = ("tags", TaggedFields)
_NUMBERS_BY_TOPIC = CompactArray(
    ("name", CompactString("utf-8")), ("partition_indexes", CompactArray(Int32)), _TAGS
)


def _partitions_by_topic(*fields: tuple[str, object]) -> CompactArray:
    partition = CompactArray(("partition_index", Int32), ("error_code", Int16), *fields, _TAGS)
    return CompactArray(("name", CompactString("utf-8")), ("partitions", partition), _TAGS)


class DescribeProducersResponse_v0(Response):  # type: ignore[misc]  # noqa: N801
    API_KEY = 61
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            _partitions_by_topic(
                ("error_message", CompactString("utf-8")),
                (
                    "active_producers",
                    CompactArray(
                        ("producer_id", Int64),
                        ("producer_epoch", Int32),
                        ("last_sequence", Int32),
                        ("last_timestamp", Int64),
                        ("coordinator_epoch", Int32),
                        ("current_txn_start_offset", Int64),
                        _TAGS,
                    ),
                ),
            ),
        ),
        _TAGS,
    )


class DescribeProducersRequest_v0(RequestStruct):  # type: ignore[misc]  # noqa: N801
    FLEXIBLE_VERSION = True
    API_KEY = 61
    API_VERSION = 0
    RESPONSE_TYPE = DescribeProducersResponse_v0
    SCHEMA = Schema(("topics", _NUMBERS_BY_TOPIC), _TAGS)


class DescribeProducersRequest(Request[DescribeProducersRequest_v0]):  # type: ignore[misc]
    """Of partitions by topic, all led by the broker that is asked."""

    API_KEY = 61

    def __init__(self, topics: Mapping[str, Sequence[int]]):
        self._topics = topics

    def build(self, request_struct_class: type[DescribeProducersRequest_v0]) -> DescribeProducersRequest_v0:
        return request_struct_class([(name, list(numbers), {}) for name, numbers in self._topics.items()], {})


class WriteTxnMarkersResponse_v1(Response):  # type: ignore[misc]  # noqa: N801
    API_KEY = 27
    API_VERSION = 1
    SCHEMA = Schema(
        ("markers", CompactArray(("producer_id", Int64), ("topics", _partitions_by_topic()), _TAGS)),
        _TAGS,
    )


class WriteTxnMarkersRequest_v1(RequestStruct):  # type: ignore[misc]  # noqa: N801
    FLEXIBLE_VERSION = True
    API_KEY = 27
    API_VERSION = 1
    RESPONSE_TYPE = WriteTxnMarkersResponse_v1
    SCHEMA = Schema(
        (
            "markers",
            CompactArray(
                ("producer_id", Int64),
                ("producer_epoch", Int16),
                ("transaction_result", Boolean),
                ("topics", _NUMBERS_BY_TOPIC),
                ("coordinator_epoch", Int32),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class WriteTxnMarkersRequest(Request[WriteTxnMarkersRequest_v1]):  # type: ignore[misc]
    """One marker for one partition, which the broker that is asked leads."""

    API_KEY = 27

    def __init__(
        self,
        *,
        topic: str,
        partition: int,
        producer_id: int,
        producer_epoch: int,
        coordinator_epoch: int,
        commit: bool,
    ):
        self._marker: tuple[object, ...] = (
            producer_id,
            producer_epoch,
            commit,
            [(topic, [partition], {})],
            coordinator_epoch,
            {},
        )

    def build(self, request_struct_class: type[WriteTxnMarkersRequest_v1]) -> WriteTxnMarkersRequest_v1:
        return request_struct_class([self._marker], {})
