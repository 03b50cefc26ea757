"""A crash anywhere repeats work and neither loses nor doubles it.

The simulation has what is kept outside the process: the tables, the changelog, the log. A process recovers
its shard from the changelog, goes on after its position, and may die at any of the points around insert and
position, having written any of the visitors' states, as the brokers may have kept any part of a batch.
"""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sessionizer.core.block import run_block
from sessionizer.core.effects import Effects
from sessionizer.core.record import Record
from sessionizer.core.state import POSITION_KEY, ChangelogEntry, Shard
from tests.builders.logs import Log
from tests.builders.tables import Tables, recording_key, session_key, tables_of, token_of
from tests.sessionizer.core.random_logs import RULES, block_sizes, logs, thorough

POINTS = ("none", "before insert", "after insert", "in changelog", "before position", "after position")


class Changelog:
    """What the brokers keep: a compacted topic, read from its beginning and again from anywhere."""

    def __init__(self) -> None:
        self.records: list[ChangelogEntry] = []

    def recovered(self, compacted: bool, read_again_from: int) -> Shard:
        records = self.records
        if compacted:
            last = {key: at for at, (key, _) in enumerate(records)}
            records = [entry for at, entry in enumerate(records) if last[entry[0]] == at]
        shard = Shard(0)
        for key, value in [*records, *records[read_again_from:]]:
            shard.apply(key, value)
        shard.rebuild_deadlines()
        return shard


class Place:
    """Tables, changelog and log of one partition, and the processes that come and go."""

    def __init__(self, log: Log, tokens_work: bool) -> None:
        self.log = log
        self.tokens_work = tokens_work
        self.tables = Tables()
        self.changelog = Changelog()
        self.offered: dict[str, int] = {}

    def insert(self, block: Sequence[Record], effects: Effects) -> None:
        """The insert. What was inserted before may be repeated only as it was."""
        for row in effects.assigned:
            assert self.tables.recordings.get(recording_key(row), row) == row
        for version in effects.sessions:
            held = self.tables.sessions.get(session_key(version))
            assert held is None or held.version != version.version or held == version
        token = token_of(block)
        self.offered[token] = self.offered.get(token, 0) + 1
        self.tables.insert(token if self.tokens_work else f"{token}, {self.offered[token]}", effects)

    def live(self, shard: Shard, sizes: list[int], draw: st.DataObject) -> bool:
        """A process's life; true if it came to the log's end."""
        turn = 0
        while shard.offset + 1 < len(self.log):
            block = self.log[shard.offset + 1 : shard.offset + 1 + sizes[turn % len(sizes)]]
            turn += 1
            point = draw.draw(st.sampled_from(POINTS), label=f"crash in {token_of(block)}")
            effects = run_block(shard, block, block[-1].offset, RULES)
            if point == "before insert":
                return False
            self.insert(block, effects)
            if point == "after insert":
                return False
            *states, position = effects.changelog
            assert position[0] == POSITION_KEY
            if point == "in changelog":
                kept = draw.draw(
                    st.lists(st.booleans(), min_size=len(states), max_size=len(states)), label="kept"
                )
                self.changelog.records += [state for state, keep in zip(states, kept, strict=True) if keep]
                return False
            self.changelog.records += states
            if point == "before position":
                return False
            self.changelog.records.append(position)
            if point == "after position":
                return False
        return True


def run_with_crashes(log: Log, tokens_work: bool, lives: list[list[int]], draw: st.DataObject) -> Tables:
    place = Place(log, tokens_work)
    finished = False
    for sizes in [*lives, lives[0]]:
        compacted = draw.draw(st.booleans(), label="compacted")
        again = draw.draw(st.integers(0, 2 * len(place.changelog.records)), label="read again from")
        finished = place.live(place.changelog.recovered(compacted, again), sizes, draw)
        if finished:
            break
    shard = place.changelog.recovered(compacted=False, read_again_from=len(place.changelog.records))
    block = log[shard.offset + 1 :]
    if block and not finished:
        place.insert(block, run_block(shard, block, block[-1].offset, RULES))
    return place.tables


@thorough
@given(logs(), block_sizes(), st.integers(1, 8), st.data())
def test_crashes_with_the_same_blocks(log: Log, sizes: list[int], lives: int, draw: st.DataObject) -> None:
    assert run_with_crashes(log, True, [sizes] * lives, draw) == tables_of(log, RULES)


@thorough
@given(logs(), st.lists(block_sizes(), min_size=1, max_size=8), st.data())
def test_crashes_with_other_blocks_and_forgotten_tokens(
    log: Log, lives: list[list[int]], draw: st.DataObject
) -> None:
    """Even where ClickHouse has forgotten every token and each process cuts blocks of its own."""
    assert run_with_crashes(log, False, lives, draw) == tables_of(log, RULES)
