"""The shard as the changelog makes it: recovery merges, and out-of-date values do no harm."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionizer.core.block import run_block
from sessionizer.core.state import (
    POSITION_KEY,
    ChangelogEntry,
    Position,
    Shard,
    Visitor,
    decode_visitor,
    encode_position,
    encode_visitor,
)
from tests.builders.batches import MINUTE, T0, a_batch
from tests.builders.logs import Log, a_log, in_blocks
from tests.sessionizer.core.random_logs import RULES, logs, thorough


def recovered(changelog: list[ChangelogEntry]) -> Shard:
    shard = Shard(0)
    for key, value in changelog:
        shard.apply(key, value)
    shard.rebuild_deadlines()
    return shard


def run(log: Log) -> tuple[Shard, list[ChangelogEntry]]:
    shard, changelog = Shard(0), list[ChangelogEntry]()
    for block in in_blocks(log, [3]):
        changelog += run_block(shard, block, block[-1].offset, RULES).changelog
    return shard, changelog


@thorough
@given(logs())
def test_a_recovered_shard_knows_what_the_lost_one_knew(log: Log) -> None:
    lost, changelog = run(log)
    found = recovered(changelog)
    assert (found.offset, found.watermark, found.active_sessions) == (
        lost.offset,
        lost.watermark,
        lost.active_sessions,
    )
    assert found.visitors.keys() == lost.visitors.keys()
    for key, value in found.visitors.items():
        known, before = decode_visitor(value), decode_visitor(lost.visitors[key])
        assert (known.active, known.completed, known.seen) == (before.active, before.completed, before.seen)
        assert min(due for due, of in found.deadlines if of == key) <= before.due


@thorough
@given(logs(), st.data())
def test_a_changelog_read_again_from_anywhere_changes_nothing(log: Log, data: st.DataObject) -> None:
    _, changelog = run(log)
    again = data.draw(st.integers(0, len(changelog)))
    once, twice = recovered(changelog), recovered([*changelog, *changelog[again:]])
    assert (twice.visitors, twice.offset, twice.watermark) == (once.visitors, once.offset, once.watermark)
    assert sorted(twice.deadlines) == sorted(once.deadlines)


def test_an_older_value_changes_nothing() -> None:
    shard = Shard(0)
    new, old, same = Visitor(offset=9, changes=4), Visitor(offset=8, changes=7), Visitor(offset=9, changes=3)
    for visitor in (new, old, same):
        shard.apply(b"shop/ann", encode_visitor(visitor))
    assert decode_visitor(shard.visitors[b"shop/ann"]) == new


def test_an_older_position_changes_nothing() -> None:
    shard = Shard(0)
    shard.apply(POSITION_KEY, encode_position(Position(9, 900)))
    shard.apply(POSITION_KEY, encode_position(Position(8, 800)))
    assert (shard.offset, shard.watermark) == (9, 900)


def test_a_rebuild_that_began_makes_void_what_came_before() -> None:
    old = [
        (b"shop/ann", encode_visitor(Visitor(offset=9, changes=9))),
        (b"shop/ben", encode_visitor(Visitor())),
    ]
    began = [*old, (POSITION_KEY, encode_position(Position(9, 900, 4))), (POSITION_KEY, None)]
    shard = recovered(began)
    assert (shard.visitors, shard.offset, shard.watermark, shard.partitions) == ({}, -1, 0, 0)
    new = encode_visitor(Visitor(offset=7))
    shard = recovered([*began, (b"shop/ann", new), (POSITION_KEY, encode_position(Position(8, 800, 8)))])
    assert shard.visitors == {b"shop/ann": new}
    assert (shard.offset, shard.watermark, shard.partitions) == (8, 800, 8)


def test_a_position_notes_how_many_partitions_there_were() -> None:
    shard = Shard(0)
    shard.partitions = 4
    ((_, value),) = shard.seal((), 7)
    again = recovered([(POSITION_KEY, value)])
    assert (again.offset, again.partitions) == (7, 4)


def test_sealing_writes_an_untouched_visitor_as_it_is_and_a_forgotten_one_as_a_tombstone() -> None:
    """A rebuild seals all that it has folded, block by block, at once."""
    ann, ben = encode_visitor(Visitor(offset=3)), encode_visitor(Visitor(offset=4))
    shard = recovered([(b"shop/ann", ann), (b"shop/ben", ben)])
    shard.forget(b"shop/ben")
    entries = shard.seal([b"shop/ann", b"shop/ben"], 7)
    assert entries[:2] == [(b"shop/ann", ann), (b"shop/ben", None)]


def test_a_position_of_an_earlier_release_has_no_count() -> None:
    shard = recovered([(POSITION_KEY, msgspec.msgpack.encode([9, 900]))])
    assert (shard.offset, shard.watermark, shard.partitions) == (9, 900, 0)


@pytest.mark.parametrize("value", [b"", b"\xc1", b"\x93\x01", b"text"])
def test_a_value_that_is_no_state_is_an_error_not_an_empty_visitor(value: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        recovered([(b"shop/ann", value)])
    with pytest.raises(msgspec.DecodeError):
        recovered([(b"shop/ann", encode_visitor(Visitor())), (b"shop/ann", value)])


def test_a_value_with_fields_of_a_later_release_is_read() -> None:
    parts = msgspec.msgpack.decode(encode_visitor(Visitor(offset=3)))
    assert decode_visitor(msgspec.msgpack.encode([*parts, "later"])) == Visitor(offset=3)


def test_a_usual_live_session_takes_less_than_half_a_kib() -> None:
    shard = Shard(0)
    batches = (
        a_batch(
            T0 + seq * MINUTE // 6,
            seq=seq,
            visitor="v0123456789abcdef0123",
            window="w0123456789abcdef0123",
            meta_at=T0 + seq * MINUTE // 6,
            href="https://shop.example/products/1234-a-usual-name?utm_source=newsletter&utm_campaign=spring",
            full_snapshots_at=(T0 + seq * MINUTE // 6,),
            user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/143.0.0.0 Safari/537.36",
        )
        for seq in range(200)
    )
    run_block(shard, a_log(batches), 199, RULES)
    (value,) = shard.visitors.values()
    assert len(value) < 512
