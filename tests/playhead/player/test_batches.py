import json
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from playhead.player.batches import Cut, body, cut
from playhead.player.recording import TimedEvent, timed


def event(at: int, filler: int = 0) -> TimedEvent:
    return timed(json.dumps({"data": "x" * filler, "timestamp": at}).encode())


EVENTS = st.lists(st.builds(event, st.integers(0, 20_000), st.integers(0, 300)), max_size=40)
LIMITS = st.builds(Cut, st.integers(1, 10), st.integers(1, 1_000), st.integers(0, 9_000))


@given(EVENTS, LIMITS)
def test_batches_hold_every_event_once_in_order_and_keep_their_limits(
    events: list[TimedEvent], limits: Cut
) -> None:
    batches = list(cut(events, limits))
    assert [one for batch in batches for one in batch] == events
    for batch in batches:
        assert 1 <= len(batch) <= limits.events
        assert len(batch) == 1 or sum(len(one.text) for one in batch) <= limits.raw_bytes
        assert all(abs(one.at - batch[0].at) <= limits.span_ms for one in batch)


@given(EVENTS, LIMITS)
def test_a_batch_is_not_closed_before_it_must_be(events: list[TimedEvent], limits: Cut) -> None:
    batches = list(cut(events, limits))
    for batch, following in pairwise(batches):
        more = [*batch, following[0]]
        assert (
            len(more) > limits.events
            or sum(len(one.text) for one in more) > limits.raw_bytes
            or abs(following[0].at - batch[0].at) > limits.span_ms
        )


def test_no_more_than_one_event_is_read_past_a_batch() -> None:
    """So a long recording is cut while it is read."""
    read: list[int] = []

    def events() -> Iterator[TimedEvent]:
        for at in range(10):
            read.append(at)
            yield event(at)

    assert [one.at for one in next(cut(events(), Cut(events=3)))] == [0, 1, 2]
    assert read == [0, 1, 2, 3]


def test_a_body_is_the_events_own_bytes_as_an_array() -> None:
    events = [timed(b'{"data":"\\u00e9 \xc3\xa9","timestamp":1}'), timed(b'{"timestamp":2,"x":1.50}')]
    assert body(events, 10) == b'[{"data":"\\u00e9 \xc3\xa9","timestamp":11},{"timestamp":12,"x":1.50}]'
