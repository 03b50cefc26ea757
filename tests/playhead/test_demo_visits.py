import pytest

from playhead.demo_tenant import ADMIN, SHOP
from playhead.demo_visits import plan_visits
from playhead.player.recording import Recording, timed
from schemas.connection import Connection

KEYS = {SHOP: "shop-key", ADMIN: "admin-key"}
GAP_MS = Connection(id="c", tenant="t", name="n", created_at=0, write_keys=()).gap_ms
RETAIN_MS = 2 * 3_600_000


def recordings(count: int) -> list[Recording]:
    return [Recording(str(n), [timed(b'{"timestamp":1}')]) for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 6, 25])
def test_every_recording_is_played_once_with_its_connections_key(count: int) -> None:
    planned = plan_visits(recordings(count), KEYS)
    assert sorted(int(v.recording.name) for visits in planned.values() for v in visits) == list(range(count))
    assert all(visit.key == KEYS[connection] for connection, visits in planned.items() for visit in visits)


def test_of_six_some_are_active_and_some_completed_on_both_connections() -> None:
    for visits in plan_visits(recordings(6), KEYS).values():
        assert {visit.ended_ago_ms > 0 for visit in visits} == {True, False}


def test_a_completed_visit_is_older_than_the_gap_and_young_enough_to_be_one_session() -> None:
    visits = [visit for of_one in plan_visits(recordings(50), KEYS).values() for visit in of_one]
    grace_ms = 120_000
    completed = [visit.ended_ago_ms for visit in visits if visit.ended_ago_ms]
    assert min(completed) > GAP_MS + grace_ms
    assert max(completed) < GAP_MS + RETAIN_MS
