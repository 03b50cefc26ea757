"""What hangs, what becomes of it, and when state cannot be read at all: decided from what the brokers say."""

import pytest
from aiokafka import TopicPartition

from schemas.topic import DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.worker.continuity import Committed
from sessionizer.worker.hanging import left_open, of_others, was_acknowledged
from sessionizer.worker.hanging_watch import HANGS_AFTER_S, Watched
from sessionizer.worker.open_transactions import OpenTransaction
from sessionizer.worker.transaction import TRANSACTION_TIMEOUT_MS, Producer

OWNER = Producer(30, 5)


def open_in(
    topic: str, partition: int, producer_id: int, epoch: int, first_offset: int = 0
) -> OpenTransaction:
    return OpenTransaction(TopicPartition(topic, partition), producer_id, epoch, 0, first_offset)


def test_what_was_begun_before_the_writer_was_opened_hangs() -> None:
    hanging = open_in(SESSIONIZER_CHANGELOG, 0, OWNER.id, 4)
    told = open_in(SESSIONS, 3, OWNER.id, 0)
    assert left_open([hanging, told], {0: OWNER}) == [hanging, told]


def test_what_the_opened_writer_or_a_later_one_has_begun_does_not_hang() -> None:
    assert (
        left_open([open_in(SESSIONIZER_CHANGELOG, 0, OWNER.id, epoch) for epoch in (5, 6)], {0: OWNER}) == []
    )


def test_what_other_partitions_owners_have_open_is_theirs() -> None:
    assert left_open([open_in(SESSIONS, 0, 31, 0), open_in(DEAD_LETTERS, 0, 31, 9)], {0: OWNER}) == []
    assert (
        of_others([open_in(SESSIONS, 0, 31, 0), open_in(SESSIONIZER_CHANGELOG, 1, 31, 0)], {0: OWNER}) is None
    )


def test_state_behind_a_stranger_s_transaction_is_refused_in_words_that_name_it() -> None:
    refused = of_others([open_in(SESSIONIZER_CHANGELOG, 2, 99, 0, first_offset=17)], {2: OWNER})
    assert refused is not None
    assert "in partition 2, from offset 17 on" in refused
    assert "producer 99" in refused
    assert "kafka-transactions.sh" in refused


@pytest.mark.parametrize(
    ("last_position", "committed", "acknowledged"),
    [
        (4, Committed(5, 4), True),
        (4, Committed(9, 4), True),
        (4, Committed(4, 4), False),
        (4, None, False),
        (None, Committed(9, 4), False),
    ],
)
def test_only_what_the_group_has_committed_behind_was_heard_of(
    last_position: int | None, committed: Committed | None, acknowledged: bool
) -> None:
    assert was_acknowledged(last_position, committed) is acknowledged


def test_an_own_transaction_hangs_once_no_coordinator_would_let_it_be_open_any_more() -> None:
    assert HANGS_AFTER_S >= TRANSACTION_TIMEOUT_MS / 1000 + 10
    watched, ours = Watched(), open_in(SESSIONS, 0, OWNER.id, 5)
    others = open_in(SESSIONS, 1, 31, 5)
    assert watched.look([ours, others], {OWNER.id}, 100.0) == []
    assert watched.look([ours, others], {OWNER.id}, 99.9 + HANGS_AFTER_S) == []
    assert watched.look([ours, others], {OWNER.id}, 100.0 + HANGS_AFTER_S) == [ours]


def test_one_transaction_after_another_does_not_hang() -> None:
    watched = Watched()
    assert watched.look([open_in(SESSIONS, 0, OWNER.id, 5, 10)], {OWNER.id}, 0.0) == []
    assert watched.look([open_in(SESSIONS, 0, OWNER.id, 5, 20)], {OWNER.id}, HANGS_AFTER_S) == []
    assert watched.look([], {OWNER.id}, 1.5 * HANGS_AFTER_S) == []
    assert watched.look([open_in(SESSIONS, 0, OWNER.id, 5, 20)], {OWNER.id}, 2.5 * HANGS_AFTER_S) == []
