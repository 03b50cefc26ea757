"""The partition of a record: that of Kafka's other clients, so a visitor has one whoever writes.

aiokafka's hash is written in Python and takes 7 µs for a usual key; a visitor sends again and again, so it
is kept.
"""

from collections.abc import Sequence
from functools import lru_cache

from aiokafka.partitioner import murmur2

KEPT_KEYS = 16_384

_hash_of = lru_cache(maxsize=KEPT_KEYS)(murmur2)


def partition_of(key: bytes, all_partitions: Sequence[int], available: Sequence[int]) -> int:
    """Args:
    all_partitions: in order.
    available: those that have a leader now; a key's partition does not depend on it.
    """
    positive: int = _hash_of(key) & 0x7FFFFFFF
    return all_partitions[positive % len(all_partitions)]
