"""The stream of rows from ClickHouse, however it is cut into chunks, and however it fails."""

from collections.abc import AsyncIterator, Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.events.order import Batch
from query_api.events.repository import _HEAD, rows
from query_api.problems import Reason, Refusal

MARK = 0x1122334455667788
INT64 = st.integers(-(2**63), 2**63 - 1)
batches = st.builds(
    Batch,
    INT64,
    INT64,
    INT64,
    st.integers(0, 2**16 - 1),
    INT64,
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.one_of(st.binary(max_size=300), st.integers(0, 70_000).map(bytes)),
)


def written(batch: Batch) -> bytes:
    length, digits = len(batch.payload), bytearray()
    while length >= 0x80:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    digits.append(length)
    return _HEAD.pack(MARK, *batch[:-1]) + digits + batch.payload


def in_chunks(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = [0, *sorted(cut for cut in cuts if cut <= len(data)), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


async def read(chunks: Iterable[bytes]) -> list[Batch]:
    async def coming() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [batch async for batch in rows(coming(), MARK)]


@given(st.lists(batches, max_size=4), st.lists(st.integers(0, 100_000), max_size=6))
async def test_rows_come_out_as_they_went_in_wherever_the_stream_is_cut(
    given_batches: list[Batch], cuts: list[int]
) -> None:
    data = b"".join(map(written, given_batches))

    assert await read(in_chunks(data, cuts)) == given_batches


@given(batches, st.data())
async def test_a_stream_that_ends_inside_a_row_is_a_failure_and_not_a_short_answer(
    batch: Batch, data: st.DataObject
) -> None:
    row = written(batch)
    end = data.draw(st.integers(1, len(row) - 1))

    with pytest.raises(Refusal) as refused:
        await read([row + row[:end]])

    assert refused.value.reason is Reason.CLICKHOUSE_UNAVAILABLE


async def test_what_could_be_a_row_but_for_its_mark_is_a_failure() -> None:
    row = written(Batch(1, 2, 0, 0, 0, 1, True, b"{}"))

    with pytest.raises(Refusal) as refused:
        await read([row, b"\r\n__exc" + row[8:]])

    assert refused.value.reason is Reason.CLICKHOUSE_UNAVAILABLE


async def test_an_error_text_among_the_rows_is_a_failure_and_not_a_row() -> None:
    row = written(Batch(1, 2, 0, 0, 0, 1, True, b"{}"))
    error = b"\r\n__exception__\r\nabcdefgh\r\nCode: 241. DB::Exception: Memory limit exceeded" + b" " * 99

    with pytest.raises(Refusal) as refused:
        await read([row, error])

    assert refused.value.reason is Reason.CLICKHOUSE_UNAVAILABLE
