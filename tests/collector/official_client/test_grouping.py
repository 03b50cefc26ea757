"""A socket's messages become batches by time, bytes and number, whichever comes first."""

from hypothesis import given
from hypothesis import strategies as st

from collector.official_client.grouping import Group, GroupLimits

LIMITS = GroupLimits(wait_ms=1_000, most_bytes=100, most_messages=5)


def test_an_empty_group_is_never_due():
    group = Group(LIMITS)
    assert group.due_at_ms is None
    assert not group.is_due(10**15)


def test_it_is_due_so_long_after_its_first_message():
    group = Group(LIMITS)
    group.add(b"a", 50)
    group.add(b"b", 900)
    assert group.due_at_ms == 1_050
    assert not group.is_due(1_049)
    assert group.is_due(1_050)


def test_it_is_due_with_so_many_bytes():
    group = Group(LIMITS)
    group.add(b"x" * 99, 0)
    assert not group.is_due(0)
    group.add(b"x", 0)
    assert group.is_due(0)


def test_it_is_due_with_so_many_messages():
    group = Group(LIMITS)
    for _ in range(4):
        group.add(b"x", 0)
    assert not group.is_due(0)
    group.add(b"x", 0)
    assert group.is_due(0)


def test_what_was_taken_counts_no_more():
    group = Group(LIMITS)
    group.add(b"x" * 100, 0)
    assert group.take() == [b"x" * 100]
    assert group.take() == []
    assert group.due_at_ms is None
    group.add(b"y" * 99, 7_000)
    assert group.due_at_ms == 8_000
    assert not group.is_due(7_999)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 1_500))))
def test_every_message_is_in_one_batch_in_order_and_none_waits_too_long(steps):
    group, now, came, batches = Group(LIMITS), 0, [], []
    for size, later in steps:
        now += later
        if group.is_due(now):
            batches.append(group.take())
        message = b"%d:" % len(came) + b"x" * size
        came.append(message)
        group.add(message, now)
        if group.is_due(now):
            batches.append(group.take())
        assert group.due_at_ms is None or now < group.due_at_ms <= now + LIMITS.wait_ms
    batches.append(group.take())
    assert [message for batch in batches for message in batch] == came
    assert all(sum(map(len, batch[:-1])) < LIMITS.most_bytes for batch in batches)
    assert all(len(batch) <= LIMITS.most_messages for batch in batches)
