"""How large a state is, as a person is told it."""

from sessionizer.core.block import run_block
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.worker.state_size import StateSize, state_size, told, total
from tests.builders.batches import T0, a_batch
from tests.builders.logs import a_log


def test_keys_and_values_of_all_visitors_count() -> None:
    shard = Shard(0)
    batches = [a_batch(T0, visitor=name) for name in ("ann", "ben")]
    run_block(shard, a_log(batches), 1, Rules(topic="playhead.batches"))
    size = state_size(shard)
    assert (size.visitors, size.live_sessions) == (2, 2)
    assert size.bytes == sum(len(key) + len(value) for key, value in shard.visitors.items())
    assert size.bytes > 200


def test_what_is_remembered_of_others_is_shared_out_among_the_live_sessions() -> None:
    assert StateSize(visitors=4, live_sessions=2, bytes=900).bytes_per_live_session == 450
    assert StateSize(visitors=4, live_sessions=0, bytes=900).bytes_per_live_session is None


def test_it_is_told_in_one_line() -> None:
    both = total([StateSize(3, 2, 700), StateSize(1, 0, 100)])
    assert told(both) == "4 visitors, 2 live sessions, 800 bytes, 400 bytes per live session"
    assert told(StateSize(1, 0, 100)) == "1 visitors, 0 live sessions, 100 bytes"
