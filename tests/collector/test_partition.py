"""A visitor's partition is the one that Kafka's Java client would take."""

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from collector.partition import partition_of

PARTITIONS = list(range(12))


# The values are those of Kafka's own test, UtilsTest.testMurmur2.
@pytest.mark.parametrize(
    ("key", "hashed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
def test_the_hash_is_kafkas(key, hashed):
    assert partition_of(key, PARTITIONS, []) == (hashed & 0x7FFFFFFF) % 12


@given(st.binary(max_size=80), st.integers(1, 200))
def test_first_and_again_it_is_that_of_aiokafka(key, count):
    partitions = list(range(count))
    expected = DefaultPartitioner()(key, partitions, partitions)
    assert [partition_of(key, partitions, partitions) for _ in range(2)] == [expected] * 2
