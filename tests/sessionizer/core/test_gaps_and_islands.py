"""Where nothing is late, sessions are what sorting says: islands of batches less than the gap apart."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders.batches import MINUTE, SECOND, T0, a_batch
from tests.builders.logs import a_log
from tests.builders.tables import tables_of
from tests.sessionizer.core.random_logs import GAP, block_sizes, thorough
from tests.sessionizer.core.world import RULES

steps = st.lists(st.integers(0, 15).map(lambda minutes: minutes * MINUTE), min_size=1, max_size=20)


def islands(times: list[int], gap_ms: int) -> list[list[int]]:
    found: list[list[int]] = []
    for at in sorted(times):
        if not found or at - found[-1][-1] >= gap_ms:
            found.append([])
        found[-1].append(at)
    return found


@thorough
@given(steps, block_sizes())
def test_in_order_sessions_are_islands(passing: list[int], sizes: list[int]) -> None:
    times = [T0 + sum(passing[: n + 1]) for n in range(len(passing))]
    tables = tables_of(a_log(a_batch(at, seq=n, gap_ms=GAP) for n, at in enumerate(times)), RULES, sizes)
    found = [(s.first_event_at, s.last_event_at, s.batches) for s in tables.in_order()]
    assert found == [(island[0], island[-1], len(island)) for island in islands(times, GAP)]


@thorough
@given(st.permutations([T0 + n * 50 * SECOND for n in range(10)]), block_sizes())
def test_within_one_gap_the_order_of_arrival_does_not_matter(times: list[int], sizes: list[int]) -> None:
    """All within less than the gap of each other: one session with the same facts, whoever came first."""
    received_at = T0 + 8 * MINUTE
    batches = [
        a_batch(
            at,
            seq=(at - T0) // (50 * SECOND),
            delay_ms=received_at - at,
            meta_at=at,
            href=f"https://shop.example/{at - T0}",
            full_snapshots_at=(at,),
            final=at == T0 + 450 * SECOND,
            gap_ms=GAP,
        )
        for at in times
    ]
    (session,) = tables_of(a_log(batches), RULES, sizes).in_order()
    assert (session.first_event_at, session.last_event_at, session.batches) == (T0, T0 + 450 * SECOND, 10)
    assert (session.landing_url, session.version) == ("https://shop.example/0", 10)
    (window,) = session.windows
    assert (window.playable_at, window.missing, window.ended) == (T0, 0, True)
